"""How long a machine is waited for: as long as it makes progress, whatever else runs here.

A fixed time would measure this machine, not the guest: beside four busy processes an emulated
guest takes three times as long. So a guest's seconds are those in which its QEMU ran or wanted no
processor; those for which it stood in the queue for one do not count.
"""

import time
from collections.abc import Callable
from pathlib import Path

STRETCH = 4.0  # times the silence that is borne: who speaks without end is not waited for either
NANOSECONDS = 1e9


def queued(pid: int) -> dict[str, float]:
    """Seconds for which each thread of a process has waited for a processor so far, by its name.

    Fact: Documentation/scheduler/sched-stats.rst, the second field of schedstat. Empty if the
    process is gone or the kernel does not tell: then all of its time counts.
    """
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return {}
    found = {}
    for thread in threads:
        try:
            found[thread.name] = int((thread / "schedstat").read_text().split()[1]) / NANOSECONDS
        except (OSError, ValueError, IndexError):
            continue
    return found


class Patience:
    """Waits for one thing that process *pid* shall do. All times are seconds.

    It ends when nothing was heard for *seconds* of the process's own time, or after *most* times
    that, if things are heard all the while. heard() is for every sign of life.
    """

    def __init__(
        self,
        seconds: float,
        pid: int,
        *,
        most: float = STRETCH,
        clock: Callable[[], float] = time.monotonic,
        queue: Callable[[int], dict[str, float]] = queued,
    ) -> None:
        self._seconds, self._most = seconds, seconds * most
        self._pid, self._clock, self._queue = pid, clock, queue
        self._seen, self._waits = clock(), queue(pid)
        self._silent = self._spent = self._held_up = 0.0

    def heard(self) -> None:
        """Begin to count the silence anew."""
        self._look()
        self._silent = 0.0

    @property
    def over(self) -> bool:
        """Whether there is no reason to wait any longer. To be asked about every second: of what
        is between two questions, the queue of the thread that waited most is taken off."""
        self._look()
        return self._silent >= self._seconds or self._spent >= self._most

    @property
    def said(self) -> str:
        """How the time went, as the rest of a sentence."""
        besides = f", and {self._held_up:.0f} s without a processor" if self._held_up >= 1 else ""
        if self._silent >= self._seconds:
            return f"nothing was said for {self._silent:.0f} s{besides}"
        return f"it is not there after {self._spent:.0f} s{besides}, although more is said"

    def _look(self) -> None:
        now, waits = self._clock(), self._queue(self._pid)
        waited = max((waits[name] - self._waits.get(name, 0.0) for name in waits), default=0.0)
        passed = now - self._seen
        waited = min(max(waited, 0.0), passed)
        self._seen, self._waits = now, waits
        self._held_up += waited
        self._spent += passed - waited
        self._silent += passed - waited
