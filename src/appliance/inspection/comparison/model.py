"""What `appliance diff` says of two appliances in words, as values; `--json` prints them."""

from dataclasses import asdict, dataclass
from typing import Any

SCHEMA = 1  # raised when a program that reads the JSON text would misunderstand it
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
NEWER, OLDER = "newer", "older"
MENDED, COME = "mended", "come"


@dataclass(frozen=True)
class PackageChange:
    """A package that is not the same in both.

    *name*: its name.
    *architecture*: its architecture, in the words of its package manager.
    *change*: added, removed, newer, older; changed if nothing orders its two versions.
    *left*: its version in the first; empty if it is not there.
    *right*: its version in the second; empty if it is not there.
    *source*: the source package that it was built from.
    *reason*: why it is there, or was: asked, setting, needed; empty if nothing says it.
    """

    name: str
    architecture: str
    change: str
    left: str
    right: str
    source: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Growth:
    """What takes another amount of room than before.

    *name*: the package, empty for files of none; or the directory, two levels deep.
    *left*: bytes of its files in the first.
    *right*: bytes of its files in the second.
    *reason*: why that is so: what became of the package, or which packages' files it is.
    """

    name: str
    left: int
    right: int
    reason: str = ""

    @property
    def size(self) -> int:
        """By how many bytes it grew; negative if it shrank."""
        return self.right - self.left


@dataclass(frozen=True)
class GrowthRow:
    """What the files of one package take in one directory: all growth is sums of these.

    *directory*: the directory; at most four levels deep, with all that is in deeper ones.
    *package*: the package; empty for files of none.
    *left*: bytes of these files in the first.
    *right*: bytes of these files in the second.
    """

    directory: str
    package: str
    left: int
    right: int


@dataclass(frozen=True)
class SizeChanges:
    """How much room all files take.

    *left*: bytes of all files in the first.
    *right*: bytes of all files in the second.
    *packages*: the packages whose size differs, what differs most first.
    *directories*: the directories whose size differs, what differs most first.
    *rows*: what differs by directory and package.
    """

    left: int
    right: int
    packages: tuple[Growth, ...]
    directories: tuple[Growth, ...]
    rows: tuple[GrowthRow, ...]


@dataclass(frozen=True)
class SettingChange:
    """A setting, or what follows from settings, that is not the same in both.

    *section*: the section of an inspection that tells it.
    *kind*: what it is of: user, unit, port, kernel.
    *name*: which of these; empty where there is but one.
    *what*: what of it differs; empty if all of it was added or removed.
    *change*: added, removed or changed.
    *left*: what the first has.
    *right*: what the second has.
    """

    section: str
    kind: str
    name: str
    what: str
    change: str
    left: str
    right: str


@dataclass(frozen=True)
class FileChange:
    """A file that is not the same in both.

    *path*: its path.
    *package*: the package that has it; empty if none has.
    *change*: added, removed or changed.
    *what*: what differs: kind, content, target, mode, owner, attributes.
    *left*: its size in bytes in the first.
    *right*: its size in bytes in the second.
    """

    path: str
    package: str
    change: str
    what: tuple[str, ...] = ()
    left: int = 0
    right: int = 0


@dataclass(frozen=True)
class VulnerabilityChange:
    """A known vulnerability that is of one of them only.

    *name*: what its publisher calls it.
    *package*: the package that it is of: a source package, where its publisher names those.
    *change*: mended, if the first has it; come, if the second has it.
    *severity*: in the publisher's words.
    *version*: the version that has it.
    *fixed*: the first version without it.
    *about*: what it is, in a line.
    """

    name: str
    package: str
    change: str
    severity: str
    version: str
    fixed: str
    about: str


@dataclass(frozen=True)
class News:
    """What the changelog of a source package says about its way from the one to the other.

    *source*: the source package; of rpm, the package.
    *left*: its version in the first.
    *right*: its version in the second.
    *packages*: the packages that were built from it and differ.
    *entries*: the entries that are newer than the first has, the newest first.
    *note*: why there are none, or not all.
    """

    source: str
    left: str
    right: str
    packages: tuple[str, ...]
    entries: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Comparison:
    """What differs between two appliances, in words.

    A field is None, and left out of the JSON text, if nobody asked for it, or if it is not known.

    *left*: the first.
    *right*: the second.
    *left_name*: what the first calls itself, with its version; else the name of its file.
    *right_name*: what the second calls itself.
    *packages*: packages that were added or removed, are newer or older.
    *sizes*: what takes more or less room, and why.
    *settings*: what differs in product, system, start, disks, users, units, ports, certificates.
    *files*: files that were added, removed or changed.
    *vulnerabilities*: what was mended, and what came, of what `--data` knows.
    *news*: what the packages' changelogs say.
    *notes*: what is not known, and why.
    """

    left: str
    right: str
    left_name: str
    right_name: str
    packages: tuple[PackageChange, ...] | None = None
    sizes: SizeChanges | None = None
    settings: tuple[SettingChange, ...] | None = None
    files: tuple[FileChange, ...] | None = None
    vulnerabilities: tuple[VulnerabilityChange, ...] | None = None
    news: tuple[News, ...] | None = None
    notes: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether anything that was asked for is not the same in both."""
        sizes = self.sizes.rows if self.sizes else ()
        return any((self.packages, sizes, self.settings, self.files, self.vulnerabilities))


def as_json(found: Comparison) -> dict[str, Any]:
    """*found* as plain data, with the number of its schema; what nobody asked for is left out."""
    said = {name: value for name, value in asdict(found).items() if value is not None}
    return {"schema": SCHEMA, **said}
