"""Bring everything that the engine needs into the shared cache; doing it twice changes nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cerberus.engine.install.cache import JarCache
from cerberus.engine.install.compile import compile_jar, sources_digest
from cerberus.engine.install.fetch import Download, download_with_jgo, fetch_all
from cerberus.engine.install.lock import Artifact, lock_digest, read_lock
from cerberus.settings import EngineSettings, Paths

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class Installation:
    """Where an installed engine lies, and what it is made of.

    `class_path` is sorted: an ahead-of-time cache is bound to the order. `digest` names the jars
    and our own classes.
    """

    cache: Path
    class_path: tuple[Path, ...]
    digest: str


def cache_folder(settings: EngineSettings) -> Path:
    """Return the folder shared by all clones of this user."""
    if settings.cache is not None:
        return settings.cache.expanduser().resolve() / "engine"
    return settings.cache_home.expanduser().resolve() / "cerberus" / "engine"


def install(
    paths: Paths,
    settings: EngineSettings,
    console: "Console | None" = None,
    download: Download = download_with_jgo,
) -> Installation:
    """Fetch what is missing or broken, compile our classes if they changed.

    Raises
    ------
    cerberus.engine.install.fetch.WrongHash
        A jar is not the one which the lock names.
    cerberus.errors.Transient
        A jar could not be fetched.
    """
    artifacts = read_lock(lock_file(paths))
    cache = JarCache(cache_folder(settings))
    source = paths.root / "kestra" / "java"
    with cache.locked():
        _fetch_missing(cache, artifacts, console, download)
        ours = _our_jar(cache, artifacts, source)
        if not ours.exists():
            compiler = next(each for each in artifacts if each.is_compiler)
            compile_jar(source, cache.path(compiler), _jars(cache, artifacts), ours)
    return _installation(cache, artifacts, ours)


def require_installed(paths: Paths, settings: EngineSettings) -> Installation | None:
    """Return the installation if nothing is missing, without fetching; otherwise None."""
    artifacts = read_lock(lock_file(paths))
    cache = JarCache(cache_folder(settings))
    ours = _our_jar(cache, artifacts, paths.root / "kestra" / "java")
    if cache.missing(artifacts) or not ours.exists():
        return None
    return _installation(cache, artifacts, ours)


def lock_file(paths: Paths) -> Path:
    """Return the path of the engine's lock."""
    return paths.root / "kestra" / "engine.lock"


def _fetch_missing(
    cache: JarCache, artifacts: tuple[Artifact, ...], console: "Console | None", download: Download
) -> None:
    missing = cache.missing(artifacts)
    if not missing:
        return

    from cerberus.engine.install.progress import progress  # heavy, and mostly nothing is missing

    with progress("fetch the engine's jars", len(missing), console) as advance:
        fetch_all(cache, missing, lambda _: advance(), download)
    cache.missing(artifacts)  # stamps the new files


def _our_jar(cache: JarCache, artifacts: tuple[Artifact, ...], source: Path) -> Path:
    digest = sources_digest(source, lock_digest(artifacts))
    return cache.root / "classes" / f"cerberus-{digest[:32]}.jar"


def _jars(cache: JarCache, artifacts: tuple[Artifact, ...]) -> list[Path]:
    return sorted(cache.path(artifact) for artifact in artifacts if not artifact.is_compiler)


def _installation(cache: JarCache, artifacts: tuple[Artifact, ...], ours: Path) -> Installation:
    # our jar's name holds the hash over the lock and our sources
    digest = ours.stem.removeprefix("cerberus-")
    return Installation(cache.root, (*_jars(cache, artifacts), ours), digest)
