"""The daily reconciliation on the real engine: what agrees, what is foreign, and no answer."""

import pytest

from tests.flows.few_answers import Alone, told_people
from tests.flows.pipeline import Shown, Stack

pytestmark = [pytest.mark.engine, pytest.mark.stack, pytest.mark.xdist_group("flows")]

FLOW = "cerberus.system/cerberus-reconciliation"
RUN = "/api/reconciliation/run"


def item(kind: str, outcome: str, **more: str) -> Shown:
    told = {"symbol": "BTC/USDT:USDT", "venue_id": "7", "ours": "0", "there": "3", "detail": ""}
    return {"kind": kind, "outcome": outcome, **told, **more}


def report(*items: Shown, **more: object) -> Shown:
    counts: dict[str, int] = {}
    for one in items:
        counts[one["outcome"]] = counts.get(one["outcome"], 0) + 1
    told = {"items": list(items), "counts": counts, "quarantined": {}, "unsettled": {}}
    return {**told, "pnl_difference": "0", **more}


def test_books_that_agree_with_the_venue_are_told_to_nobody(flat: Stack) -> None:
    execution = flat.engine.run(FLOW)

    assert execution["state"]["current"] == "SUCCESS", flat.tasks(execution)
    found = flat.engine.outputs(execution["id"])
    assert found == {"status": "agrees", "foreign": 0, "quarantined": 0}
    assert told_people(flat.engine, execution) == []
    assert flat.engine.messages(execution["id"], containing="result differs by")


def test_what_is_foreign_or_in_quarantine_is_told_and_in_the_table(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    foreign = item("order", "foreign", detail="nobody here has sent it")
    told = report(foreign, item("fill", "agree"), quarantined={"ETH/USDT": "turned"})
    api.told = {RUN: (200, told)}

    execution = engine.run(FLOW)

    assert execution["state"]["current"] == "SUCCESS"
    assert engine.outputs(execution["id"]) == {
        "status": "held_back",
        "foreign": 1,
        "quarantined": 1,
    }
    (sent,) = told_people(engine, execution)
    assert sent["level"] == "CRITICAL"
    assert "order BTC/USDT:USDT 7 is not ours: nobody here has sent it" in sent["message"]
    assert "ETH/USDT is in quarantine: turned" in sent["message"]
    lines = engine.messages(execution["id"], containing="outcome")
    (table,) = (line for line in lines if "outcome" in line)
    assert "agree " not in table.split("outcome", 1)[1]
    ((key, _),) = api.asked_for(RUN)
    assert key == f"{execution['id']}-run_reconciliation"


def test_a_venue_that_cannot_be_asked_is_told(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told = {RUN: (500, {"title": "Internal Server Error"})}

    execution = engine.run(FLOW)

    assert execution["state"]["current"] == "FAILED"
    assert len(api.asked_for(RUN)) == 3
    (sent,) = told_people(engine, execution)
    assert (sent["level"], sent["title"]) == ("CRITICAL", "reconciliation failed")
    assert "run_reconciliation" in sent["message"]
