"""Back the state up, and prove a backup by restoring it: who asked is noted."""

from cerberus.domain.backups import BackupTaken, Drill
from cerberus.ports import Backups
from cerberus.services.desk import Desk


async def take_backup(desk: Desk, backups: Backups, actor: str) -> BackupTaken:
    """Take a backup."""
    taken = await backups.take(desk.wall_clock.now())
    await _note(desk, actor, "backup", taken.backup.file, taken.backup.sha256)
    return taken


async def drill_restore(desk: Desk, backups: Backups, file: str | None, actor: str) -> Drill:
    """Restore a backup where nobody trades, by default the newest, and check its books."""
    drill = await backups.drill(file, desk.wall_clock.now())
    failed = [check.name for check in drill.checks if not check.holds]
    await _note(desk, actor, "restore_drill", drill.file, ", ".join(failed) or "holds")
    return drill


async def _note(desk: Desk, actor: str, action: str, subject: str, detail: str) -> None:
    now = desk.wall_clock.now()
    await desk.store.write(
        lambda transaction: transaction.facts.note(now, actor, action, subject, detail)
    )
