from pathlib import Path

import pytest

from cerberus.engine.install.lock import Artifact, format_lock, lock_digest, read_lock
from cerberus.errors import Misconfigured

HASH = "a" * 64


def written(folder: Path, *lines: str) -> Path:
    path = folder / "engine.lock"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_reads_what_it_wrote(tmp_path: Path) -> None:
    artifacts = (
        Artifact("a.b", "one", "1.0", sha256=HASH),
        Artifact("a.b", "two", "2.0+x", "linux", HASH),
    )
    path = tmp_path / "engine.lock"
    path.write_text(format_lock(artifacts))
    assert read_lock(path) == artifacts


def test_the_digest_changes_with_a_hash(tmp_path: Path) -> None:
    one = read_lock(written(tmp_path, f"a:b:1 sha256:{HASH}"))
    other = read_lock(written(tmp_path, f"a:b:1 sha256:{'b' * 64}"))
    assert lock_digest(one) != lock_digest(other)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("nonsense", "no coordinate, was 'nonsense'"),
        ("a:b", "no coordinate"),
        ("a:b:1:c:d sha256:" + HASH, "no coordinate"),
        ("../a:b:1 sha256:" + HASH, "no coordinate"),
        ("a:b:1", "a:b:1 has no sha256"),
        ("a:b:1 sha256:abc", "a:b:1 has no sha256, was 'sha256:abc'"),
        (f"a:b:1 {HASH}", "has no sha256"),
    ],
)
def test_names_the_line_that_does_not_fit(tmp_path: Path, line: str, part: str) -> None:
    with pytest.raises(Misconfigured, match=r"engine.lock:2") as raised:
        read_lock(written(tmp_path, "# a comment", line))
    assert part in str(raised.value)


def test_refuses_a_coordinate_that_stands_there_twice(tmp_path: Path) -> None:
    line = f"a:b:1 sha256:{HASH}"
    with pytest.raises(Misconfigured, match="twice"):
        read_lock(written(tmp_path, line, line))


def test_a_missing_lock_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"engine lock .* is missing"):
        read_lock(tmp_path / "none")


def test_the_committed_lock_is_whole() -> None:
    artifacts = read_lock(Path(__file__).resolve().parents[4] / "kestra" / "engine.lock")
    assert len(artifacts) == 194
    assert [each.coordinate for each in artifacts if each.is_compiler] == [
        "org.eclipse.jdt:ecj:3.42.0"
    ]
