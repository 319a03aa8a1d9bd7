"""Every command of the README does what it says, in its order, in a scratch clone."""

import re
from pathlib import Path

from tests.e2e.scratch import ROOT, make_clone, needs_stack

BLOCK = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
DEFAULT_PORTS = {"8080": "API", "8081": "ENGINE", "8090": "SIMULATOR"}


def _blocks() -> list[tuple[str, str, str]]:
    return BLOCK.findall((ROOT / "README.md").read_text())


def test_every_block_of_commands_is_marked_to_be_run() -> None:
    blocks = [(mark, text) for language, mark, text in _blocks() if language == "bash"]

    assert blocks
    assert [text for mark, text in blocks if mark.strip() != "run"] == []


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / "README.md").read_text())

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@needs_stack
def test_the_commands_run_in_their_order(tmp_path: Path, is_long: bool) -> None:
    clone = make_clone(tmp_path, empty_home=is_long)
    ports = {
        f"127.0.0.1:{number}": f"127.0.0.1:{clone.environment[f'CERBERUS_{name}_PORT']}"
        for number, name in DEFAULT_PORTS.items()
    }
    try:
        for text in [text for language, _, text in _blocks() if language == "bash"]:
            command = re.sub("|".join(ports), lambda found: ports[found[0]], text)
            answer = clone.run("bash", "-euc", command)
            assert answer.returncode == 0, f"{command}\n{answer.stdout}"
    finally:
        clone.run("scripts/down")
