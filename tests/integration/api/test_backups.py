"""Backups and drills through the API, and maintenance that ends by itself."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.trading.steps import Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("api")]

BACKUP, DRILL = "/api/system/backup", "/api/system/restore-drill"
MAINTENANCE = "/api/system/maintenance"


def test_a_backup_with_a_position_and_an_open_order_is_taken_listed_and_drilled(
    pair: Pair,
) -> None:
    held = pair.enter(quantity="0.05")
    pair.send(symbol="ETHUSDT", entry_type="limit", price="330", quantity="0.5")

    status, taken = pair.api.post(BACKUP)

    file = pair.api.var / "backup" / taken["file"]
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert (status, taken["bytes"], taken["sha256"]) == (201, file.stat().st_size, digest)
    assert taken["seconds"] > 0
    listed = pair.api.get("/api/system/backups")[1]
    newest = listed["backups"][0]
    assert newest == {name: value for name, value in taken.items() if name != "seconds"}
    assert listed["total"] == len(listed["backups"])
    assert pair.close(held["trade_id"])[0] in (200, 202)

    status, drill = pair.api.post(DRILL, {"file": taken["file"]})

    assert (status, drill["file"], drill["holds"]) == (200, taken["file"], True)
    told = {check["name"]: check["detail"] for check in drill["checks"]}
    assert told["open_positions_have_exits"] == "1 open positions"
    assert told["reservations_equal_open_orders"] == "1 open entries"
    assert told["checksum"] == digest
    assert not list((pair.api.var / "backup").glob("drill-*"))


def test_a_key_takes_one_backup_only(pair: Pair) -> None:
    headers = {"Idempotency-Key": pair.key()}
    first = pair.api.post(BACKUP, headers=headers)
    before = pair.api.get("/api/system/backups")[1]

    assert pair.api.post(BACKUP, headers=headers) == first
    assert pair.api.get("/api/system/backups")[1] == before


def test_the_newest_backup_is_drilled_without_a_name(pair: Pair) -> None:
    newest = pair.api.post(BACKUP)[1]["file"]

    assert pair.api.post(DRILL)[1]["file"] == newest


def test_a_damaged_backup_is_an_answer_that_does_not_hold(pair: Pair) -> None:
    name = pair.api.post(BACKUP)[1]["file"]
    (pair.api.var / "backup" / name).write_bytes(b"torn")

    status, drill = pair.api.post(DRILL, {"file": name})

    assert (status, drill["holds"]) == (200, False)
    wrong = [check["name"] for check in drill["checks"] if not check["holds"]]
    assert wrong == ["checksum", "integrity"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"file": "cerberus-20200101T000000000000Z.db"}, 404, None),
        ({"file": "../secrets/api_token"}, 422, "file"),
        ({"file": "/etc/passwd"}, 422, "file"),
        ({"file": 7}, 422, "file"),
        ({"name": "x"}, 422, "name"),
    ],
)
def test_a_backup_that_is_not_there_or_no_name_is_refused(
    pair: Pair, body: dict[str, object], status: int, field: str | None
) -> None:
    found, told = pair.api.post(DRILL, body)

    assert found == status
    assert [one["field"] for one in told.get("errors", [])] == ([field] if field else [])


@pytest.mark.parametrize("path", [BACKUP, DRILL])
def test_a_token_is_needed(pair: Pair, path: str) -> None:
    assert pair.api.post(path, token=None)[0] == 401
    assert pair.api.get("/api/system/backups", token=None)[0] == 401


def test_maintenance_ends_by_itself(pair: Pair) -> None:
    until = datetime.now(UTC) + timedelta(seconds=5)
    body = {"on": True, "reason": "new disk", "until": until.isoformat()}

    status, told = pair.api.post(MAINTENANCE, body)

    assert (status, told) == (200, {"maintenance": True, "until": until.isoformat()})
    (blocked,) = pair.api.get("/health")[1]["blocked_by"]
    assert blocked == f"maintenance: new disk (until {until:%Y-%m-%dT%H:%M:%SZ})"
    assert pair.send(quantity="0.05")[1]["check"] == "maintenance"
    pair.until(lambda: pair.api.get("/health")[1]["entries_allowed"] or None, 60)
    assert datetime.now(UTC) >= until
    assert pair.risk()["maintenance"] == ""
    assert pair.send(quantity="0.05")[0] == 201


def test_maintenance_for_some_minutes_can_be_ended_before(pair: Pair) -> None:
    began = datetime.now(UTC)
    until = pair.api.post(MAINTENANCE, {"on": True, "minutes": 30})[1]["until"]

    ends_after = datetime.fromisoformat(until) - began
    assert timedelta(minutes=30) <= ends_after < timedelta(minutes=35)
    assert not pair.api.get("/health")[1]["entries_allowed"]
    assert pair.api.post(MAINTENANCE, {"on": False})[1] == {"maintenance": False, "until": None}
    assert pair.api.get("/health")[1]["entries_allowed"]


@pytest.mark.parametrize(
    "body",
    [
        {"on": True, "until": "2020-01-01T00:00:00Z"},
        {"on": True, "until": "2030-01-01T00:00:00"},
        {"on": True, "until": "soon"},
        {"on": True, "minutes": 0},
        {"on": True, "minutes": 10_081},
        {"on": True, "minutes": 5, "until": "2030-01-01T00:00:00Z"},
        {"on": False, "minutes": 5},
    ],
)
def test_an_end_that_cannot_be_is_refused_and_nothing_is_held_back(
    pair: Pair, body: dict[str, object]
) -> None:
    status, told = pair.api.post(MAINTENANCE, body)

    assert status == 422
    assert told["errors"]
    assert pair.api.get("/health")[1]["entries_allowed"]
