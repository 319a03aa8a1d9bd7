"""Runs one command of a task and keeps it within its limits; nothing of it is left afterwards.

    python -I -S guard.py MEMORY_MEGABYTES OUTPUT_KILOBYTES OUTPUT_LINES SECONDS -- COMMAND...

Linux hands every orphan among its descendants over to it, so that none escapes by a session of its
own. It imports the standard library only and starts within some milliseconds.
"""

import ctypes
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

#: between the request to end and the kill
GRACE_SECONDS = 3.0
LOOK_SECONDS = 0.2
#: for what a command's last words need after its end
DRAIN_SECONDS = 0.5
CHUNK = 16384
PAGE = os.sysconf("SC_PAGE_SIZE")

EXIT_TIME, EXIT_OUTPUT, EXIT_MEMORY = 124, 125, 126
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


class Exceeded(Exception):
    """A limit was passed, or somebody asked for the end."""

    def __init__(self, code: int, reason: str, *, at_once: bool = True) -> None:
        super().__init__(reason)
        self.code = code
        self.at_once = at_once


class Limits(NamedTuple):
    """What a command and all its descendants may use together."""

    memory_bytes: int
    output_bytes: int
    output_lines: int
    seconds: float


class Guard:
    """One command with its descendants, and the pipes that carry its words."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._written = 0
        self._lines = 0
        self._pipes: dict[int, int] = {}
        self._signal: int | None = None

    def run(self, command: list[str]) -> int:
        """Run the command to its end, or to its limit, and return the exit code."""
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        child = self._start(command)
        try:
            status = self._watch(child)
        except Exceeded as limit:
            _say(f"guard: {limit}")
            if not limit.at_once:
                self._ask_to_end()
            return limit.code
        finally:
            end_all()
        return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + status % 128

    def _on_signal(self, number: int, _: object) -> None:
        self._signal = number

    def _start(self, command: list[str]) -> int:
        ends = [os.pipe(), os.pipe()]
        child = os.fork()
        if child == 0:
            _become(command, [write for _, write in ends], self._limits.memory_bytes)
        for target, (read, write) in enumerate(ends, start=1):
            os.close(write)
            self._pipes[read] = target
        return child

    def _watch(self, child: int) -> int:
        began = time.monotonic()
        while True:
            self._carry(LOOK_SECONDS)
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                self._drain()
                return status
            if self._signal is not None:
                name = signal.Signals(self._signal).name
                raise Exceeded(128 + self._signal, f"ended by {name}", at_once=False)
            if time.monotonic() - began > self._limits.seconds:
                reason = f"time exceeds limit {self._limits.seconds:g} s"
                raise Exceeded(EXIT_TIME, reason, at_once=False)
            limit = self._limits.memory_bytes
            used = memory_of_descendants(limit)
            if used > limit:
                reason = f"memory {used >> 20} MB exceeds limit {limit >> 20} MB"
                raise Exceeded(EXIT_MEMORY, reason)

    def _ask_to_end(self) -> None:
        limit = time.monotonic() + GRACE_SECONDS
        asked: set[int] = set()
        # the whole list first: the children of one that has died are found elsewhere
        while (found := list(descendants())) and time.monotonic() < limit:
            for pid in set(found) - asked:
                _signal(pid, signal.SIGTERM)
            asked.update(found)
            _reap()
            try:
                self._carry(0.05)
            except Exceeded:
                return

    def _drain(self) -> None:
        limit = time.monotonic() + DRAIN_SECONDS
        while self._pipes and time.monotonic() < limit and self._carry(0.0 if _alone() else 0.05):
            pass

    def _carry(self, seconds: float) -> bool:
        """Pass on what was written; tell whether there was anything."""
        if not self._pipes:
            time.sleep(seconds)
            return False
        try:
            ready, _, _ = select.select(list(self._pipes), [], [], seconds)
        except InterruptedError:
            return True
        for pipe in ready:
            data = os.read(pipe, CHUNK)
            target = self._pipes[pipe] if data else self._pipes.pop(pipe)
            self._count(target, data)
        return bool(ready)

    def _count(self, target: int, data: bytes) -> None:
        limits = self._limits
        room = limits.output_bytes - self._written
        self._written += len(data)
        self._lines += data.count(b"\n")
        _write(target, data[: max(0, room)])
        if self._written > limits.output_bytes:
            raise Exceeded(EXIT_OUTPUT, f"output exceeds limit {limits.output_bytes >> 10} KB")
        if self._lines > limits.output_lines:
            raise Exceeded(EXIT_OUTPUT, f"output exceeds limit {limits.output_lines} lines")


def descendants(pid: int | None = None) -> Iterator[int]:
    """Yield every process below this one."""
    root = os.getpid() if pid is None else pid
    try:
        threads = os.listdir(f"/proc/{root}/task")
    except OSError:
        return
    for thread in threads:
        try:
            with open(f"/proc/{root}/task/{thread}/children") as file:
                children = [int(word) for word in file.read().split()]
        except OSError:
            continue
        for child in children:
            yield child
            yield from descendants(child)


def memory_of_descendants(limit: int) -> int:
    """Return the bytes that all descendants hold; shared ones are counted once near the limit."""
    found = list(descendants())
    private = sum(_private(pid) for pid in found)
    return private if private <= limit else sum(_share(pid) for pid in found)


def end_all() -> None:
    """Kill every descendant until there is none, or only such as are another user's."""
    limit = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < limit:
        found = list(descendants())
        for pid in found:
            _signal(pid, signal.SIGSTOP)  # so that none forks while the others are killed
        for pid in found:
            _signal(pid, signal.SIGKILL)
        _reap()
        if not found:
            return
        time.sleep(0.005)


def _become(command: list[str], outputs: Sequence[int], memory_bytes: int) -> None:
    try:
        for target, pipe in enumerate(outputs, start=1):
            os.dup2(pipe, target)
        os.closerange(3, 256)
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.execvp(command[0], command)  # noqa: S606 - the task's own command
    except OSError as error:
        _say(f"guard: {command[0]} cannot be run: {error}")
    finally:
        os._exit(127)


def _private(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm") as file:
            _, resident, shared, *_ = file.read().split()
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(shared)) * PAGE


def _share(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            line = next(line for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
    return int(line.split()[1]) << 10


def _alone() -> bool:
    return next(descendants(), None) is None


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _write(target: int, data: bytes) -> None:
    while data:
        data = data[os.write(target, data) :]


def _say(text: str) -> None:
    try:
        _write(2, f"{text}\n".encode())
    except OSError:
        return  # nobody reads any more


def main(words: Sequence[str]) -> int:
    """Run the guard; the engine that is gone ends the command, too."""
    memory, output, lines, seconds, _, *command = words
    guard = Guard(Limits(int(memory) << 20, int(output) << 10, int(lines), float(seconds)))
    try:
        return guard.run(command)
    except BrokenPipeError:
        return 128 + signal.SIGPIPE


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))
