"""The store, in which each result is kept under the digest of all that went into it.

    results/DIGEST/      a finished result: `data` (a file), or a layer; and `result.json`
    packages/            package files, which packages/package_files.py looks after
    drafts/              what builds are working on; what a killed build left there is removed
    plans/NAME.json      the last plan of each recipe, to say why a step will run
    locks/               held while a result is made, and while a build uses the store

All files belong to whoever runs the builds, who may remove the whole store with `rm -rf`.
"""

import errno
import fcntl
import json
import os
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import ApplianceError, HostError
from appliance.host import trees

DATA, RECORD = "data", "result.json"
UNREADABLE = "unreadable"  # instead of what a result is
SPACE_WORDS = ("No space left on device", "Disk quota exceeded", "disk full")


@dataclass(frozen=True)
class Kept:
    """One finished result that the store keeps.

    *digest*: the digest of all that went into it, under which it is kept.
    *gives*: the result, by the text that plans have for it.
    *size*: the bytes that it takes on the disk.
    *used*: when it was made or last of use, in seconds since 1970.
    """

    digest: str
    gives: str
    size: int
    used: float


class Store:
    """The directory *place*, in which results and package files are kept between builds."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.results, self.drafts = place / "results", place / "drafts"
        self.packages, self.plans, self.locks = place / "packages", place / "plans", place / "locks"

    def open(self) -> None:
        """Make the store's directories where they are not there yet. Only their owner may look
        into them, since layers hold the hashes of passwords.

        Raises HostError if they cannot be made.
        """
        try:
            self.place.parent.mkdir(parents=True, exist_ok=True)
            self.place.mkdir(mode=0o700, exist_ok=True)
            for folder in (self.results, self.drafts, self.packages, self.plans, self.locks):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HostError(
                f"the store {self.place} cannot be used: {error.strerror}",
                hint="--store DIR, or make that directory writable",
            ) from error

    def has(self, digest: str) -> bool:
        """Whether the result with that digest is finished. A machine that lost its power may have
        left one whose record says nothing: nobody knows what else it lacks."""
        record = self.results / digest / RECORD
        return record.exists() and _recorded(record) != UNREADABLE

    def damaged(self, digests: Iterable[str]) -> set[str]:
        """Return those of *digests* whose results are there, and not to be believed."""
        there = (each for each in digests if (self.results / each / RECORD).exists())
        return {digest for digest in there if not self.has(digest)}

    def finished(self, digests: Iterable[str]) -> set[str]:
        """Return those of *digests* whose results are finished."""
        return {digest for digest in digests if self.has(digest)}

    def path(self, digest: str) -> Path:
        """Return the directory of the finished result *digest*."""
        return self.results / digest

    def data(self, digest: str) -> Path:
        """Return the file that the finished result *digest* is; a layer has none."""
        return self.results / digest / DATA

    def sha256(self, digest: str) -> str:
        """Return the SHA-256 of a result's file, in hexadecimal; it is computed only once."""
        place = self.results / digest / "sha256"
        if not place.exists():
            text = trees.sha256(self.data(digest))
            part = place.with_suffix(f".{os.getpid()}")
            part.write_text(text)
            part.rename(place)
        return place.read_text()

    @contextmanager
    def using(self, *, alone: bool = False) -> Iterator[None]:
        """Hold the store's lock: builds share it, whoever removes results holds it *alone*.

        Raises HostError at once if it is to be held alone while a build holds it.
        """
        with (self.locks / "store").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
            except BlockingIOError:
                raise HostError(
                    "a build is using the store", hint="again when it is done"
                ) from None
            yield

    @contextmanager
    def lock(self, digest: str) -> Iterator[None]:
        """Wait until nobody else is making *digest*, and keep others from it."""
        with (self.locks / digest).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def draft(self, digest: str, gives: str) -> Iterator[Path]:
        """Lend an empty directory to make the result *digest* in; on success it becomes the
        result, on failure nothing is left. *gives* is the text that plans have for the result.

        The caller must hold the lock of *digest*.
        """
        place = self.drafts / digest
        trees.remove(place)
        place.mkdir()
        try:
            yield place
            record = {"gives": gives, "finished": int(time.time())}
            (place / RECORD).write_text(json.dumps(record))
            trees.remove(self.results / digest)
            place.rename(self.results / digest)
        finally:
            trees.remove(place)

    @contextmanager
    def workbench(self) -> Iterator[Path]:
        """Lend an empty directory that only this process uses. It is removed in the end; if the
        process is killed, the next build removes it."""
        place = self.drafts / f"bench.{os.getpid()}.{time.time_ns()}"
        with (self.locks / place.name).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # before it is there for others to sweep away
            place.mkdir()
            try:
                yield place
            finally:
                trees.remove(place)
                (self.locks / place.name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what killed builds left: workbenches and drafts whose lock nobody holds."""
        for place in list(self.drafts.iterdir()):
            lock = self.locks / place.name
            with lock.open("w") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                trees.remove(place)
                if place.name.startswith("bench."):  # others may be waiting for a digest's lock
                    lock.unlink(missing_ok=True)

    def kept(self) -> list[Kept]:
        """Return every finished result, the longest unused first."""
        found = []
        for place in self.results.iterdir():
            record = place / RECORD
            if record.exists():
                gives = _recorded(record)
                size = sum(file.lstat().st_blocks * 512 for file in place.rglob("*"))
                found.append(Kept(place.name, gives, size, record.stat().st_mtime))
        return sorted(found, key=lambda result: result.used)

    def touch(self, digest: str) -> None:
        """Note that the result *digest* was of use just now."""
        os.utime(self.results / digest / RECORD)

    def forget(self, digest: str) -> None:
        """Delete one result while other builds may run: it waits until none is making the result,
        and whoever reads its file has that open already."""
        with self.lock(digest):
            trees.remove(self.results / digest)

    def remove(self, digest: str) -> None:
        """Delete one result and its lock; the caller must hold the store alone."""
        trees.remove(self.results / digest)
        (self.locks / digest).unlink(missing_ok=True)


def _recorded(record: Path) -> str:
    """What the *record* of a result says that it is; one that tells nothing can still be removed.
    A machine that lost its power leaves empty ones."""
    try:
        return str(json.loads(record.read_text())["gives"])
    except (ValueError, KeyError, TypeError):
        return UNREADABLE


def below(directory: Path) -> Path:
    """Make and return this user's directory for a store in a *directory* that others may write
    to, such as /var/tmp.

    Raises HostError if it cannot be made, or if others own it or may write to it.
    """
    place = directory.absolute() / f"appliance-{os.geteuid()}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            place.mkdir(mode=0o700)
        status = place.lstat()
    except OSError as error:
        raise HostError(
            f"{place} cannot be used: {error.strerror}", hint="another directory"
        ) from error
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise HostError(f"{place} is not ours alone", hint="remove it, or another directory")
    return place


def write_whole(path: Path, text: str) -> None:
    """Write *text* to the file *path* so that nobody ever sees a part of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text)
    part.rename(path)


# What helps against a full disk, by what is on it.
STORE_REMEDY = "appliance cache prune, free some space, or --store on another disk"
OUTPUT_REMEDY = "free some space there, or -o DIR on another disk"


@contextmanager
def full_disk_explained(place: Path, remedy: str = STORE_REMEDY) -> Iterator[None]:
    """Turn an OSError that says that a disk or a quota is full into the HostError of no_space()
    for the disk of *place*, with what helps there."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise no_space(place, remedy=remedy) from error


@contextmanager
def full_disk_told(place: Path, remedy: str = STORE_REMEDY) -> Iterator[None]:
    """Raise the HostError of no_space() for an OSError as full_disk_explained() does, and for a
    tool that failed and printed that a disk is full. Only for work whose tools write to the disk of
    *place* alone."""
    with full_disk_explained(place, remedy):
        try:
            yield
        except ApplianceError as error:
            if any(word in line for word in SPACE_WORDS for line in error.tail):
                raise no_space(place, remedy=remedy) from error
            raise


def no_space(place: Path, says: str = "", *, remedy: str = STORE_REMEDY) -> HostError:
    """Return the error for a full disk that holds *place*; *says* adds how much is needed,
    *remedy* is what helps."""
    return HostError(f"no space left on the disk that holds {place}{says}", hint=remedy)
