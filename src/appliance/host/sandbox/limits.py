"""How much a script may take of this machine, and what happens when it takes more.

The kernel bounds what lies in memory filesystems. Time, processes and memory are watched by the
jail's first process, which ends all others when they take too much, and says why.

Facts: proc(5), pid_namespaces(7), setrlimit(2).
"""

import contextlib
import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path

PROCESSES = 2000  # at once; a build with all cores of a large machine has some hundreds
TICK = 0.1  # seconds between two looks at how many processes there are
LOOK = 10  # ticks between two looks at their memory
ENDED = 124  # exit status of a script that was ended, as of timeout(1)
WORD = "appliance: ended: "  # begins the line that says why
OUT_OF_MEMORY_FIRST = "1000"  # oom_score_adj: rather the script than anything else


def watch_over(start: Callable[[], int], seconds: int) -> int:
    """Run the process that *start* forks (it returns the process id), and reap whatever it leaves.

    Return its exit status as os.waitpid() gives it, or raise OverstepError after *seconds*, and
    when it has too many processes or takes too much memory. Only the first process of a PID
    namespace may call this.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    with contextlib.suppress(OSError):  # to be heard among thousands
        os.setpriority(os.PRIO_PROCESS, 0, -20)
    program, ends = start(), time.monotonic() + seconds
    memory, looks = available() * 4 // 5, 0
    while True:
        signal.sigtimedwait({signal.SIGCHLD}, TICK)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == program:
                    return ended[1]
        looks += 1
        if time.monotonic() > ends:
            raise OverstepError(f"it ran for {seconds} seconds (--script-timeout)")
        running = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
        if len(running) > PROCESSES:
            raise OverstepError(f"it had more than {PROCESSES} processes at once")
        if looks % LOOK == 0 and sum(map(_own_memory, running)) > memory:
            raise OverstepError(f"it took more than {memory >> 20} MiB of memory")


class OverstepError(Exception):
    """A script took too much time, memory or processes; the text says which."""


def end_all(why: str) -> int:
    """Kill every other process of this PID namespace, then say *why*; return an exit status."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    os.write(2, f"\n{WORD}{why}\n".encode())
    return ENDED


def bound() -> None:
    """Set the signals, priority and limits of the process that is about to become a script."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, 0)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(OUT_OF_MEMORY_FIRST)
    with contextlib.suppress(OSError, ValueError):  # in force for all but the machine's own root
        resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES * 2, PROCESSES * 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def available() -> int:
    """Bytes of memory that the kernel says are available; 1 GiB if it does not say."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 1 << 30


def _own_memory(process: str) -> int:
    """Bytes that a process shares with nobody, about; 0 if it is gone."""
    try:
        words = Path("/proc", process, "statm").read_text().split()
    except OSError:
        return 0
    return max(0, int(words[1]) - int(words[2])) * os.sysconf("SC_PAGE_SIZE")
