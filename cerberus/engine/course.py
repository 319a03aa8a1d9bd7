"""The two courses of an engine process: serve, and train the ahead-of-time cache."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from cerberus.engine.install import Installation
from cerberus.engine.serve import Course, serve
from cerberus.engine.surroundings import Surroundings
from cerberus.engine.training.aot import StartMark, aot_cache, flags_to_use
from cerberus.engine.training.exercise import train
from cerberus.engine.training.trainer import Trainer
from cerberus.settings import EngineSettings, Paths, Ports, load

if TYPE_CHECKING:
    import uvicorn

_log = logging.getLogger(__name__)


def serve_until_signal(installation: Installation) -> None:
    """Run the engine; train its cache in the background when there is none."""
    around = _surroundings(installation)
    settings = around.settings
    cache = aot_cache(installation, settings.heap_megabytes)
    mark = StartMark(around.home)

    def run(server: "uvicorn.Server") -> None:
        mark.clear_ours()
        trainer = Trainer(cache, installation.digest, settings.train_after_seconds)
        if settings.train_cache and not cache.is_usable():
            trainer.start()
        try:
            server.run()
        finally:
            trainer.stop()

    try:
        serve(around, Course(aot=lambda: _logged(flags_to_use(cache, mark)), run=run))
    finally:
        mark.clear_ours()


def train_cache(installation: Installation, output: Path) -> None:
    """Run a scratch engine for its cache only; ends the process."""
    train(_surroundings(installation), output)


def _logged(flags: tuple[str, ...]) -> tuple[str, ...]:
    _log.info("ahead-of-time cache: %s", flags[0] if flags else "none yet")
    return flags


def _surroundings(installation: Installation) -> Surroundings:
    return Surroundings(load(Paths), load(Ports), load(EngineSettings), installation)
