import pytest

from cerberus.engine.flow_files.lines import line_of

SOURCE = """\
id: hello
namespace: t
inputs:
  - {id: name, type: STRNG}
tasks:
  - id: log
    type: io.kestra.plugin.core.log.Nope
    massage: text
  - id: empty
    type: io.kestra.plugin.core.flow.Sequential
    tasks: []
"""


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        ("YAML parsing error: x in 'reader', line 7, column 12", 7),
        ("at [Source: (StringReader); line: 3, column: 80]", 3),
        ("Invalid type: io.kestra.plugin.core.log.Nope", 7),
        ('Unrecognized field "massage" (class X), not marked as ignorable', 8),
        ("tasks[1].tasks: must not be empty", 11),
        ("tasks[0].type: something", 7),
        ("tasks[9].type: something", 6),
        ("namespace: must not be null", 2),
        ("something else altogether", 1),
    ],
)
def test_finds_the_line_that_a_message_is_about(reason: str, line: int) -> None:
    assert line_of(SOURCE, reason) == line


@pytest.mark.parametrize("source", ["", "- [", "text", "\x00"])
def test_whatever_the_source_there_is_a_line(source: str) -> None:
    assert line_of(source, "Invalid type: x") == 1
