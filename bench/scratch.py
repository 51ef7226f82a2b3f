"""How much room a build takes while it runs, in memory and on disk.

The workbench is a tmpfs that only the build's own mount namespace has; /proc/PID/root of a process
in there leads to it, and statvfs(2) says exactly what it holds, whatever others on this machine
do. Drafts lie on disk, in the store and beside the output: there allocated blocks are counted.
Where the workbench is on disk, it is one of those drafts.

Not counted: what stays (results in the store, the appliance), the processes' own memory, and the
kernel's copies of files, which it gives back when somebody needs the room.
"""

import os
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

INTERVAL = 0.02  # seconds; a copy of a disk can be over in a tenth of one
BLOCK = 512  # what st_blocks counts, whatever the filesystem


@dataclass(frozen=True)
class Peak:
    """Bytes *at* the moment when memory and disk together were most, in seconds after the start."""

    memory: int = 0
    disk: int = 0
    at: float = 0.0

    @property
    def total(self) -> int:
        """Both."""
        return self.memory + self.disk


class Watch:
    """Looks at a build from begin() to the end of the `with` block."""

    def __init__(self, drafts: Path, output: Path) -> None:
        self._drafts, self._output = drafts, output
        self._seen: list[Peak] = []
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self._inside = 0

    def begin(self, process: int) -> None:
        """The build is *process*."""
        self._thread = threading.Thread(target=self._look, args=(process,))
        self._thread.start()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._thread:
            self._thread.join()

    def peak(self) -> Peak:
        """The most that was seen."""
        return max(self._seen, key=lambda seen: seen.total, default=Peak())

    def _look(self, process: int) -> None:
        began = time.monotonic()
        while not self._done.wait(INTERVAL):
            memory = self._workbench(process)
            disk = disk_use(self._drafts) + sum(map(disk_use, self._output.glob(".*.part")))
            self._seen.append(Peak(memory, disk, time.monotonic() - began))

    def _workbench(self, process: int) -> int:
        """Bytes that the tmpfs holds; 0 where there is none."""
        for place in self._drafts.glob("bench.*/mounted"):
            outside = place.stat().st_dev
            for number in [self._inside] if self._inside else descendants(process):
                view = Path(f"/proc/{number}/root{place}")
                with suppress(OSError):
                    if view.stat().st_dev != outside:
                        self._inside = number
                        room = os.statvfs(view)
                        return (room.f_blocks - room.f_bfree) * room.f_frsize
        return 0


def descendants(process: int) -> Iterator[int]:
    """The processes that *process* started, theirs, and so on (proc(5))."""
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            for word in file.read_text().split():
                yield int(word)
                yield from descendants(int(word))


def disk_use(place: Path) -> int:
    """Bytes that *place* and all below it take on its disk; what vanishes meanwhile does not
    count, nor what is mounted below."""
    total = 0
    try:
        device = place.stat().st_dev
    except OSError:
        return 0
    pending = [place]
    while pending:
        with suppress(OSError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    if status.st_dev != device:
                        continue
                    total += status.st_blocks * BLOCK
                    if stat.S_ISDIR(status.st_mode):
                        pending.append(Path(entry.path))
    return total
