"""The values that fill the placeholders of `kestra/application.yml`."""

from dataclasses import dataclass
from pathlib import Path

from cerberus.settings import EngineSettings, Paths, Ports

#: what a stop needs beside its tasks: open requests before, results and database after them
STOP_OVERHEAD_SECONDS = 4


def task_grace_seconds(settings: EngineSettings) -> int:
    """Return how long running tasks may go on, so that the whole stop fits the grace."""
    return max(1, settings.grace_seconds - STOP_OVERHEAD_SECONDS)


@dataclass(frozen=True, slots=True)
class EngineValues:
    """What differs between two engines on a machine."""

    home: Path
    paths: Paths
    ports: Ports
    settings: EngineSettings
    encryption_key: str
    alerts_file: Path

    def properties(self) -> dict[str, str]:
        """Return the placeholders' names and values; they never touch the disk."""
        settings = self.settings
        return {
            "cerberus.home": str(self.home),
            "cerberus.grpc-port": str(self.ports.engine_grpc_port),
            "cerberus.engine-url": self.ports.engine_url,
            "cerberus.api-url": self.ports.api_url,
            "cerberus.simulator-url": self.ports.simulator_url,
            # for the one task that tells people while the API is dead; the engine would take
            # CERBERUS_VAR for `cerberus.var`, whatever is given here
            "cerberus.folder-root": str(self.paths.root.resolve()),
            "cerberus.folder-var": str(self.paths.under_var().resolve()),
            "cerberus.rules-file": str(self.alerts_file.resolve()),
            "cerberus.grace": f"{task_grace_seconds(settings)}s",
            "cerberus.poll-min": f"{settings.poll_min_milliseconds}ms",
            "cerberus.poll-max": f"{settings.poll_max_milliseconds}ms",
            "cerberus.encryption-key": self.encryption_key,
        }
