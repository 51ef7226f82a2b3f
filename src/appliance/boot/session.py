"""`appliance run`: start an appliance here and join the user's terminal with it."""

import os
import select
import shutil
import signal
import sys
import tempfile
import termios
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pexpect

from appliance.boot import access as ways
from appliance.boot.accelerator import Accelerator, choose, tcg
from appliance.boot.access import Access
from appliance.boot.console import FATAL, AcceleratorError
from appliance.boot.emulator import Launch
from appliance.boot.machine import LOCALHOST, Machine, answers, free_port
from appliance.errors import BootError, RequestError

SSH_PORT = 22
SSH_SECONDS = 120
POWER_SECONDS = 30
LEAVE = "The console is here. To stop the machine: Ctrl-A X. QEMU's own commands: Ctrl-A C."
BROKEN = tuple(phrase for phrase in FATAL if phrase.kind is AcceleratorError)
Say = Callable[[str], None]


def port(text: str) -> tuple[int, int]:
    """HOST:GUEST as two numbers; raises RequestError if they are not port numbers."""
    here, colon, there = text.partition(":")
    if not colon or not all(end.isdigit() and 0 < int(end) < 65536 for end in (here, there)):
        raise RequestError(f"'{text}' is not HOST:GUEST", hint="--port 8080:80")
    return int(here), int(there)


def run_here(launch: Launch, *, say: Say, ssh: Access | None = None) -> int:
    """Run until the machine stops or the user leaves; with *ssh*, until that session ends.

    Returns 0, or the status of ssh. A guest that dies of KVM is started once more, emulated.
    Raises HostError and BootError.
    """
    accelerator = choose()
    try:
        return _run(launch, accelerator, ssh, say)
    except AcceleratorError as failure:
        slower = tcg(f"{failure}: started again, emulated, which is slow")
        return _run(launch, slower, ssh, say)


def _run(launch: Launch, accelerator: Accelerator, ssh: Access | None, say: Say) -> int:
    say(accelerator.reason)
    for here, there in launch.ports:
        say(f"{LOCALHOST}:{here} leads to its port {there}")
    if not launch.persist:
        say("What it writes is forgotten when it stops (--persist keeps it).")
    with tempfile.TemporaryDirectory(prefix="appliance-") as place:
        log = Path(place) / "console.log"
        if ssh:
            return _over_ssh(launch, accelerator, ssh, log=log, say=say)
        say(LEAVE)
        with Machine(replace(launch, monitor=True), accelerator, log=log) as machine:
            _join(machine.child, _watch)
            return _status(machine.child)


def _over_ssh(
    launch: Launch, accelerator: Accelerator, access: Access, *, log: Path, say: Say
) -> int:
    here = free_port()
    launch = replace(launch, ports=(*launch.ports, (here, SSH_PORT)))
    say(f"Waiting for its ssh server; it will be on {LOCALHOST}:{here}. Ctrl-C stops it.")
    with Machine(launch, accelerator, log=log) as machine:
        end = time.monotonic() + SSH_SECONDS * accelerator.time_scale
        while not answers(here):
            _still_there(machine, end)
        say("It answers. The machine stops when you log out.")
        words = ways.ssh_words(access, here)
        child = pexpect.spawn(words[0], list(words[1:]), timeout=None, encoding="utf-8")
        _join(child, lambda data: None)
        status = _status(child)
        machine.power_off(seconds=POWER_SECONDS)
        return status


def _still_there(machine: Machine, end: float) -> None:
    """Read the console for a second; raises if the machine is lost or time is over."""
    try:
        machine.console.wait_for(r"\Z.", seconds=1 / machine.accelerator.time_scale)
    except BootError as error:
        if not error.problem.startswith("nothing like"):
            raise
    if time.monotonic() > end:
        raise BootError("its ssh server does not answer", tail=machine.console.last_lines())


def _status(child: "pexpect.spawn[str]") -> int:
    """The exit status of a program whose output ended."""
    child.wait()
    return child.exitstatus if child.exitstatus is not None else 128 + (child.signalstatus or 0)


def _watch(data: bytes) -> None:
    for phrase in BROKEN:
        if phrase.words.encode() in data:
            raise AcceleratorError(phrase.meaning)


def _join(child: "pexpect.spawn[str]", watch: Callable[[bytes], None]) -> None:
    """Pass bytes between the user's terminal and *child* until it ends; *watch* sees its own.

    Without a terminal (a pipe, a CI job) the end of our input is not the end of the machine.
    """
    here, there = sys.stdin.fileno(), child.child_fd
    readers = {there, here}
    with _raw(here), _same_size(child):
        seen = b""
        while True:
            ready, _, _ = select.select(list(readers), [], [])
            if there in ready:
                data = _read(there)
                if not data:
                    return
                os.write(sys.stdout.fileno(), data)
                seen = (seen + data)[-4096:]
                watch(seen)
            if here in ready:
                typed = _read(here)
                if typed:
                    os.write(there, typed)
                else:
                    readers.discard(here)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # the other end of a terminal is gone
        return b""


@contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    """Every key goes to the machine; the terminal is put back whatever happens."""
    if not os.isatty(descriptor):
        yield
        return
    before = termios.tcgetattr(descriptor)
    try:
        tty.setraw(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)


@contextmanager
def _same_size(child: "pexpect.spawn[str]") -> Iterator[None]:
    """The inner terminal has the size of the outer one, now and after each change."""

    def follow(*_: object) -> None:
        columns, lines = shutil.get_terminal_size()
        child.setwinsize(lines, columns)

    follow()
    before = signal.signal(signal.SIGWINCH, follow)
    try:
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)
