"""Flow files and the flows that come from them, with an engine that is a dictionary."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cerberus.engine.flow_files import FlowFolder, FlowWatch
from cerberus.engine.flow_files.validate import check_files, files_of
from cerberus.engine.kestra.flows import SavedFlow
from cerberus.engine.reports import Reports
from cerberus.errors import Invalid, NotFound, Rejected


def flow(id_: str, text: str = "one") -> str:
    return f"id: {id_}\nnamespace: t\ntasks: [{text}]\n"


def named(source: str) -> tuple[str, str]:
    found = [re.search(rf"(?m)^{key}: (\S+)", source) for key in ("namespace", "id")]
    return str(found[0] and found[0][1]), str(found[1] and found[1][1])


@dataclass
class Flows:
    """A flow whose text holds BROKEN is invalid; one that holds STUCK cannot be written."""

    stored: dict[tuple[str, str], str] = field(default_factory=dict)
    revisions: dict[tuple[str, str], int] = field(default_factory=dict)

    def get(self, namespace: str, id_: str, *, with_source: bool = False) -> dict[str, object]:
        if (namespace, id_) not in self.stored:
            raise NotFound(id_)
        source = self.stored[namespace, id_]
        return {"source": source if with_source else "", "disabled": "disabled: true" in source}

    def validate(self, source: str) -> list[dict[str, object]]:
        if "BROKEN" in source:
            return [{"constraints": "tasks: BROKEN"}]
        namespace, id_ = named(source)
        return [{"namespace": namespace, "flow": id_}]

    def save(self, source: str) -> SavedFlow:
        name = named(source)
        if self.stored.get(name) == source:
            return SavedFlow(*name, self.revisions[name], "unchanged")
        self.stored[name] = source  # and then the queue fails, as it may
        self.revisions[name] = self.revisions.get(name, 0) + 1
        if "STUCK" in source:
            raise Rejected("the queue is gone")
        return SavedFlow(*name, self.revisions[name], "updated")

    def delete(self, namespace: str, id_: str) -> None:
        del self.stored[namespace, id_]


@dataclass
class Bench:
    path: Path
    ledger: Path
    flows: Flows = field(default_factory=Flows)
    reports: Reports = field(default_factory=Reports)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        folder = FlowFolder(
            self.path, self.flows, self.reports, self.ledger, lambda text: text + "disabled: true\n"
        )
        self.watch = FlowWatch(folder)
        self.watch.load()

    def write(self, name: str, text: str) -> None:
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(text)

    def settle(self) -> None:
        self.watch.look()
        self.watch.look()

    def outcomes(self) -> dict[str, str]:
        return {f"{each.file}:{each.id}": each.outcome for each in self.reports.flow_files}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "flows").mkdir()
    return Bench(tmp_path / "flows", tmp_path / "ledger.json")


def test_a_change_is_brought_in_once_two_looks_have_seen_the_same(bench: Bench) -> None:
    bench.write("a/a.yaml", flow("a"))
    bench.watch.look()
    bench.write("a/a.yaml", flow("a", "longer"))
    bench.watch.look()
    assert bench.flows.stored == {}
    bench.watch.look()
    assert bench.flows.stored["t", "a"] == flow("a", "longer")


def test_a_broken_change_keeps_the_last_good_version_and_is_reported(bench: Bench) -> None:
    bench.write("a.yaml", flow("a"))
    bench.settle()
    bench.write("a.yaml", flow("a", "BROKEN"))
    bench.settle()
    assert bench.flows.stored["t", "a"] == flow("a")
    report = bench.reports.flow_files[0]
    assert (report.file, report.outcome, report.line) == ("a.yaml", "broken", 3)
    assert bench.reports.flow_file_failures == 1


def test_of_a_file_with_two_flows_none_is_written_when_one_is_broken(bench: Bench) -> None:
    bench.write("two.yaml", flow("a") + "---\n" + flow("b", "BROKEN"))
    bench.settle()
    assert bench.flows.stored == {}
    assert [(each.outcome, each.line) for each in bench.reports.flow_files] == [
        ("held back", None),
        ("broken", 7),
    ]


def test_a_swap_that_fails_in_the_middle_is_undone(bench: Bench) -> None:
    bench.write("two.yaml", flow("a") + "---\n" + flow("b"))
    bench.settle()
    before = dict(bench.flows.stored)
    bench.write("two.yaml", flow("a", "new") + "---\n" + flow("b", "STUCK"))
    bench.settle()
    assert bench.flows.stored == before
    assert "the queue is gone" in str(bench.reports.flow_files[0].reason)

    bench.write("new.yaml", flow("c", "STUCK"))
    bench.settle()
    assert ("t", "c") not in bench.flows.stored


def test_a_flow_whose_file_is_gone_is_disabled_and_comes_back_with_it(bench: Bench) -> None:
    bench.write("a.yaml", flow("a"))
    bench.write("b.yaml", flow("b"))
    bench.settle()
    (bench.path / "a.yaml").unlink()
    bench.settle()
    assert bench.outcomes() == {"a.yaml:a": "disabled", "b.yaml:b": "updated"}
    assert "disabled: true" in bench.flows.stored["t", "a"]
    bench.write("a.yaml", flow("a"))
    bench.settle()
    assert bench.flows.stored["t", "a"] == flow("a")


def test_a_file_that_went_while_no_engine_ran_disables_its_flow(bench: Bench) -> None:
    bench.write("a.yaml", flow("a"))
    bench.settle()
    (bench.path / "a.yaml").unlink()
    bench.restart()
    assert bench.outcomes() == {"a.yaml:a": "disabled"}


def test_a_flow_that_moves_to_another_file_or_is_renamed_in_its_own(bench: Bench) -> None:
    bench.write("z.yaml", flow("a"))
    bench.settle()
    (bench.path / "z.yaml").rename(bench.path / "b.yaml")
    bench.settle()
    assert bench.outcomes() == {"b.yaml:a": "unchanged"}
    bench.write("b.yaml", flow("other"))
    bench.settle()
    assert "disabled: true" in bench.flows.stored["t", "a"]
    assert bench.flows.stored["t", "other"] == flow("other")


def test_the_second_file_with_the_same_flow_is_refused(bench: Bench) -> None:
    bench.write("a.yaml", flow("a"))
    bench.write("b.yaml", flow("a", "other"))
    bench.settle()
    assert bench.flows.stored["t", "a"] == flow("a")
    assert "stands in a.yaml already" in str(bench.reports.flow_files[1].reason)


def test_a_broken_file_does_not_lose_its_flow_at_a_restart(bench: Bench) -> None:
    bench.write("a.yaml", flow("a"))
    bench.settle()
    bench.write("a.yaml", flow("a", "BROKEN"))
    bench.settle()
    bench.restart()
    assert bench.flows.stored["t", "a"] == flow("a")


def test_a_folder_that_is_gone_disables_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.write("a.yaml", flow("a"))
    bench.settle()
    bench.path.rename(tmp_path / "elsewhere")
    bench.settle()
    bench.settle()
    assert bench.flows.stored["t", "a"] == flow("a")
    (tmp_path / "elsewhere").rename(bench.path)
    bench.settle()
    assert bench.flows.stored["t", "a"] == flow("a")


def test_a_check_names_file_and_line_and_finds_equal_flows(bench: Bench) -> None:
    bench.write("a.yaml", flow("a") + "---\n" + flow("b", "BROKEN"))
    bench.write("c.yml", flow("a"))
    (bench.path / "latin.yaml").write_bytes(b"\xff")
    verdict = check_files(files_of([bench.path]), bench.flows.validate)
    assert (verdict.flows, verdict.files) == (3, 3)
    shown = [str(problem).removeprefix(f"{bench.path}/") for problem in verdict.problems]
    assert shown[0] == "a.yaml:7: tasks: BROKEN"
    assert shown[1] == f"c.yml:1: id: flow t.a stands in {bench.path}/a.yaml already"
    assert shown[2].startswith("latin.yaml:1: cannot be read")


def test_a_path_that_cannot_be_checked_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("")
    with pytest.raises(Invalid, match=r"x\.txt is neither"):
        files_of([tmp_path / "x.txt"])
    with pytest.raises(Invalid, match="is not there"):
        files_of([tmp_path / "none.yaml"])
