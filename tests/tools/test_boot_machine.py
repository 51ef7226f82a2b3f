"""Real machines of 512 bytes: they say one thing on their serial port and halt."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

import waiting
from appliance.boot.access import GuestAccess
from appliance.boot.console import AcceleratorError, Console, LateError
from appliance.boot.emulator import Launch
from appliance.boot.machine import RunningMachine
from appliance.errors import BootError
from appliance.host import accelerator, command
from appliance.trial.prove import Provision, complain, prepare, prove
from appliance.units import MIB
from receiving import machine_in

SERIAL_PORT = 0x3F8


def speaker(path: Path, text: str, *, ending: bytes = b"\xf4\xeb\xfd") -> Path:
    """A disk whose boot sector says *text* (x86: lodsb; test; out dx, al) and halts."""
    program = bytes.fromhex("fc31c08ed8be177cbaf80390ac84c07403ee") + b"\xeb\xf8"
    program = program.ljust(0x14, b"\x90") + ending + text.encode() + b"\0"
    path.write_bytes(program.ljust(510, b"\0") + b"\x55\xaa" + bytes(MIB))
    return path


def start(path: Path, log: Path) -> RunningMachine:
    launch = Launch(machine_in(path), memory=64 * MIB, cpus=1)
    return RunningMachine(launch, accelerator.tcg("for a test"), log=log)


def alive(name: str) -> bool:
    found = [file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline") if readable(file)]
    return any(name.encode() in line and b"qemu" in line for line in found)


def readable(file: Path) -> bool:
    try:
        return bool(file.read_bytes())
    except OSError:
        return False


def test_a_prompt_is_seen_and_nothing_is_left_behind(tmp_path: Path) -> None:
    disk = speaker(tmp_path / "prompt.raw", "hello\r\nweb login: ")
    before = disk.read_bytes()

    with start(disk, tmp_path / "log") as machine:
        machine.console.wait_for(r"login: ", seconds=1)
        assert machine.screenshot(tmp_path / "screen.png")
        assert alive(str(disk))
        place = machine.place.directory

    assert (tmp_path / "screen.png").read_bytes().startswith(b"\x89PNG")
    assert "web login:" in (tmp_path / "log").read_text()
    assert not alive(str(disk))
    assert not place.exists()
    assert disk.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("Kernel panic - not syncing: VFS", BootError, "the kernel panicked"),
        ("You are in emergency mode.", BootError, "emergency mode"),
        ("KVM internal error. Suberror: 1", AcceleratorError, "KVM cannot run it"),
        ("CPU does not support x86-64-v2", AcceleratorError, "newer processor"),
    ],
)
def test_a_lost_machine_is_not_waited_for(
    tmp_path: Path, text: str, error: type[Exception], said: str
) -> None:
    since = time.monotonic()
    with (
        start(speaker(tmp_path / "lost.raw", text), tmp_path / "log") as machine,
        pytest.raises(error, match=said),
    ):
        machine.console.wait_for("login: ", seconds=60)
    assert time.monotonic() - since < 300, "half of the time that it was given"


def test_a_disk_that_does_not_boot_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty.raw").write_bytes(bytes(MIB))

    with (
        start(tmp_path / "empty.raw", tmp_path / "log") as machine,
        pytest.raises(BootError, match="nothing to boot") as caught,
    ):
        machine.console.wait_for("login: ", seconds=60)
    assert any("No bootable device" in line for line in caught.value.tail)


def test_patience_ends(tmp_path: Path) -> None:
    with (
        start(speaker(tmp_path / "mute.raw", "hm"), tmp_path / "log") as machine,
        pytest.raises(LateError, match="'login: ': nothing was said for .*; its last line: .*hm"),
    ):
        machine.console.wait_for("login: ", seconds=0.2)


def test_qemu_goes_with_us_even_if_we_are_killed(tmp_path: Path) -> None:
    disk = speaker(tmp_path / "orphan.raw", "web login: ")
    script = (
        "import sys, time; from pathlib import Path; from appliance.host.accelerator import tcg;"
        "from appliance.boot.machine import RunningMachine;"
        "from appliance.boot.emulator import Launch;"
        "from appliance.intake.received import received\n"
        f"l = Launch(received(Path({str(disk)!r})).image, memory=1<<26, cpus=1)\n"
        f"with RunningMachine(l, tcg(''), log=Path({str(tmp_path / 'log')!r})) as m:\n"
        "    m.console.wait_for('login: ', seconds=9); print('up', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # nobody is left to remove it
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        assert alive(str(disk))
        os.kill(process.pid, signal.SIGKILL)
    waiting.until(lambda: not alive(str(disk)), "the end of QEMU")


def test_a_failed_boot_is_written_down(tmp_path: Path) -> None:
    disk = speaker(tmp_path / "bad.raw", "Kernel panic - not syncing: no init")
    output = tmp_path / "out"
    provision = Provision(GuestAccess("root", "x"))
    trial = prepare(machine_in(disk), output=output, firmwares=("bios",), provision=provision)

    reports = prove(trial, say=lambda text: None, on_check=lambda name, check: None)

    assert [(check.name, check.passed) for check in reports[0].checks] == [("login prompt", False)]
    assert reports[0].verdict == "failed"
    names = {file.name for file in output.iterdir()}
    assert names == {"report.json", "junit.xml", "console-bios.log", "screen-bios.png"}
    with pytest.raises(BootError, match="the kernel panicked") as caught:
        complain(trial, reports)
    assert any("no init" in line for line in caught.value.tail)


def test_run_shows_the_console_and_ctrl_a_x_leaves(tmp_path: Path) -> None:
    disk = speaker(tmp_path / "shown.raw", "good morning\r\n")
    words = ["-c", "import sys; from appliance.cli import main; sys.exit(main())", "run", str(disk)]

    user = pexpect.spawn(sys.executable, words, timeout=waiting.MOMENT, encoding="utf-8")
    user.expect_exact("Ctrl-A X")
    user.expect_exact("good morning")
    user.send("\x01x")
    user.expect(pexpect.EOF)
    user.close()

    assert user.exitstatus == 0
    assert not alive(str(disk))


def test_the_probe_tells_a_machine_from_none(tmp_path: Path) -> None:
    assert accelerator.proves(accelerator.tcg("for a test"))
    none = accelerator.Accelerator("none", ("-accel", "no-such"), 1.0, "")
    assert not accelerator.proves(none)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Console]:
    """A real shell on a real terminal of this machine, instead of a guest's."""
    child = pexpect.spawn("sh", [], encoding="utf-8", codec_errors="replace", timeout=None)
    console = Console(child, tmp_path / "log", time_scale=1)
    console._settle()
    yield console
    child.close(force=True)


def test_commands_come_back_whole(shell: Console) -> None:
    assert shell.run("echo hello; echo oops >&2; false").status == 1
    assert shell.run("printf 'a\\n  b'").output == "a\n  b"
    assert shell.run("seq 5000").output == command.run(["seq", "5000"])
    long = "x='it'\\''s'\n" + "# a long line of a script\n" * 100 + 'echo "$x" é\nexit 7\n'
    answer = shell.run(long)
    assert (answer.status, answer.output) == (7, "it's é\n")


def test_messages_on_the_console_do_not_garble_answers(shell: Console) -> None:
    shell._say("(while echo '[ 12.3] kernel: usb 1-1 is noisy'; do sleep 0.05; done) & sleep 1")

    assert shell.run("seq 300").output == command.run(["seq", "300"])
