"""Join the user's terminal with a program that runs on a terminal of its own."""

import os
import select
import shutil
import signal
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pexpect


def join(child: "pexpect.spawn[str]", watch: Callable[[bytes], None]) -> None:
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
