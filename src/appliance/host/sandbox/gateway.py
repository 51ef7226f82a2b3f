"""The network of a script: a namespace of its own, from which a program of this machine makes
connections on its behalf, as any program of its user could. Nothing that listens on this machine's
loopback can be reached from there.

Facts: network_namespaces(7), slirp4netns(1), pasta(1), prctl(2).
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from appliance.host.sandbox.kernel import RefusalError, die_with_parent

PROCESS = "PID"  # in a program's words: stands for the process in whose namespace we are
ROUTES = Path("/proc/self/net/route")
SECONDS = 15  # for a program to set the network up


class Gateway:
    """A program that will connect the namespace which this process enters later; *words* are what
    to call. It has to be made before, since it is to stay outside."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = [word.replace(PROCESS, str(os.getpid())) for word in words]
        waiting, self.go = os.pipe()
        self.said = os.memfd_create("said")
        self.process = os.fork()
        if self.process == 0:
            self._wait_outside(waiting)
        os.close(waiting)

    def _wait_outside(self, waiting: int) -> None:
        die_with_parent()
        os.close(self.go)
        try:
            if os.read(waiting, 1):
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                os.dup2(self.said, 1)
                os.dup2(self.said, 2)
                os.execvp(self.words[0], self.words)
        finally:
            os._exit(127)

    def connects(self) -> bool:
        """Start the program; return whether there is a route out soon."""
        os.write(self.go, b"g")
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if len(ROUTES.read_text().splitlines()) > 1:  # the first line is a title
                return True
            if os.waitpid(self.process, os.WNOHANG)[0]:
                self.process = 0
                return False
            time.sleep(0.02)
        return False

    def complaint(self) -> str:
        """Return the last line that the program printed."""
        with os.fdopen(os.dup(self.said), "rb") as file:
            file.seek(0)
            lines = file.read(4096).decode(errors="replace").splitlines()
        return f"{self.words[0]}: {lines[-1] if lines else 'it gave no network'}"

    def end(self) -> None:
        """End the program, whether it runs or still waits."""
        with contextlib.suppress(OSError):
            os.close(self.go)
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
            self.process = 0


@contextlib.contextmanager
def waiting(programs: Sequence[Sequence[str]]) -> Iterator[list[Gateway]]:
    """Lend a Gateway for each of *programs*, the best first, and end all of them in the end."""
    gateways = [Gateway(words) for words in programs]
    try:
        yield gateways
    finally:
        for gateway in gateways:
            gateway.end()


def connect(gateways: Sequence[Gateway]) -> None:
    """Connect the network namespace of this process by the first of *gateways* that can.

    Raises RefusalError, with what the programs said, if none can.
    """
    if gateways and not any(gateway.connects() for gateway in gateways):
        said = "; ".join(gateway.complaint() for gateway in gateways)
        raise RefusalError(f"no network for the script ({said})")
