"""The text that supervisord reads, and where its socket lies."""

import configparser
from pathlib import Path

import pytest

from cerberus.errors import Misconfigured
from cerberus.supervisor import stack as stacks
from cerberus.supervisor.configuration import (
    SOCKET_PATH_BYTES,
    socket_path,
    supervisord_configuration,
)
from cerberus.supervisor.programs import cerberus_stack
from cerberus.supervisor.stack import Stack


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    monkeypatch.setenv("CERBERUS_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("CERBERUS_API_PORT", "18080")
    return cerberus_stack()


def _parsed(stack: Stack) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(supervisord_configuration(stack))
    return parser


def test_paper_mode_has_the_simulator_and_the_other_modes_have_not(stack: Stack) -> None:
    assert [program.name for program in stack.programs] == ["simulator", "api", "engine"]
    assert [program.name for program in cerberus_stack("live").programs] == ["api", "engine"]


def test_processes_stop_in_the_order_engine_api_simulator(stack: Stack) -> None:
    parsed = _parsed(stack)
    priorities = {
        name: int(parsed[f"program:{name}"]["priority"]) for name in ("engine", "api", "simulator")
    }

    assert sorted(priorities, key=lambda name: -priorities[name]) == ["engine", "api", "simulator"]
    assert [program.name for program in stack.in_stop_order()] == ["engine", "api", "simulator"]


def test_all_together_are_stopped_within_thirty_seconds(stack: Stack) -> None:
    assert sum(program.stop_seconds for program in stack.programs) < 28


def test_each_program_is_restarted_and_logs_below_var(stack: Stack) -> None:
    section = _parsed(stack)["program:api"]

    assert section["autorestart"] == "true"
    assert section["startretries"] == "5"
    assert section["stdout_logfile"] == "log/api.log"
    assert section["stdout_logfile_backups"] == "3"


def test_ports_come_from_the_settings(stack: Stack) -> None:
    api = next(program for program in stack.programs if program.name == "api")

    assert api.ready_url == "http://127.0.0.1:18080/ready"
    assert [(port.number, port.setting) for port in api.ports] == [(18080, "CERBERUS_API_PORT")]


def test_the_watch_process_gets_the_same_stack(stack: Stack) -> None:
    stacks.save(stack)

    assert stacks.read(stack.stack_file) == stack


def test_the_socket_lies_below_var_where_its_path_is_short_enough() -> None:
    stack = Stack(Path("/x"), Path("/x/var"), (), stacks.Limits())

    assert socket_path(stack) == Path("/x/var/run/control.sock")


def test_a_long_var_gets_a_short_socket_of_its_own(tmp_path: Path) -> None:
    long, other = (Stack(tmp_path, tmp_path / (x * 100), (), stacks.Limits()) for x in "ab")

    found = socket_path(long, Path("/t"))

    assert len(str(found)) <= SOCKET_PATH_BYTES
    assert found == socket_path(long, Path("/t"))
    assert found != socket_path(other, Path("/t"))


def test_a_socket_that_fits_nowhere_is_refused_with_its_length(tmp_path: Path) -> None:
    stack = Stack(tmp_path, tmp_path / ("a" * 100), (), stacks.Limits())

    with pytest.raises(Misconfigured, match=f"the limit is {SOCKET_PATH_BYTES}"):
        socket_path(stack, tmp_path / ("b" * 100))
