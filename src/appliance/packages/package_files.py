"""Package files: fetched once, checked, kept for all builds.

A file that a bad disk broke is fetched again, once. What is peculiar to one package manager's
files is in deb_files.py and rpm_files.py.
"""

import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from appliance.backends.package_managers.model import LockedPackage
from appliance.backends.package_managers.package_facts import PackageFacts
from appliance.errors import SourceError
from appliance.events import Emit, Progress
from appliance.host.download import ChangedError, RemoteAccess, WantedFile, fetch
from appliance.host.trees import remove
from appliance.packages.mirror_lists import reached
from appliance.store.results import Store

PHASE = "download"


class Kind(Protocol):
    """One package manager's files.

    *unpacked* is about how many bytes a byte of a kept file becomes in the image. *signed_again*:
    another signature makes another file of the same package.
    """

    suffix: str
    unpacked: int
    signed_again: bool

    def is_whole(self, path: Path, package: LockedPackage) -> bool:
        """True if the file of *package* is at *path* and nothing happened to it."""

    def arrived(self, wish: WantedFile) -> None:
        """Keep the file that *wish* brought; called from several threads.

        Raises SourceError if it is not a package.
        """

    def settle(self, packages: Sequence[LockedPackage], folder: Path) -> None:
        """Raise SourceError unless all *packages*, whose files are in *folder*, may be used."""

    def payload(self, path: Path) -> str:
        """The LockedPackage.payload of the package file at *path*.

        Raises SourceError if it is damaged.
        """

    def facts(self, path: Path) -> PackageFacts:
        """What the package file at *path* says of itself.

        Raises SourceError if it is damaged.
        """

    def explained(self, error: SourceError, package: LockedPackage, changed: Path) -> SourceError:
        """Return the error to raise for a *package* whose file is not the one in the lock.

        *changed* is the file that came instead. Where it explains more than *error* says, a better
        error is returned, else *error* itself.
        """


def provide(
    packages: Sequence[LockedPackage],
    accesses: Mapping[str, RemoteAccess],
    kind: Kind,
    *,
    store: Store,
    emit: Emit,
) -> None:
    """Fetch those of *packages* that the store lacks, and check all of them.

    *accesses* says how the files of each repository are reached, by the repository's name. Raises
    SourceError if a file is gone, changed, wrongly signed, or cannot be fetched.
    """
    cores = len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(cores) as pool:
        states = list(pool.map(lambda package: _is_whole(package, kind, store), packages))
    missing = [package for package, whole in zip(packages, states, strict=True) if not whole]
    if missing:
        _sweep(store)
        _fetch(_wishes(missing, accesses, store), kind, emit)
    kind.settle(packages, store.packages)


def _is_whole(package: LockedPackage, kind: Kind, store: Store) -> bool:
    path = place(store, package, kind)
    if kind.is_whole(path, package):
        return True
    remove(path)
    return False


def _fetch(wishes: Mapping[WantedFile, LockedPackage], kind: Kind, emit: Emit) -> None:
    total = sum(wish.size for wish in wishes)
    done, lock = 0, threading.Lock()

    def received(count: int) -> None:
        nonlocal done
        with lock:
            done += count
            emit(Progress(PHASE, min(done, total), total, "bytes"))

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        jobs = []

        def arrived(wish: WantedFile) -> None:
            jobs.append(pool.submit(kind.arrived, wish))

        try:
            fetch(wishes, arrived=arrived, received=received)
        except ChangedError as error:
            changed = error.wish.target.with_name(f"{error.wish.target.name}.changed")
            raise kind.explained(error, wishes[error.wish], changed) from error
        for job in jobs:
            job.result()


def _sweep(store: Store) -> None:
    """Remove the half-made files of builds that were killed; unfinished downloads stay, to be
    continued."""
    for pattern in ("*.fetched", "*.fetched.changed", "*.plain.part", "*.data"):
        for path in store.packages.glob(pattern):
            if not Path("/proc", path.name.split(".")[1]).exists():
                remove(path)


def place(store: Store, package: LockedPackage, kind: Kind) -> Path:
    """Return where the store keeps the file of *package*, whether or not it is there yet."""
    return store.packages / f"{package.sha256}{kind.suffix}"


def _wishes(
    packages: Sequence[LockedPackage], accesses: Mapping[str, RemoteAccess], store: Store
) -> dict[WantedFile, LockedPackage]:
    """Say what to fetch from where, with the mirrors that each repository has now."""
    for package in packages:
        if package.repository not in accesses:
            raise SourceError(
                f"the lock takes {package.name} from '{package.repository}', "
                "a repository that the kickstart does not have",
                hint="appliance lock, or appliance build --update-lock",
            )
    here = {name: reached(accesses[name]) for name in {item.repository for item in packages}}
    return {
        WantedFile(
            access=here[package.repository],
            path=package.path,
            name=f"{package.name} {package.version}",
            sha256=package.sha256,
            size=package.size,
            target=store.packages / f"{package.sha256}.{os.getpid()}.fetched",
        ): package
        for package in packages
    }
