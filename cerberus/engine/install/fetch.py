"""Fetch jars by their coordinates, several at once, and let none pass whose hash is wrong."""

import shutil
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from cerberus.engine.install.cache import JarCache, sha256_of
from cerberus.engine.install.lock import Artifact
from cerberus.errors import CerberusError, Transient

PARALLEL = 16
ATTEMPTS = 3

#: fetch the artifact into the folder and return the file
Download = Callable[[Artifact, Path], Path]


class WrongHash(CerberusError):
    """A jar that was fetched is not the one which the lock names."""


def download_with_jgo(artifact: Artifact, folder: Path) -> Path:
    """Fetch one jar into an empty folder, from where jgo finds it."""
    from jgo.maven import MavenContext  # heavy, and not needed when everything is there

    context = MavenContext(repo_cache=folder, timeout=30)
    component = context.project(artifact.group, artifact.name).at_version(artifact.version)
    found = component.artifact(classifier=artifact.classifier, packaging="jar").resolve()
    return Path(found)


def fetch_all(
    cache: JarCache,
    artifacts: tuple[Artifact, ...],
    fetched: Callable[[Artifact], None],
    download: Download = download_with_jgo,
) -> None:
    """Fetch every artifact into the cache; the first failure ends it, what is done stays.

    Raises
    ------
    WrongHash
        A jar had the wrong hash twice.
    Transient
        A jar could not be fetched after several attempts.
    """
    cache.root.mkdir(parents=True, exist_ok=True)
    given_up = threading.Event()
    with (
        tempfile.TemporaryDirectory(prefix="partial-", dir=cache.root) as scratch,
        ThreadPoolExecutor(PARALLEL) as pool,
    ):
        futures = {
            pool.submit(_fetch_one, cache, artifact, Path(scratch), download, given_up): artifact
            for artifact in artifacts
        }
        try:
            for future in as_completed(futures):
                future.result()
                fetched(futures[future])
        except BaseException:
            given_up.set()
            pool.shutdown(cancel_futures=True)
            raise


def fetch_verified(artifact: Artifact, folder: Path, download: Download) -> Path:
    """Fetch one jar and return it; a wrong hash is deleted and fetched once more."""
    actual = ""
    for _ in range(2):
        path = _download(artifact, folder, download)
        actual = sha256_of(path)
        if artifact.sha256 in (actual, ""):
            return path
        shutil.rmtree(folder)
    raise WrongHash(
        f"{artifact.coordinate}: sha256 is {actual}, the lock says {artifact.sha256}; "
        "the artifact was deleted"
    )


def _fetch_one(
    cache: JarCache,
    artifact: Artifact,
    scratch: Path,
    download: Download,
    given_up: threading.Event,
) -> None:
    if given_up.is_set():
        return
    # a folder of its own: jgo's cache then holds nothing but this jar and vanishes with it
    folder = scratch / artifact.file_name
    cache.accept(artifact, fetch_verified(artifact, folder, download))
    shutil.rmtree(folder, ignore_errors=True)


def _download(artifact: Artifact, folder: Path, download: Download) -> Path:
    problem: Exception | None = None
    for _ in range(ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            return download(artifact, folder)
        # requests' errors are OSErrors, jgo raises RuntimeError for all that is not there
        except (OSError, RuntimeError, ValueError) as error:
            problem = error
    raise Transient(
        f"{artifact.coordinate} could not be fetched in {ATTEMPTS} attempts: {problem}"
    ) from problem
