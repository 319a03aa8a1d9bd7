"""What the engine process reads from outside."""

from dataclasses import dataclass
from pathlib import Path

from cerberus.engine.install import Installation
from cerberus.settings import EngineSettings, Paths, Ports


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything that the engine process reads from outside."""

    paths: Paths
    ports: Ports
    settings: EngineSettings
    installation: Installation

    @property
    def home(self) -> Path:
        """The engine's own folder."""
        return self.paths.under_var("kestra").resolve()

    @property
    def secrets(self) -> Path:
        """The folder of generated secrets."""
        return self.paths.under_var("secrets")
