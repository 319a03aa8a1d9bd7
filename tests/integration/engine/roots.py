"""A root of its own for an engine, with the repository's `kestra` and other secrets."""

from pathlib import Path

SECRETS = {
    "TOKEN": 'Tok3n of "Ünser" & more+/',
    "PLAIN": "plain-Secret-4711-value",
    "ROTATED": "before-Rotation-0815",
}


def own_root(folder: Path, secrets: str) -> Path:
    """Make a root below a folder; `secrets` is the text of its `kestra/secrets.env`."""
    kestra = folder / "root" / "kestra"
    kestra.mkdir(parents=True)
    for source in (Path(__file__).resolve().parents[3] / "kestra").iterdir():
        if source.name not in ("flows", "secrets.env", "secrets"):
            (kestra / source.name).symlink_to(source)
    (kestra / "secrets.env").write_text(secrets)
    return folder / "root"
