"""What a terminal shows before `--shell` opens one."""

import subprocess
import sys

from appliance.engine.worker import PROMPT, told_before


def test_the_failure_comes_first_and_moves_no_cursor() -> None:
    said = told_before("%post failed\n  | \x1b[2Jgone")
    lines = said.split("\r\n")
    assert lines[1] == "%post failed"
    assert "\x1b" not in said
    assert "exit" in said
    assert "$PWD" in PROMPT


def test_without_a_terminal_nobody_waits_for_a_shell() -> None:
    program = "from appliance.engine.worker import Path, shell; shell(Path('/'), 'x')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        start_new_session=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert "--shell: there is no terminal to open a shell on" in done.stdout + done.stderr
