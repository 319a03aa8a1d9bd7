import json
from pathlib import Path

import pytest

from cerberus_tasks.report_drill import main


def test_what_does_not_hold_is_named_in_a_table_and_handed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = [
        {"name": "checksum", "holds": True, "detail": "abc"},
        {"name": "integrity", "holds": False, "detail": "torn"},
    ]
    file = tmp_path / "drill.json"
    file.write_text(json.dumps({"file": "b.db", "seconds": 1.5, "checks": checks}))

    main(str(file))

    (line,) = capsys.readouterr().out.splitlines()
    handed = json.loads(line.removeprefix("::").removesuffix("::"))
    assert (handed["outputs"]["file"], handed["outputs"]["failed"]) == ("b.db", ["integrity"])
    assert handed["logs"] == [
        {"level": "ERROR", "message": "\nb.db\n" + handed["outputs"]["table"]}
    ]
    rows = handed["outputs"]["table"].splitlines()
    assert [row.split() for row in rows[1:]] == [
        ["checksum", "holds", "abc"],
        ["integrity", "DOES", "NOT", "HOLD", "torn"],
    ]
    assert {"name": "failed_checks_count", "type": "gauge", "value": 1} in handed["metrics"]
