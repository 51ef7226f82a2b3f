"""Package files: fetched once, checked, kept for all builds with their data uncompressed.

xz is half of the time that dpkg takes to unpack, so each file is written once more with a plain
data member, while others are still on their way. Its own digest is kept beside it, and checked at
every use: a file that a bad disk broke is fetched again, once.

    packages/SHA256.deb         the package, named by the digest of the file that was fetched
    packages/SHA256.plain       the digest of the file as it lies here
"""

import hashlib
import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from appliance.backends.package_managers.model import LockedPackage
from appliance.engine.events import Emit, Progress
from appliance.engine.store import Store
from appliance.errors import CommandError, SourceError
from appliance.host import command
from appliance.host.download import Access, Wish, fetch
from appliance.host.trees import remove

PHASE = "download"


def provide(
    packages: Sequence[LockedPackage], accesses: Mapping[str, Access], store: Store, emit: Emit
) -> None:
    """Have all *packages* in the store. *accesses* maps repositories to how they are reached.

    Raises SourceError if one is gone, changed, or cannot be fetched.
    """
    cores = len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(cores) as pool:
        states = list(pool.map(lambda package: is_whole(store, package), packages))
    missing = [package for package, whole in zip(packages, states, strict=True) if not whole]
    if not missing:
        return
    _sweep(store)
    wishes = [_wish(package, accesses, store) for package in missing]
    total = sum(wish.size for wish in wishes)
    done, lock = 0, threading.Lock()

    def received(count: int) -> None:
        nonlocal done
        with lock:
            done += count
            emit(Progress(PHASE, min(done, total), total, "bytes"))

    with ThreadPoolExecutor(cores) as pool:
        jobs = []

        def arrived(wish: Wish) -> None:
            jobs.append(pool.submit(make_plain, wish))

        fetch(wishes, arrived=arrived, received=received)
        for job in jobs:
            job.result()


def _sweep(store: Store) -> None:
    """Remove what killed builds were making; what they were fetching is gone on with."""
    for pattern in ("*.fetched", "*.plain.part", "*.data"):
        for path in store.packages.glob(pattern):
            if not Path("/proc", path.name.split(".")[1]).exists():
                remove(path)


def place(store: Store, sha256: str) -> Path:
    """Where a package lies."""
    return store.packages / f"{sha256}.deb"


def is_whole(store: Store, package: LockedPackage) -> bool:
    """True if the package is here and nothing happened to it."""
    path = place(store, package.sha256)
    mark = path.with_suffix(".plain")
    if not path.exists() or not mark.exists():
        return False
    if mark.read_text() == _digest(path):
        return True
    remove(path)
    return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()


def _wish(package: LockedPackage, accesses: Mapping[str, Access], store: Store) -> Wish:
    if package.repository not in accesses:
        raise SourceError(
            f"the lock takes {package.name} from '{package.repository}', "
            "a repository that the kickstart does not have",
            hint="--update-lock",
        )
    return Wish(
        access=accesses[package.repository],
        path=package.path,
        name=f"{package.name} {package.version}",
        sha256=package.sha256,
        size=package.size,
        target=store.packages / f"{package.sha256}.{os.getpid()}.fetched",
    )


def make_plain(wish: Wish) -> None:
    """Keep a fetched package with its data member uncompressed (deb(5): an ar archive)."""
    fetched, path = wish.target, wish.target.with_name(f"{wish.sha256}.deb")
    part = path.with_name(f"{wish.sha256}.{os.getpid()}.plain.part")
    try:
        control = _control_member(fetched)
        _write_plain(fetched, control, part)
    except CommandError as error:
        raise SourceError(
            f"{wish.name} is not a Debian package: {error.problem}", tail=error.tail
        ) from error
    finally:
        fetched.unlink(missing_ok=True)
    path.with_suffix(".plain").write_text(_digest(part))
    part.rename(path)


def _control_member(path: Path) -> bytes:
    """The ar header and body of the control member, padded: it stays compressed."""
    with path.open("rb") as file:
        if file.read(8) != b"!<arch>\n":
            raise SourceError(f"{path.name} is not a Debian package")
        while header := file.read(60):
            if len(header) < 60 or not header[48:58].strip().isdigit():
                break
            size = int(header[48:58])
            body = file.read(size + size % 2)
            if header.startswith(b"control.tar"):
                return header + body
    raise SourceError(f"{path.name} is not a Debian package: it has no control member")


def _write_plain(fetched: Path, control: bytes, part: Path) -> None:
    data = part.with_suffix(".data")
    try:
        command.run(["sh", "-c", 'dpkg-deb --fsys-tarfile "$0" > "$1"', fetched, data])
        size = data.stat().st_size
        with part.open("wb") as file:
            file.write(b"!<arch>\n" + _header("debian-binary", 4) + b"2.0\n" + control)
            file.write(_header("data.tar", size))
            file.flush()
            with data.open("rb") as source:
                sent = 0
                while sent < size:
                    sent += os.sendfile(file.fileno(), source.fileno(), sent, size - sent)
            file.seek(0, os.SEEK_END)
            file.write(b"\n" * (size % 2))
    finally:
        data.unlink(missing_ok=True)


def _header(name: str, size: int) -> bytes:
    return f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{size:<10}`\n".encode()
