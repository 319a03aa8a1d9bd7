"""The watch process, an event listener of supervisord: python -m cerberus.supervisor.listener FILE.

Between events it looks around. Its imports are few: it runs for as long as the stack does.
"""

import os
import select
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from cerberus.errors import Transient
from cerberus.supervisor.configuration import socket_path
from cerberus.supervisor.control import SocketControl
from cerberus.supervisor.direct_line import DirectLine
from cerberus.supervisor.schedules import EngineOverHttp, ScheduleWatchdog
from cerberus.supervisor.stack import Stack, read
from cerberus.supervisor.watch import Watch

STDIN, STDOUT = 0, 1


def main(stack_file: Path) -> None:
    """Serve supervisord's event protocol until supervisord goes."""
    stack = read(stack_file)
    control = SocketControl(socket_path(stack))
    engine = _engine(stack)
    schedules = ScheduleWatchdog(engine) if engine else None
    watch = Watch(
        stack,
        control,
        lambda: datetime.now(UTC),
        schedules=schedules,
        flow_files=engine,
        direct_line=DirectLine(stack),
    )
    os.write(STDOUT, b"READY\n")
    # first hear what happened until now, then look
    looked_at = time.monotonic()
    while True:
        wait = looked_at + watch.seconds_between_rounds - time.monotonic()
        if select.select([STDIN], [], [], max(0.0, wait))[0]:
            event = _next_event()
            if event is None:
                return
            watch.hear(*event)
            os.write(STDOUT, b"RESULT 2\nOKREADY\n")
            continue
        try:
            watch.look()
        except Transient as error:
            # supervisord refuses calls while it shuts down
            print(f'event=no_look detail="{error}"', file=sys.stderr, flush=True)
        looked_at = time.monotonic()


def _engine(stack: Stack) -> EngineOverHttp | None:
    for program in stack.programs:
        if program.name == "engine":
            password = stack.var / "secrets" / "kestra_password"
            return EngineOverHttp(program.ready_url, stack.engine_user, password)
    return None


def _next_event() -> tuple[str, str, str] | None:
    header = b""
    while not header.endswith(b"\n"):
        byte = os.read(STDIN, 1)
        if not byte:
            return None
        header += byte
    fields = _fields(header)
    payload = b""
    while missing := int(fields["len"]) - len(payload):
        part = os.read(STDIN, missing)
        if not part:
            return None
        payload += part
    body = _fields(payload)
    return fields["eventname"], body["processname"], body.get("from_state", "")


def _fields(line: bytes) -> dict[str, str]:
    pairs = (part.partition(":") for part in line.decode().split())
    return {name: value for name, _, value in pairs}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
