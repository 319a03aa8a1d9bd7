"""Tell people without an API: the rules, channels and secrets of the outbox, and no store."""

from dataclasses import replace
from pathlib import Path

from cerberus.adapters.clock import WallClock
from cerberus.adapters.notify.direct_files import DirectFiles
from cerberus.adapters.notify.rulebook import Rulebook
from cerberus.domain.alerts.alert import Alert
from cerberus.domain.alerts.direct import DirectAlert
from cerberus.services.alerts.direct import DirectTeller
from cerberus.settings import AlertSettings, Paths, load, named_secret


def direct_files(paths: Paths) -> DirectFiles:
    """Return where what is told directly waits for the API."""
    return DirectFiles(paths.under_var("data", "direct"))


def read_rulebook(paths: Paths, settings: AlertSettings) -> Rulebook:
    """Read the rules with the channels whose secrets are there.

    Raises
    ------
    Misconfigured
        The rules have an error, or a channel that must be there has no secret.
    """
    secrets = paths.under_var("secrets")
    rulebook = Rulebook(
        path=paths.root / settings.file,
        secrets=lambda name: named_secret(secrets, name),
        foreign_secrets=lambda: _values(secrets),
    )
    rulebook.load()
    return rulebook


async def tell_directly(new: Alert) -> DirectAlert:
    """Tell an alert on the first channel that takes it, unless people know of it.

    Raises
    ------
    Misconfigured
        As reading the rules.
    """
    paths, wall = load(Paths), WallClock()
    rulebook = read_rulebook(paths, load(AlertSettings))
    clean = rulebook.redact
    safe = replace(
        new, title=clean(new.title), message=clean(new.message), source=clean(new.source)
    )
    try:
        teller = DirectTeller(direct_files(paths), wall, rulebook.rules, rulebook.channels)
        return await teller.tell(safe)
    finally:
        await rulebook.poster.close()


def _values(folder: Path) -> tuple[str, ...]:
    """Return every secret of the folder, so that no message holds one."""
    files = [file for file in folder.iterdir() if file.is_file()] if folder.is_dir() else []
    return tuple(text for file in files if (text := file.read_text(errors="replace").strip()))
