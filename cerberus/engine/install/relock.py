"""Make the lock anew from its own coordinates; the only place where a hash is taken on trust."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from cerberus.engine.install.cache import sha256_of
from cerberus.engine.install.fetch import PARALLEL, Download, download_with_jgo, fetch_verified
from cerberus.engine.install.lock import Artifact, format_lock, read_lock
from cerberus.engine.install.progress import progress


def relock(path: Path, console: Console, download: Download = download_with_jgo) -> int:
    """Fetch each coordinate once more, write the hashes found, and return the number of jars."""
    artifacts = read_lock(path, hashes_required=False)
    with (
        tempfile.TemporaryDirectory(prefix="relock-") as scratch,
        progress("lock the engine's jars", len(artifacts), console) as advance,
        ThreadPoolExecutor(PARALLEL) as pool,
    ):

        def hashed(artifact: Artifact) -> Artifact:
            unlocked = replace(artifact, sha256="")
            file = fetch_verified(unlocked, Path(scratch, artifact.file_name), download)
            advance()
            return replace(artifact, sha256=sha256_of(file))

        found = tuple(pool.map(hashed, artifacts))
    path.write_text(format_lock(found))
    return len(found)
