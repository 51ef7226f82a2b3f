"""The packages of an image with their files, whichever package manager keeps the list."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from appliance.inspection.content_facts import ChangedFile, InstalledPackage

MOST_PACKAGES = 100_000
MOST_HASHED = 32 << 30  # bytes of files that are read to be compared


@dataclass(frozen=True)
class Installed:
    """A package.

    *facts*: what is said of it.
    *paths*: its files and directories, as it names them.
    *requires*: what it needs: of each choice, all words that fulfil it.
    *provides*: what it is, besides its name.
    *verify*: names its files that are not as it brought them.
    """

    facts: InstalledPackage
    paths: tuple[str, ...]
    requires: tuple[tuple[str, ...], ...] = ()
    provides: tuple[str, ...] = ()
    verify: Callable[["Budget"], Iterator[ChangedFile]] = lambda budget: iter(())


class Budget:
    """How many bytes may still be read to be compared with digests; *skipped* are the files that
    would have been too much."""

    def __init__(self, size: int = MOST_HASHED) -> None:
        self.size = size
        self.skipped: list[str] = []

    def allows(self, path: str, size: int) -> bool:
        """Whether the file at *path*, of so many bytes, may be read."""
        if size > self.size:
            self.skipped.append(path)
            return False
        self.size -= size
        return True


@dataclass(frozen=True)
class Ownership:
    """Whose the files of an image are: for each path, with links followed, the number of the
    package; several may have one directory."""

    packages: tuple[Installed, ...] = ()
    by_path: Mapping[str, int] = field(default_factory=dict)

    def name(self, path: str) -> str:
        """The package that has *path*; empty if none has."""
        number = self.by_path.get(path)
        return self.packages[number].facts.name if number is not None else ""
