"""How long a guest is waited for: as long as it makes progress, whatever else runs on the host.

A fixed time would measure the host, not the guest: beside four busy processes an emulated guest
takes three times as long. So only those seconds count in which the guest's QEMU ran or wanted no
processor, not those in which it waited in the queue for one.
"""

import time
from collections.abc import Callable
from pathlib import Path

STRETCH = 4.0  # times the silence that is borne, unless *most* says it: nobody may speak for ever
NANOSECONDS = 1e9


def queued(pid: int) -> dict[str, float]:
    """Seconds for which each thread of a process has waited for a processor so far, by its name.

    Empty if the process is gone or the kernel does not tell: then all of its time counts. Fact:
    Documentation/scheduler/sched-stats.rst, the second field of schedstat.
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
    """How long to wait for one thing that the process *pid* shall do.

    It is over when nothing was heard for *seconds* of the process's own time, or after *most*
    times as long if something is heard all the while. Whoever waits calls heard() at every sign
    of life. *clock* and *queue* say how many seconds have passed, and for how many of them each
    thread of the process waited for a processor.
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
        """Begin to count the seconds of silence anew."""
        self._look()
        self._silent = 0.0

    def is_over(self) -> bool:
        """Whether there is no reason to wait any longer. It has to be asked about every second:
        from the time between two questions, the queueing of the thread that waited most is taken
        off."""
        self._look()
        return self._silent >= self._seconds or self._spent >= self._most

    @property
    def said(self) -> str:
        """How long was waited, and for what, as the rest of a sentence for people."""
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
