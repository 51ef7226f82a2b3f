"""Whatever becomes of standard output, a command ends with a line of its own, or with none."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pexpect
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
    said = done.stderr.splitlines()[0]
    assert (done.returncode, said[: len(program)]) == (3, program)
    assert said.endswith(": No space left on device")


@pytest.mark.parametrize("words", ["--help", "completion bash", "cache list"])
def test_a_closed_output_is_missed(words: str, tmp_path: Path) -> None:
    done = shell(words, ">&-", XDG_CACHE_HOME=str(tmp_path))
    assert done.returncode == 3
    assert done.stderr.splitlines()[0].endswith(": Bad file descriptor")


def test_what_waits_to_be_written_is_said_to_be_lost(tmp_path: Path) -> None:
    done = shell("cache list", ">/dev/full", XDG_CACHE_HOME=str(tmp_path), PYTHONUNBUFFERED="")
    says = "appliance: the standard output cannot be written: No space left on device"
    assert (done.returncode, done.stderr.splitlines()[0]) == (3, says)


def test_nobody_is_told_when_all_streams_are_closed() -> None:
    done = shell("--help", "<&- >&- 2>&-")
    assert (done.returncode, done.stderr) == (3, "")


def test_a_closed_output_harms_nobody_who_prints_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.ks").write_text("lang C.UTF-8\n")
    done = shell(f"flatten {tmp_path}/a.ks -o {tmp_path}/b.ks", ">&-")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "b.ks").read_text() == "lang C.UTF-8\n"


# what a locale of ISO 8859-1 does, too, where one is installed: text is not UTF-8 by itself
OLD_LOCALE = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_kickstarts_are_utf8_in_every_locale(locale: str, tmp_path: Path) -> None:
    kickstart = tmp_path / "größe.ks"
    kickstart.write_text("lang C.UTF-8\n# größe\nnonsense ä\n")
    variables = OLD_LOCALE | {"LC_ALL": locale}
    done = shell(f"check {shlex.quote(str(kickstart))}", "", **variables)
    assert (done.returncode, done.stderr) == (2, "")
    assert "gr\\xf6\\xdfe.ks:3: " in done.stdout
    flat = shell(f"flatten {shlex.quote(str(kickstart))} -o {tmp_path}/flat.ks", "", **variables)
    assert (flat.returncode, flat.stderr) == (0, "")
    assert (tmp_path / "flat.ks").read_bytes() == kickstart.read_bytes()


@pytest.mark.parametrize("words", ["--help", "build --help", "cache list", "doctor"])
def test_narrow_and_dumb_terminals_get_their_lines(words: str, tmp_path: Path) -> None:
    done = shell(words, "", XDG_CACHE_HOME=str(tmp_path), COLUMNS="40", TERM="dumb")
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


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


def test_an_image_whose_name_is_not_text_can_be_looked_into(tmp_path: Path) -> None:
    odd = os.fsdecode(bytes(tmp_path) + b"/\xff.img")
    Path(odd).write_bytes(bytes(4096))
    done = shell(f"shell {shlex.quote(odd)} true", "", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert "Traceback" not in done.stderr
    assert done.returncode in (2, 4)


@pytest.mark.parametrize(("terminal", "moves"), [("dumb", False), ("", False), ("xterm", True)])
def test_nothing_moves_on_a_terminal_that_cannot(
    tmp_path: Path, terminal: str, moves: bool
) -> None:
    (tmp_path / "disk.img").write_bytes(bytes(4096))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": terminal}
    words = ["-m", "appliance", "convert", "disk.img", "-o", "out"]
    child = pexpect.spawn(
        sys.executable, words, env=environment, cwd=tmp_path, dimensions=(5, 40), encoding="utf-8"
    )
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert ("\x1b" in child.before) == moves
