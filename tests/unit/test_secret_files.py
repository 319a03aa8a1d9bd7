import base64
import string
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cerberus import secret_files
from cerberus.errors import Misconfigured


def test_generates_every_secret_once_and_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "secrets"

    made = secret_files.ensure(folder)
    first = {name: secret_files.read(folder, name) for name in made}

    assert set(made) == set(secret_files.GENERATED)
    assert secret_files.ensure(folder) == []
    assert {name: secret_files.read(folder, name) for name in made} == first
    assert len(set(first.values())) == len(first)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {(folder / name).stat().st_mode & 0o777 for name in made} == {0o600}


def test_a_secret_has_the_bytes_and_the_letters_that_its_reader_needs(tmp_path: Path) -> None:
    secret_files.ensure(tmp_path)
    safe = set(string.ascii_letters + string.digits + "-_")

    key = base64.b64decode(secret_files.read(tmp_path, "kestra_encryption_key"), validate=True)
    assert len(key) == 32
    for name, size in secret_files.GENERATED.items():
        if name != "kestra_encryption_key":
            value = secret_files.read(tmp_path, name)
            assert set(value) <= safe
            assert len(value) >= size * 4 / 3
    password = secret_files.read(tmp_path, "kestra_password")
    assert any(letter.isupper() for letter in password)
    assert any(letter.isdigit() for letter in password)


def test_generates_only_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "api_token").write_text("mine\n")

    made = secret_files.ensure(tmp_path)

    assert "api_token" not in made
    assert secret_files.read(tmp_path, "api_token") == "mine"


def test_several_starts_at_once_agree_on_every_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: secret_files.ensure(tmp_path), range(8)))

    assert sorted(name for names in made for name in names) == sorted(secret_files.GENERATED)


@pytest.mark.parametrize(("content", "problem"), [(None, "is missing"), (" \n", "is empty")])
def test_a_secret_that_cannot_be_read_says_what_to_do(
    tmp_path: Path, content: str | None, problem: str
) -> None:
    if content is not None:
        (tmp_path / "api_token").write_text(content)

    with pytest.raises(Misconfigured, match=f"api_token.*{problem}.*scripts/up"):
        secret_files.read(tmp_path, "api_token")
