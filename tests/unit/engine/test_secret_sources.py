import base64
import logging
from pathlib import Path

import pytest

from cerberus.engine.jvm.logs import RedactingFormatter
from cerberus.engine.secrets import SecretSources, Vault
from cerberus.errors import Misconfigured


@pytest.fixture
def sources(tmp_path: Path) -> SecretSources:
    generated = tmp_path / "generated"
    generated.mkdir()
    (generated / "api_token").write_text("token-of-the-api")
    (generated / "webhook_key").write_text("key-of-the-webhook")
    (generated / "kestra_password").write_text("password-of-kestra")
    return SecretSources(
        generated, tmp_path / "secrets.env", tmp_path / "secrets", tmp_path / "settings.env"
    )


def look_twice(vault: Vault) -> None:
    vault.look()
    vault.look()


def test_generated_secrets_and_those_of_file_and_folder_have_names(sources: SecretSources) -> None:
    encoded = base64.b64encode(b"as Kestra writes it").decode()
    sources.file.write_text(
        f"# a comment\n\ntelegram_token = a=b c \nCERBERUS_WEBHOOK_KEY=mine\nSECRET_OWN={encoded}\n"
    )
    sources.folder.mkdir()
    (sources.folder / "TELEGRAM_TOKEN").write_text("from a file\n")
    (sources.folder / "..data").write_text("a mount's own")
    assert sources.read() == {
        "CERBERUS_API_TOKEN": "token-of-the-api",
        "CERBERUS_WEBHOOK_KEY": "mine",
        "CERBERUS_ENGINE_PASSWORD": "password-of-kestra",
        "TELEGRAM_TOKEN": "from a file",
        "OWN": "as Kestra writes it",
    }


def test_without_a_file_there_are_the_generated_ones(sources: SecretSources) -> None:
    assert set(sources.read()) == {
        "CERBERUS_API_TOKEN",
        "CERBERUS_WEBHOOK_KEY",
        "CERBERUS_ENGINE_PASSWORD",
    }


@pytest.mark.parametrize(
    "line",
    ["no separator", "=value", "BAD-NAME=very-secret", "1A=very-secret", "SECRET_A=very-secret"],
)
def test_a_bad_line_is_named_but_not_shown(sources: SecretSources, line: str) -> None:
    sources.file.write_text(f"A=b\n{line}\n")
    with pytest.raises(Misconfigured, match=r"secrets.env:2") as raised:
        sources.read()
    assert "very-secret" not in str(raised.value)


def test_a_file_that_cannot_be_a_secret_is_named(sources: SecretSources) -> None:
    sources.folder.mkdir()
    (sources.folder / "bad-name").write_text("very-secret")
    with pytest.raises(Misconfigured, match="secrets/bad-name"):
        sources.read()


def test_values_that_no_flow_may_name_are_hidden_too(sources: SecretSources) -> None:
    sources.settings_file.write_text("GATE_API_KEY='key-of-the-venue'\nCERBERUS_MODE=testnet\n")
    (sources.generated / "admin_token").write_text("token-of-the-admin")
    hidden = Vault(sources).hidden
    assert "token-of-the-admin" in hidden
    assert "key-of-the-venue" in hidden
    assert "testnet" not in hidden


def test_a_change_is_used_and_the_old_value_stays_hidden(sources: SecretSources) -> None:
    sources.file.write_text("TOKEN=first-value\n")
    vault = Vault(sources)
    seen: list[str] = []
    vault.connect(lambda secrets, _: seen.append(secrets["TOKEN"]))
    sources.file.write_text("TOKEN=second-value\n")
    vault.look()
    assert seen == ["first-value"]
    vault.look()
    vault.look()
    assert seen == ["first-value", "second-value"]
    assert {"first-value", "second-value"} <= set(vault.hidden)


def test_a_change_that_does_not_fit_keeps_the_last_secrets(sources: SecretSources) -> None:
    sources.file.write_text("TOKEN=first-value\n")
    vault = Vault(sources)
    sources.file.write_text("TOKEN\n")
    look_twice(vault)
    assert vault.secrets["TOKEN"] == "first-value"
    assert "secrets.env:1" in str(vault.problem)
    sources.file.write_text("TOKEN=third-value\n")
    look_twice(vault)
    assert (vault.secrets["TOKEN"], vault.problem) == ("third-value", None)


def test_no_secret_is_logged_not_even_in_a_traceback() -> None:
    formatter = RedactingFormatter([])
    formatter.hide({}, ["hidden-value"])
    try:
        raise ValueError("it was hidden-value")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("x", logging.INFO, "f", 1, "a %s", ("hidden-value",), info)
    line = formatter.format(record)
    assert "hidden-value" not in line
    assert line.count("******") >= 2
