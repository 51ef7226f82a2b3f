"""What was chosen, exactly: the lock."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LockedPackage:
    """One package file. *path* is relative to its repository's address; *size* is bytes.

    *version* is all of it: epoch, version, release. *payload* is a SHA-256 of what is inside,
    which stays when a package is signed again; empty while nobody has looked. *essential*: the
    package manager's own scripts cannot run without it. *reason* is why it is installed: user,
    dependency, weak or group; empty where nobody remembers that.
    """

    name: str
    version: str
    architecture: str
    sha256: str
    size: int
    repository: str
    path: str
    essential: bool = False
    payload: str = ""
    reason: str = ""


@dataclass(frozen=True)
class LockedRepository:
    """One repository as it was: *date* is its metadata's, in seconds since 1970.

    *unverified*: no key was known for its packages, and that was allowed.
    """

    name: str
    suite: str
    components: tuple[str, ...]
    date: int
    unverified: bool = False


@dataclass(frozen=True)
class Lock:
    """Everything that a build installs. *request* is what was asked for, in words;
    *architecture* is what it runs on, as the kernel names it.

    *clock* is the build's moment, in seconds since 1970: the newest repository's date.
    """

    family: str
    release: str
    request: tuple[str, ...]
    clock: int
    repositories: tuple[LockedRepository, ...]
    packages: tuple[LockedPackage, ...]
    architecture: str = "x86_64"
