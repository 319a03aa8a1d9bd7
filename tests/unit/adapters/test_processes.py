import subprocess
import sys

from cerberus.adapters.processes import is_gone, this_process


def test_this_process_is_not_gone() -> None:
    assert this_process() == this_process()
    assert not is_gone(this_process())


def test_a_process_that_has_ended_is_gone_even_when_nobody_has_collected_it() -> None:
    code = "from cerberus.adapters.processes import this_process; print(this_process())"
    command = [sys.executable, "-c", f"{code}; input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        name = process.stdout.readline().decode().strip()
        assert not is_gone(name)
        process.stdin.close()
        process.stdout.read()  # until it has ended
        while not is_gone(name):
            pass
    assert is_gone(name)


def test_a_pid_that_was_used_again_is_another_process() -> None:
    place, _, _ = this_process().rpartition("/")
    assert is_gone(f"{place}/1")


def test_nothing_is_known_of_another_machine_or_a_name_of_another_kind() -> None:
    _, _, started = this_process().rpartition("/")
    assert not is_gone(f"elsewhere/00000000/1/{started}")
    assert not is_gone("")
    assert not is_gone("a person")
