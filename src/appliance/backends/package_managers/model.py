"""What was chosen, exactly: the lock."""

from dataclasses import dataclass

# A setting of dnf: rpm in the image, which reads no database of today's, has to make its own.
OWN_RPM = ("rpm", "own")


@dataclass(frozen=True)
class LockedPackage:
    """One package file, exactly.

    *name*: the package's name.
    *version*: its whole version: epoch, version and release.
    *architecture*: its architecture, as its package manager names it.
    *sha256*: the digest of the file.
    *size*: the size of the file in bytes.
    *repository*: the name of the repository that it comes from.
    *path*: where the file is, relative to the repository's address.
    *essential*: True if the package manager's own scripts cannot run without it.
    *payload*: a SHA-256 of the package's content, which stays when the package is signed again;
        empty while nobody has looked.
    *reason*: why it is installed: user, dependency, weak or group; empty if that is not known.
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
    """One repository as it was when the lock was made.

    *name*: the repository's name.
    *suite*: the suite of an apt archive; empty for any other repository.
    *components*: the components of an apt archive.
    *date*: when its metadata was made, in seconds since 1970.
    *unverified*: True if its packages were allowed to be used without a known key.
    *origin*: who says that it is theirs, as the Origin of an apt archive; empty if nobody does.
    *sha256*: the SHA-256 of its signed metadata (InRelease, Release or repomd.xml), which has the
        digests of all the rest; empty in locks of before version 2.1.
    """

    name: str
    suite: str
    components: tuple[str, ...]
    date: int
    unverified: bool = False
    origin: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Lock:
    """Everything that a build installs.

    *family*: the name of the distribution family.
    *release*: the release of the family.
    *request*: what was asked for, in words; a lock is valid for exactly these.
    *clock*: the build's moment in seconds since 1970: the date of the newest repository.
    *repositories*: the repositories that the packages come from.
    *packages*: the packages, exactly.
    *architecture*: what it runs on, as the kernel names it.
    """

    family: str
    release: str
    request: tuple[str, ...]
    clock: int
    repositories: tuple[LockedRepository, ...]
    packages: tuple[LockedPackage, ...]
    architecture: str = "x86_64"
