"""Waiting without asking how fast this machine is: a test that runs out of time says so, in a line.

Whoever waits here returns as soon as there is something; the limits are for what hangs.
"""

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest

from appliance.host.patience import Patience

LONG = 3600.0  # seconds after which a program hangs
MOMENT = 120.0  # seconds for what happens at once, if nothing else runs here
SILENCE = 600.0  # of a machine's own seconds
GAVE_UP = "gave up waiting for "  # boot/console.py says so


def late(what: str) -> NoReturn:
    """Fail for lack of time, and not for anything that was wrong."""
    pytest.fail(f"lack of time: {GAVE_UP}{what}", pytrace=False)


def ended(argv: Sequence[str | Path], **words: Any) -> "subprocess.CompletedProcess[str]":
    """What came of a program, anyhow; *words* are others of subprocess.run()."""
    try:
        return subprocess.run(
            argv, capture_output=True, text=True, check=False, timeout=LONG, **words
        )
    except subprocess.TimeoutExpired:
        late(f"the end of {' '.join(map(str, argv)):.200} after {LONG:.0f} s")


def well(done: "subprocess.CompletedProcess[str]") -> "subprocess.CompletedProcess[str]":
    """The same, if it ended with status 0; otherwise say all that it said, or in one line that
    there was no time left."""
    for line in (*done.stdout.splitlines(), *done.stderr.splitlines()):
        if done.returncode and (found := line.partition(GAVE_UP)[2]):
            late(found)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done


def rest_of(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """What a program has said on stdout and stderr that was not read yet, when it has ended."""
    try:
        return process.communicate(timeout=LONG)
    except subprocess.TimeoutExpired:
        process.kill()
        late(f"the end of {process.args!r:.200} after {LONG:.0f} s")


def until(happened: Callable[[], object], what: str, *, seconds: float = MOMENT) -> None:
    """Wait until something *happened* on this machine."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            late(f"{what} after {seconds:.0f} s")
        time.sleep(0.05)


def until_guest(
    seen: Callable[[], str | None],
    what: str,
    *,
    program: "subprocess.Popen[bytes]",
    console: Path,
) -> str:
    """Wait until something is *seen* of the guest that *program* runs; return it. The patience is
    the product's own: as long as the guest's console still says something new."""
    patience, guest, size = Patience(SILENCE, program.pid), program.pid, -1
    while (found := seen()) is None:
        if guest != (guest := _child(program.pid)):  # QEMU is there, or another one
            patience = Patience(SILENCE, guest)
        if size != (size := console.stat().st_size):
            patience.heard()
        if patience.is_over():
            last = console.read_text(errors="replace").splitlines()[-1:]
            late(f"{what}: {patience.said}; its last line: {last}")
        time.sleep(1)
    return found


def _child(pid: int) -> int:
    """What *pid* has started last, or itself."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[-1]) if children else pid
