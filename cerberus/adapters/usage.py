"""What this process uses of its machine, or of its container."""

from pathlib import Path

import psutil

from cerberus.domain.components import Usage

_CONTAINER = Path("/sys/fs/cgroup")


class ProcessUsage:
    """Measures this process; the processor's share is that since the measurement before."""

    def __init__(self, container: Path = _CONTAINER) -> None:
        self._process = psutil.Process()
        self._container = container

    def __call__(self) -> Usage:
        """Measure."""
        with self._process.oneshot():
            return Usage(
                cpu_percent=self._process.cpu_percent(),
                resident_bytes=self._process.memory_info().rss,
                memory_used_ratio=self._used_ratio(),
                threads=self._process.num_threads(),
            )

    def _used_ratio(self) -> float:
        """Return the used share of what may be used: the machine's, or the container's if less."""
        machine = psutil.virtual_memory()
        try:
            limit = int((self._container / "memory.max").read_text())
            used = int((self._container / "memory.current").read_text())
            # files that the kernel may drop at once count as used there
            lines = (self._container / "memory.stat").read_text().splitlines()
            droppable = int(dict(line.split() for line in lines).get("inactive_file", 0))
        except (OSError, ValueError):
            return float(machine.percent) / 100
        if limit >= machine.total:
            return float(machine.percent) / 100
        return max(0.0, (used - droppable) / limit)
