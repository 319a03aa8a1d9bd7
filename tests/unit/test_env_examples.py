"""The example files name real settings, with the defaults that the code has."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import AliasChoices
from pydantic_settings import BaseSettings

from cerberus import outside_settings, settings

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"^# ((?:CERBERUS_|ENABLE_TRADING|MARKET_TYPE)\w*)=(.*)$", re.MULTILINE)


def _sections() -> Iterator[type[BaseSettings]]:
    for item in (*vars(settings).values(), *vars(outside_settings).values()):
        if isinstance(item, type) and issubclass(item, BaseSettings) and item is not BaseSettings:
            yield item


def _names() -> dict[str, tuple[type[BaseSettings], str]]:
    """Return every variable that is read, with its section and field."""
    found = {}
    for section in _sections():
        prefix = section.model_config.get("env_prefix", "")
        for field, info in section.model_fields.items():
            alias = info.validation_alias
            names = alias.choices if isinstance(alias, AliasChoices) else [f"{prefix}{field}"]
            found |= {str(name).upper(): (section, field) for name in names}
    return found


@pytest.mark.parametrize("file", [".env.example", "secrets.env.example"])
def test_every_name_in_the_examples_is_a_setting(file: str) -> None:
    told = [name for name, _ in LINE.findall((ROOT / file).read_text())]

    assert told
    assert set(told) - set(_names()) == set()


def _as_text(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, float):
        return f"{default:g}"
    return "" if default is None else str(default)


def test_the_values_in_the_example_are_the_defaults() -> None:
    differing = []
    for name, value in LINE.findall((ROOT / ".env.example").read_text()):
        section, field = _names()[name]
        default = _as_text(section.model_fields[field].default)
        if value != default:
            differing.append(f"{name}: example {value}, code {default}")

    assert differing == []


def test_no_example_holds_a_secret() -> None:
    for file in (".env.example", "secrets.env.example"):
        for name, value in LINE.findall((ROOT / file).read_text()):
            assert not re.search(r"KEY|SECRET|TOKEN|PASSWORD", name) or value == ""
