"""Whatever becomes of standard output, a command ends with a line of its own, or with none."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

MODULES = {
    "appliance": "appliance.cli",
    "appliance-creator": "appliance.cli.creator",
    "virt-image": "appliance.cli.virt_image",
}
NAMED = "appliance.cli"


def shell(
    words: str, redirected: str, *, module: str = NAMED, **variables: str
) -> subprocess.CompletedProcess[str]:
    code = f"import sys; from {module} import main; sys.exit(main())"
    line = f"{shlex.quote(sys.executable)} -c {shlex.quote(code)} {words} {redirected}"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | variables
    return subprocess.run(
        ["sh", "-c", line], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("program", MODULES)
def test_a_full_disk_is_said(program: str) -> None:
    done = shell("--help", ">/dev/full", module=MODULES[program])
    assert (done.returncode, done.stderr) == (3, f"{program}: No space left on device\n")


@pytest.mark.parametrize("redirected", [">&-", "<&- >&- 2>&-"])
def test_closed_streams_do_no_harm(redirected: str) -> None:
    done = shell("--help", redirected)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_refusal_keeps_its_exit_code_when_nobody_can_be_told() -> None:
    assert shell("lint", ">/dev/full 2>/dev/full").returncode == 2


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8:strict"])
def test_odd_names_are_written_as_escapes(encoding: str, tmp_path: Path) -> None:
    odd = os.fsdecode(bytes(tmp_path) + "/\u4e2d".encode() + b"\xff.ks")
    Path(odd).write_text("lang en_US.UTF-8\nnonsense\n")
    for words in ("flatten", "check"):
        done = shell(f"{words} {shlex.quote(odd)}", "", PYTHONIOENCODING=encoding)
        assert "Traceback" not in done.stderr
        assert done.returncode in (0, 2)


def test_a_directory_that_is_gone_is_said(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = (
        f"import os; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r});"
        "from appliance.cli import answer; answer('appliance', lambda: os.getcwd() and 0)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == "appliance: the working directory is gone\n"
