"""supervisord's configuration for a stack, as text, and where its control socket lies."""

import hashlib
import os
import shlex
import sys
import tempfile
from pathlib import Path

from cerberus.errors import Misconfigured
from cerberus.supervisor.stack import PROCESS_VARIABLE, Program, Stack

WATCH = "watch"
#: a socket's path holds at most 107 bytes, and supervisord appends a dot and its pid while binding
SOCKET_PATH_BYTES = 107 - len(".4194304")
LOG_MEGABYTES, LOG_BACKUPS = 10, 3


def socket_path(stack: Stack, runtime_folder: Path | None = None) -> Path:
    """Return where the control socket lies: below `var/run`, or in a short folder of the user's.

    Raises
    ------
    Misconfigured
        Both are too long for the operating system.
    """
    wanted = stack.run / "control.sock"
    if len(os.fsencode(wanted)) <= SOCKET_PATH_BYTES:
        return wanted
    digest = hashlib.sha256(os.fsencode(stack.var)).hexdigest()[:16]
    folder = (runtime_folder or Path(tempfile.gettempdir())) / f"cerberus-{os.getuid()}-{digest}"
    short = folder / "control.sock"
    if len(os.fsencode(short)) > SOCKET_PATH_BYTES:
        raise Misconfigured(
            f"the path of the control socket has {len(os.fsencode(short))} bytes, the limit is "
            f"{SOCKET_PATH_BYTES}: set CERBERUS_VAR or TMPDIR to a shorter folder"
        )
    return short


def supervisord_configuration(stack: Stack) -> str:
    """Return the whole configuration file."""
    sections = [
        _section("unix_http_server", file=str(socket_path(stack)), chmod="0600"),
        _section(
            "supervisord",
            identifier="cerberus",
            umask="077",
            directory=str(stack.var),
            pidfile=str(stack.pid_file),
            logfile=str(stack.log_of("supervisord")),
            logfile_maxbytes=f"{LOG_MEGABYTES}MB",
            logfile_backups=str(LOG_BACKUPS),
            childlogdir=str(stack.log),
        ),
        "[rpcinterface:supervisor]\n"
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n",
        _section("supervisorctl", serverurl=f"unix://{socket_path(stack)}"),
        _watch(stack),
        *(_program(stack, program) for program in stack.programs),
    ]
    return "\n".join(sections)


def _program(stack: Stack, program: Program) -> str:
    return _section(
        f"program:{program.name}",
        command=_command(program.command),
        directory=str(stack.root),
        priority=str(program.priority),
        environment=f'{PROCESS_VARIABLE}="{program.name}"',
        autostart="true",
        autorestart="true",
        # a death before this many seconds is retried with a growing delay, a later one at once
        startsecs=str(stack.limits.stable_seconds),
        startretries=str(stack.limits.restart_limit),
        stopsignal="TERM",
        stopwaitsecs=str(program.stop_seconds),
        killasgroup="true",
        redirect_stderr="true",
        **_log("stdout", stack, program.name),
    )


def _watch(stack: Stack) -> str:
    command = (sys.executable, "-m", "cerberus.supervisor.listener", str(stack.stack_file))
    return _section(
        f"eventlistener:{WATCH}",
        command=_command(command),
        events="PROCESS_STATE",
        buffer_size="1000",
        environment=f'{PROCESS_VARIABLE}="{WATCH}"',
        autorestart="true",
        startretries="100",
        stopwaitsecs="2",
        **_log("stderr", stack, WATCH),
    )


def _log(stream: str, stack: Stack, name: str) -> dict[str, str]:
    return {
        # supervisord expands this value twice, so that no escape saves a percent sign in the path;
        # a relative one is taken from its working folder, which is `var`
        f"{stream}_logfile": str(stack.log_of(name).relative_to(stack.var)),
        f"{stream}_logfile_maxbytes": f"{LOG_MEGABYTES}MB",
        f"{stream}_logfile_backups": str(LOG_BACKUPS),
    }


def _command(command: tuple[str, ...]) -> str:
    return shlex.join(command)


def _section(name: str, **values: str) -> str:
    # supervisord expands %(name)s in every value
    lines = [f"{key} = {value.replace('%', '%%')}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, ""])
