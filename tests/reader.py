"""Somebody who types what a page shows, in a checkout of the project, and sees what comes of it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pexpect
import pytest

import waiting
from documentation import ALSO, FILE, OUTPUT, TOP, WITH, Example, Typed, completed, parts

PROGRAMS = {"appliance": "", "appliance-creator": ".creator", "virt-image": ".virt_image"}
ON_AOS = "%include kickstarts/aos-debian.ks\n"
NOT_THEIRS = shutil.ignore_patterns(
    ".git", ".venv", "out", "build", "__pycache__", "*.egg-info", ".*_cache", "*.lock"
)
SETTING = re.compile(r"[A-Za-z_]+=\S*")  # of the shell that all is typed in
PROMPT = "login: "


class Reader:
    """Types the blocks of pages in a fresh checkout at *place*, at home in *home*.

    All that they build goes into the store below *cache*; *given* are further variables, of which
    `run with` may speak.
    """

    def __init__(self, place: Path, *, cache: Path, given: Mapping[str, str]) -> None:
        self.place, self.home = place / "checkout", place / "home"
        shutil.copytree(TOP, self.place, ignore=NOT_THEIRS, symlinks=True)
        self.home.mkdir()
        path = f"{self.place / '.venv/bin'}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        self.environment = {
            **os.environ,
            **_pip(),
            **given,
            "HOME": str(self.home),
            "PATH": path,
            "PYTHONPATH": str(self.place / "src"),
            "XDG_CACHE_HOME": str(cache),
            "LIBVIRT_DEFAULT_URI": "qemu+unix:///session?socket=/nonexistent",  # QEMU alone
            "TERM": "dumb",
            "LC_ALL": "C.UTF-8",
        }
        self.said, self.status = "", 0  # of the last command
        self.took: list[tuple[Typed, float]] = []  # the seconds of each command that is shown
        self.settings: list[str] = []
        self.machine: pexpect.spawn[str] | None = None
        self._install()

    def _install(self) -> None:
        """What `make setup` would: our programs, and the Python that runs them."""
        programs = self.place / ".venv/bin"
        programs.mkdir(parents=True)
        lines = {"python": f'exec {sys.executable} "$@"'}
        for name, module in PROGRAMS.items():
            start = f"import sys; from appliance.cli{module} import main; sys.exit(main())"
            lines[name] = f'exec {sys.executable} -c "{start}" "$@"'
        for name, line in lines.items():
            (programs / name).write_text(f"#!/bin/sh\n{line}\n")
            (programs / name).chmod(0o755)
        (self.place / ".venv/.installed").touch()

    def follow(self, page: Path) -> None:
        """Do all that a page says, in order; fail at the first command that does, with its place,
        itself and all that it said."""
        try:
            for part in parts(page):
                self._do(part)
        finally:
            self._leave()

    def _do(self, part: Example) -> None:
        for typed in part.typed():
            began = time.monotonic()
            self._type(typed, part.said if part.mark == WITH else "")
            if part.mark != ALSO:  # people do not type that
                self.took.append((typed, time.monotonic() - began))
        if part.way() == FILE:
            self._write(part)
        elif part.way() == OUTPUT:
            self._compare(part)

    def _write(self, part: Example) -> None:
        text = completed(part.text)
        if part.said.endswith(".ks") and "%include" not in text:
            text = ON_AOS + text
        path = self.place / part.said
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if text.startswith("#!") else 0o644)

    def _compare(self, part: Example) -> None:
        """What a page shows is in what was said: whole lines, but for where they are wrapped."""
        shown = part.text.strip()
        pattern = r"\s+".join(map(re.escape, shown.split())).replace("…", ".*?")
        if not re.search(rf"^{pattern}$", self.said, re.MULTILINE):
            self._fail(part.place, shown, "this is not what was printed")

    def _fail(self, place: str, text: str, why: str) -> None:
        pytest.fail(f"{place}: {text}\n{why}:\n{self.said[-6000:]}", pytrace=False)

    def _type(self, typed: Typed, extra: str) -> None:
        if SETTING.fullmatch(typed.text.partition(" #")[0].strip()):
            self.settings.append(typed.text)
            return
        ours = typed.ours()
        if ours:
            self._leave()
        text = f"{typed.text.partition(' #')[0].rstrip()} {extra}" if extra else typed.text
        argv = ["bash", "-euo", "pipefail", "-c", "\n".join([*self.settings, text])]
        if ours and (ours[0] == "virt-image" or ours[1][0] == "run"):
            self._start(typed, argv)
            return
        end = time.monotonic() + waiting.SILENCE
        while self._failed(argv) and self.machine and time.monotonic() < end:
            self.machine.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=1)  # and read its console
        if self.status:
            if late := self.said.partition(waiting.GAVE_UP)[2]:
                waiting.late(f"{late.splitlines()[0]} ({typed.place})")
            self._fail(typed.place, typed.text, f"ended with status {self.status}")

    def _failed(self, argv: list[str]) -> bool:
        """Whether a command fails, which may be too early for what a machine is to answer."""
        done = waiting.ended(argv, cwd=self.place, env=self.environment, stdin=subprocess.DEVNULL)
        self.said, self.status = done.stdout + done.stderr, done.returncode
        return self.status != 0

    def _start(self, typed: Typed, argv: list[str]) -> None:
        """Start a machine, and leave it at its login prompt until our next command is typed."""
        for port in re.findall(r"--forward (\d+):", typed.text):
            _require_free(int(port))
        self.machine = pexpect.spawn(
            argv[0], argv[1:], cwd=str(self.place), env=self.environment,
            encoding="utf-8", codec_errors="replace", timeout=waiting.LONG,
        )  # fmt: skip
        came = self.machine.expect([PROMPT, pexpect.EOF, pexpect.TIMEOUT])
        self.said = self.machine.before or ""
        if came:
            self._fail(typed.place, typed.text, f"no {PROMPT!r}")

    def _leave(self) -> None:
        """Leave the machine as its first line says."""
        if self.machine:
            self.machine.sendcontrol("a")
            self.machine.send("x")
            self.machine.expect(pexpect.EOF, timeout=waiting.MOMENT)
            self.machine.close()
            self.machine = None


def _pip() -> dict[str, str]:
    """Whom pip asks on this machine, though the home is another."""
    own = Path.home() / ".config/pip/pip.conf"
    return {"PIP_CONFIG_FILE": str(own)} if own.exists() else {}


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        if not probe.connect_ex(("127.0.0.1", port)):
            pytest.skip(f"something of this machine listens on port {port}")
