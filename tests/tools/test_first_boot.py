"""What runs the scripts of the first boot, run by this host's own shell."""

import subprocess
from pathlib import Path

import pytest

from appliance.backends.families.shell.first_boot import (
    DONE,
    PROGRAM,
    SCRIPTS,
    STATE,
    first_boot_script,
)
from appliance.recipe.first_boot import BootScript, FirstBoot


class Machine:
    """A directory that stands for a machine with two consoles, on which scripts are installed."""

    def __init__(self, place: Path) -> None:
        self.place = place
        for name in ("dev", "sys/class/tty/console", "run"):
            (place / name).mkdir(parents=True)
        (place / "sys/class/tty/console/active").write_text("tty0 ttyS0\n")

    def installs(self, wanted: FirstBoot) -> None:
        script = first_boot_script(wanted).replace("systemctl enable", ": enable")
        self._sh(script.replace("command -v systemctl", "true"))

    def starts(self, **credentials: str) -> "subprocess.CompletedProcess[str]":
        """Run what systemd runs, if its condition holds."""
        given = self.place / "credentials"
        given.mkdir(exist_ok=True)
        for name, value in credentials.items():
            (given / name).write_text(value)
        if (self.place / DONE.lstrip("/")).exists():
            return subprocess.CompletedProcess([], 0, "", "")
        for console in ("tty0", "ttyS0"):
            (self.place / "dev" / console).write_text("")
        return self._sh(f"export CREDENTIALS_DIRECTORY={given}\n{PROGRAM}")

    def console(self, name: str = "ttyS0") -> str:
        return (self.place / "dev" / name).read_text().replace("\r", "")

    def _sh(self, script: str) -> "subprocess.CompletedProcess[str]":
        """Run *script* with the machine's directories in the place of the host's."""
        for path in (
            "/usr/libexec",
            "/var/lib",
            "/etc/systemd",
            "/run/appliance",
            "/run/issue.d",
            "/sys/class",
        ):
            script = script.replace(path, f"{self.place}{path}")
        # Consoles are appended to here, as a terminal keeps what was printed before.
        script = script.replace('> "/dev/$console"', f'>> "{self.place}/dev/$console"')
        return subprocess.run(
            ["sh", "-c", script], capture_output=True, text=True, check=False, timeout=60
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


def scripts(*bodies: str) -> tuple[BootScript, ...]:
    return tuple(BootScript(f"s{n}", f"#!/bin/sh\n{body}\n") for n, body in enumerate(bodies))


def test_scripts_run_once_in_their_order_and_see_credentials(
    machine: Machine, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    first = f'echo "1 $(cat "$CREDENTIALS_DIRECTORY/shop.mail") $(umask)" >> {log}; echo said'
    machine.installs(FirstBoot((), scripts=scripts(first, f"echo 2 >> {log}")))

    done = machine.starts(**{"shop.mail": "me@example.com"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "said\n", "")
    machine.starts()

    assert log.read_text() == "1 me@example.com 0077\n2\n"
    for console in ("tty0", "ttyS0"):
        assert machine.console(console) == "\nfirst boot: 01-s0\n\nfirst boot: 02-s1\n"


def test_a_script_that_fails_is_loud_and_is_tried_again(machine: Machine, tmp_path: Path) -> None:
    log = tmp_path / "log"
    bad = f"echo 2 >> {log}; printf '%s\\n' 'no disk \\'; echo at all >&2\n"
    bad += f"test -e {tmp_path}/mended || exit 3"
    machine.installs(FirstBoot((), scripts=scripts(f"echo 1 >> {log}", bad, f"echo 3 >> {log}")))

    failed = machine.starts()
    assert failed.returncode == 1
    assert "no disk \\\nat all\n02-s1 ended with status 3\n" in failed.stdout
    for console in ("tty0", "ttyS0"):
        said = machine.console(console)
        loud = "*** THE FIRST BOOT FAILED: 02-s1 ended with status 3\n  | no disk \\\n  | at all\n"
        assert loud in said
        assert "journalctl -u appliance-first-boot.service" in said
    issue = machine.place / "run/issue.d/10-first-boot.issue"
    assert (
        "THE FIRST BOOT FAILED: 02-s1 ended with status 3\n  | no disk \\\\\n" in issue.read_text()
    )
    assert not (machine.place / DONE.lstrip("/")).exists()
    (tmp_path / "mended").touch()
    assert machine.starts().returncode == 0
    assert log.read_text() == "1\n2\n2\n3\n"
    assert not list((machine.place / "run/appliance").rglob("*s1"))


def test_a_credential_that_nobody_handed_over_stops_it_before_the_first_script(
    machine: Machine, tmp_path: Path
) -> None:
    wanted = FirstBoot((), ("shop.mail",), scripts=scripts(f"touch {tmp_path}/ran"))
    machine.installs(wanted)

    assert machine.starts().returncode == 1
    assert "nobody handed over the credential shop.mail" in machine.console()
    assert "appliance run --credential shop.mail=VALUE" in machine.console()
    assert not (tmp_path / "ran").exists()
    assert machine.starts(**{"shop.mail": "x"}).returncode == 0
    assert (tmp_path / "ran").exists()


def test_what_an_image_lacks_is_told_when_it_is_built(tmp_path: Path) -> None:
    wanted = FirstBoot((), scripts=(BootScript("x", "#!/usr/bin/no-such-program -x\n"),))
    script = first_boot_script(wanted)
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "a script is for /usr/bin/no-such-program, which the image does not have" in done.stderr
    without = script.replace("command -v systemctl", "false")
    done = subprocess.run(["sh", "-c", without], capture_output=True, text=True, check=False)
    assert "the image has no systemd" in done.stderr


def test_places_are_those_of_the_machine() -> None:
    assert SCRIPTS.startswith(PROGRAM)
    assert DONE.startswith(STATE)
