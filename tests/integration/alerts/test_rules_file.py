"""The rules file: checked with file, line, field, value and limit; changed while it is in use."""

from pathlib import Path

import pytest

from cerberus.adapters.notify.rulebook import Rulebook
from cerberus.adapters.notify.rules_file import read_rules
from cerberus.domain.alerts.alert import Level
from cerberus.errors import Misconfigured

SHIPPED = Path(__file__).resolve().parents[3] / "config" / "alerts.yaml"
SMALL = """\
channels:
  telegram: {type: telegram, token_secret: bot_token, chat_secret: bot_chat}
levels:
  INFO: {channels: [log]}
  WARNING: {channels: [log]}
  CRITICAL:
    channels: [telegram]
    escalation:
      - {after: 5m, channels: [log]}
  EMERGENCY: {channels: [telegram]}
rules:
  - {alert: deficit, level: CRITICAL}
quiet_hours: {from: "22:00", to: "07:00"}
anomalies:
  - {metric: cerberus_probe_seconds, title: slow, least_spread: 0.5, robust: 6}
"""
SECRETS = {"bot_token": "123456789:a-very-secret-token-of-a-bot", "bot_chat": "-100200300"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "alerts.yaml"
    path.write_text(SMALL)
    return path


def test_the_shipped_file_is_right_and_needs_no_secret() -> None:
    book = Rulebook(SHIPPED, secrets=lambda _: None)
    book.load()

    assert tuple(book.channels) == ("log",)


def test_the_shipped_file_sets_every_channel_up_when_its_secrets_are_there() -> None:
    book = Rulebook(SHIPPED, secrets=lambda name: f"value-of-{name}")
    book.load()

    assert tuple(book.channels) == ("log", "telegram", "discord", "slack", "pagerduty")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "after: 5m",
            "after: 5x",
            "alerts.yaml:9: levels.CRITICAL.escalation[0].after: must be a ",
        ),
        (
            "channels: [telegram]\n",
            "channels: [pager]\n",
            "alerts.yaml:7: levels.CRITICAL.channels: ",
        ),
        (
            "level: CRITICAL",
            "level: GRAVE",
            "alerts.yaml:12: rules[0].level: Input should be 'INFO',",
        ),
        ("alert: deficit", "alrt: deficit", "alerts.yaml:12: rules[0].alrt: Extra inputs are not"),
        ('"22:00"', "22:00", "alerts.yaml:13: quiet_hours.from: must be a time in quotes"),
        ('to: "07:00"', 'to: "07:00", timezone: Mars', "quiet_hours.timezone: must be a time zone"),
        ('to: "07:00"', 'to: "07:00", levels: [EMERGENCY]', "quiet hours never silence EMERGENCY"),
        ("  WARNING: {channels: [log]}\n", "", "levels: has nothing for WARNING"),
        ("type: telegram", "type: pigeon", "channels.telegram: Input tag 'pigeon' found"),
        ("channels:\n", "channels: [\n", "alerts.yaml is not YAML: line "),
        ("  INFO:", "  INFO: {channels: [log]}\n  INFO:", "line 4: INFO stands twice"),
        ("{alert: deficit, level: CRITICAL}", "{alert: a, threshold: -1}", "rules[0].threshold"),
        ("robust: 6", "robust: 0.5", "alerts.yaml:15: anomalies[0].robust: Input should be gr"),
        ("robust: 6", "robust: .nan", "anomalies[0].robust: "),
        (", robust: 6", "", "anomalies[0]: needs robust, ewma or seasonal"),
        ("least_spread: 0.5", "least_spread: 0", "anomalies[0].least_spread: Input should be gr"),
        ("robust: 6", "robust: 6, of: speed", "anomalies[0].of: Input should be 'value' or "),
        ("cerberus_probe_seconds", "probe", "anomalies[0].metric: "),
        ("type: telegram,", "type: telegram, limits: {INFO: 0/1h},", "must be messages/time"),
    ],
)
def test_an_error_names_line_field_and_value(file: Path, old: str, new: str, told: str) -> None:
    assert old in SMALL
    file.write_text(SMALL.replace(old, new, 1))

    with pytest.raises(Misconfigured) as caught:
        read_rules(file)

    assert told in str(caught.value)


def test_a_secret_that_stands_in_the_file_is_refused_and_not_told(file: Path) -> None:
    file.write_text(SMALL.replace("bot_token", SECRETS["bot_token"]))

    with pytest.raises(Misconfigured, match="must be the name of a secret") as caught:
        read_rules(file)

    assert "a-very-secret" not in str(caught.value)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"none\.yaml cannot be read"):
        read_rules(tmp_path / "none.yaml")


@pytest.mark.parametrize("there", [("bot_token",), ("bot_chat",)])
def test_half_of_the_secrets_of_a_channel_is_an_error(file: Path, there: tuple[str]) -> None:
    book = Rulebook(file, secrets=lambda name: SECRETS[name] if name in there else None)

    with pytest.raises(Misconfigured, match=r"put it into var/secrets/bot_"):
        book.load()


def test_a_channel_that_must_be_there_needs_its_secrets(file: Path) -> None:
    file.write_text(SMALL.replace("type: telegram", "type: telegram, enabled: true"))

    with pytest.raises(Misconfigured, match="the secret bot_chat is missing"):
        Rulebook(file, secrets=lambda _: None).load()


def test_a_change_is_taken_up_and_a_broken_one_keeps_the_last_good_rules(file: Path) -> None:
    book = Rulebook(file, secrets=SECRETS.get)
    book.load()
    unchanged = book.refresh()
    file.write_text(SMALL.replace("level: CRITICAL", "level: WARNING"))
    changed = book.refresh()
    file.write_text(SMALL.replace("level: CRITICAL", "level: GRAVE"))
    broken = book.refresh()

    assert (unchanged, changed, broken) == (False, True, False)
    assert "rules[0].level" in book.problem
    assert book.rules.level("deficit", Level.INFO) is Level.WARNING

    file.write_text(SMALL)
    assert book.refresh()
    assert book.problem == ""


def test_a_secret_that_is_added_sets_its_channel_up(file: Path) -> None:
    secrets: dict[str, str] = {}
    book = Rulebook(file, secrets=secrets.get)
    book.load()
    before = tuple(book.channels)
    secrets |= SECRETS

    assert book.refresh()
    assert (before, tuple(book.channels)) == (("log",), ("log", "telegram"))


def test_known_secrets_and_what_looks_like_one_are_taken_out_of_a_message(file: Path) -> None:
    book = Rulebook(file, secrets=SECRETS.get, foreign_secrets=lambda: ("correct horse",))
    book.load()
    told = (
        f"at https://x/bot{SECRETS['bot_token']}/send, correct horse, "
        "Authorization: Bearer abc.def-ghi, "
        "api_secret=0123456789abcdef, postgresql://user:hunter22@host/db, "
        "price 42.5 of BTC/USDT:USDT"
    )

    clean = book.redact(told)

    for secret in ("a-very-secret", "correct horse", "abc.def", "0123456789", "hunter22"):
        assert secret not in clean
    assert "price 42.5 of BTC/USDT:USDT" in clean
