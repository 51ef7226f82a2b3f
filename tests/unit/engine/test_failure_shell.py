"""What a terminal shows before `--shell` opens one."""

from appliance.engine.worker import PROMPT, told_before


def test_the_failure_comes_first_and_moves_no_cursor() -> None:
    said = told_before("%post failed\n  | \x1b[2Jgone")
    lines = said.split("\r\n")
    assert lines[1] == "%post failed"
    assert "\x1b" not in said
    assert "exit" in said
    assert "$PWD" in PROMPT
