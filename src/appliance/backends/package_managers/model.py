"""What was chosen, exactly: the lock."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LockedPackage:
    """One package file. *path* is relative to its repository's address; *size* is bytes.

    *essential*: the package manager's own scripts cannot run without it.
    """

    name: str
    version: str
    architecture: str
    sha256: str
    size: int
    repository: str
    path: str
    essential: bool = False


@dataclass(frozen=True)
class LockedRepository:
    """One repository as it was: *date* is its metadata's, in seconds since 1970."""

    name: str
    suite: str
    components: tuple[str, ...]
    date: int


@dataclass(frozen=True)
class Lock:
    """Everything that a build installs. *request* is what was asked for, in words.

    *clock* is the build's moment, in seconds since 1970: the newest repository's date.
    """

    family: str
    release: str
    request: tuple[str, ...]
    clock: int
    repositories: tuple[LockedRepository, ...]
    packages: tuple[LockedPackage, ...]
