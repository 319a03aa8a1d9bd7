"""Replacing a text in the sources of flows, through the official client."""

from typing import Any

import pytest

SPACE = "t.replace"
ONE = """\
id: one
namespace: t.replace
description: about Apples
tasks: [{id: log, type: io.kestra.plugin.core.log.Log, message: "apple, apple"}]
"""
TWO = """\
id: two
namespace: t.replace
tasks: [{id: log, type: io.kestra.plugin.core.log.Log, message: an apple}]
"""
NAMES = [{"namespace": SPACE, "id": each} for each in ("one", "two")]


def source(kestra: Any, id_: str) -> str:
    return str(kestra.flows.flow(SPACE, id_, "main", source=True).source)


def revision(kestra: Any, id_: str) -> int:
    return int(kestra.flows.flow(SPACE, id_, "main").revision)


@pytest.fixture(autouse=True)
def flows(kestra: Any) -> None:
    for delete, text in ((True, ONE), (False, TWO)):
        kestra.flows.update_flows_in_namespace(SPACE, "main", text, delete=delete)


def parsed(name: str, answer: dict[str, Any]) -> Any:
    """Return an answer in the client's own model, which the call itself leaves out."""
    import kestrapy.models as models

    return getattr(models, f"SourceSearchReplace{name}Response").from_dict(answer)


@pytest.mark.kestrapy("flows.preview_replace_by_source_code")
def test_a_preview_shows_each_line_before_and_after_and_writes_nothing(kestra: Any) -> None:
    wanted = {"query": "apple", "replacement": "$1 pear", "namespace": SPACE}
    shown = parsed("Preview", kestra.flows.preview_replace_by_source_code("main", wanted))
    lines = {each.id: [match.line for match in each.matches] for each in shown.flows}
    assert lines == {"one": [3, 4], "two": [3]}
    assert (shown.total_matches, shown.total_flows, shown.editable_flow_count) == (3, 2, 2)
    first = shown.flows[0].matches[0]
    # no regular expression: a dollar is a dollar
    assert (first.before, first.after) == (
        "description: about Apples",
        "description: about $1 pears",
    )
    assert source(kestra, "one").strip() == ONE.strip()

    in_tasks = {**wanted, "scope": "TASKS", "caseSensitive": True}
    shown = parsed("Preview", kestra.flows.preview_replace_by_source_code("main", in_tasks))
    assert [[match.line for match in each.matches] for each in shown.flows] == [[4], [3]]


@pytest.mark.kestrapy("flows.apply_replace_by_source_code")
def test_named_flows_are_written_anew_and_the_others_say_why_not(kestra: Any) -> None:
    before = revision(kestra, "one")
    wanted = {
        "query": "(an )?apple",
        "regex": True,
        "caseSensitive": True,
        "replacement": "$1pear",
        "flows": [*NAMES, {"namespace": SPACE, "id": "none"}],
    }
    done = parsed("Apply", kestra.flows.apply_replace_by_source_code("main", wanted))
    assert [each.id for each in done.updated] == ["one", "two"]
    assert done.updated[0].revision == before + 1
    assert [(each.id, each.reason.value) for each in done.skipped] == [("none", "NOT_FOUND")]
    assert 'message: "pear, pear"' in source(kestra, "one")
    assert "message: an pear" in source(kestra, "two")

    again = parsed("Apply", kestra.flows.apply_replace_by_source_code("main", wanted))
    assert {each.reason.value for each in again.skipped} == {"NO_MATCH", "NOT_FOUND"}
    same = {"query": "pear", "replacement": "pear", "flows": NAMES[:1]}
    kept = parsed("Apply", kestra.flows.apply_replace_by_source_code("main", same))
    assert [each.reason.value for each in kept.skipped] == ["NO_CHANGE"]


@pytest.mark.parametrize(
    ("query", "replacement"), [("log.Log", "log.None"), ("id: one", "id: other")]
)
def test_a_flow_that_would_break_or_be_renamed_is_left(
    kestra: Any, query: str, replacement: str
) -> None:
    wanted = {"query": query, "replacement": replacement, "flows": NAMES[:1]}
    done = parsed("Apply", kestra.flows.apply_replace_by_source_code("main", wanted))
    assert done.updated == []
    assert [each.reason.value for each in done.skipped] == ["INVALID_FLOW"]
    assert done.skipped[0].message
    assert source(kestra, "one").strip() == ONE.strip()


@pytest.mark.kestrapy("flows.replace_line_by_source_code")
def test_one_line_or_one_match_of_it_is_replaced(kestra: Any) -> None:
    place = {"namespace": SPACE, "id": "one", "line": 4}
    wanted = {"query": "apple", "replacement": "fig", **place}
    found = kestra.flows.search_flows_by_source_code("main", q="apple", namespace=SPACE)
    matches = next(each for each in found.results if each.id == "one").matches
    second = max(match.column for match in matches if match.line == 4)
    changed = kestra.flows.replace_line_by_source_code("main", {**wanted, "column": second})
    assert 'message: "apple, fig"' in changed["source"]
    changed = kestra.flows.replace_line_by_source_code("main", wanted)
    assert 'message: "fig, fig"' in changed["source"]
    assert "about Apples" in source(kestra, "one")


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("preview", {"query": "(", "regex": True, "replacement": ""}),
        ("preview", {"query": "a", "regex": True, "replacement": "$1"}),
        ("preview", {"query": "Apples.tasks", "regex": True, "replacement": "", "scope": "NONE"}),
        ("preview", {"query": "", "replacement": ""}),
        ("apply", {"query": "a", "replacement": "", "flows": []}),
        ("line", {"query": "a", "replacement": "", "namespace": SPACE, "id": "one"}),
        ("line", {"query": "fig", "replacement": "", "namespace": SPACE, "id": "one", "line": 4}),
        (
            "line",
            {"query": "apple", "replacement": "", **NAMES[0], "line": 4, "column": 0},
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(
    kestra: Any, call: str, body: dict[str, object]
) -> None:
    names = {
        "preview": kestra.flows.preview_replace_by_source_code,
        "apply": kestra.flows.apply_replace_by_source_code,
        "line": kestra.flows.replace_line_by_source_code,
    }
    with pytest.raises(Exception, match="422"):
        names[call]("main", body)
    assert source(kestra, "one").strip() == ONE.strip()
