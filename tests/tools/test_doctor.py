"""`appliance doctor` on the machine that runs the tests."""

import json
from pathlib import Path

import pytest

from appliance.cli import main


def test_doctor_says_as_json_what_it_says_as_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["doctor", "--store", str(tmp_path)]
    code = main(words)
    table = capsys.readouterr().out
    assert main([*words, "--json"]) == code
    findings = json.loads(capsys.readouterr().out)

    assert code == (3 if any(finding["verdict"] == "bad" for finding in findings) else 0)
    assert {"mke2fs", "namespaces", "subordinate ids", "space", "KVM"} <= {
        finding["topic"] for finding in findings
    }
    for finding in findings:
        assert finding["topic"] in table
        if finding["topic"] not in ("space", "memory"):  # these change while we look
            assert finding["text"] in table
        assert finding["cure"] in table
    assert "\x1b" not in table
