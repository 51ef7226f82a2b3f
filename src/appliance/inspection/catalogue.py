"""All entries of an image's tree by their paths, with the links in directories followed."""

from collections.abc import Mapping
from functools import cached_property

from appliance.intake.trees.limits import DamagedError
from appliance.intake.trees.links import read_followed
from appliance.intake.trees.walking import parts
from appliance.work.file_tree import LINK, Entry, FileTree

MOST_LINKS = 40  # that the kernel follows in one path (path_resolution(7))
MOST_STEPS = 4096
LONGEST_TEXT = 1 << 20  # bytes of a configuration file


class Catalogue:
    """*tree* with all its entries in memory, *by_path*; *damage* says why some may be missing."""

    def __init__(self, tree: FileTree) -> None:
        self.tree = tree
        self.damage = ""
        self.by_path: dict[str, Entry] = {}
        self._directories: dict[str, str] = {"": "", "/": ""}
        try:
            self.by_path.update((entry.path, entry) for entry in tree.entries())
        except DamagedError as error:
            self.damage = str(error)

    @cached_property
    def by_directory(self) -> Mapping[str, list[str]]:
        """The names in each directory, by name."""
        found: dict[str, list[str]] = {}
        for path in self.by_path:
            directory, _, name = path.rpartition("/")
            if name:
                found.setdefault(directory or "/", []).append(name)
        return found

    def real(self, path: str) -> str:
        """*path* with all links followed but that of its last name, as lstat(2) would."""
        directory, _, name = path.rstrip("/").rpartition("/")
        known = self._directories.get(directory)
        if known is None:
            known = self._directories[directory] = self._resolved(directory, last=True)
        return f"{known}/{name}"

    def lstat(self, path: str) -> Entry | None:
        """The entry at *path*, itself, if it is a link."""
        return self.by_path.get(self.real(path))

    def stat(self, path: str) -> Entry | None:
        """The entry that *path* leads to."""
        return self.by_path.get(self._resolved(path, last=True) or "/")

    def listed(self, directory: str) -> list[str]:
        """The names in *directory*, by name; none if it is none."""
        return self.by_directory.get(self._resolved(directory, last=True) or "/", [])

    def text(self, path: str, limit: int = LONGEST_TEXT) -> str:
        """What the file says that *path* leads to; empty if it leads to none, or is damaged."""
        try:
            data = read_followed(self.tree, path, limit)
        except DamagedError:
            return ""
        return data.decode("utf-8", "surrogateescape")

    def texts(self, directory: str, ending: str = "") -> list[tuple[str, str]]:
        """What the files in *directory* say whose names have that *ending*, by name."""
        names = [name for name in self.listed(directory) if name.endswith(ending)]
        return [(f"{directory}/{name}", self.text(f"{directory}/{name}")) for name in names]

    def _resolved(self, path: str, *, last: bool) -> str:
        """*path* with links followed; empty for the root."""
        here: list[str] = []
        pending = parts(path)[::-1]
        hops = steps = 0
        while pending and steps < MOST_STEPS and hops <= MOST_LINKS:
            name, steps = pending.pop(), steps + 1
            if name == "..":
                here = here[:-1]
                continue
            found = self.by_path.get("/" + "/".join([*here, name]))
            if found and found.kind == LINK and (pending or last):
                hops += 1
                here = [] if found.target.startswith("/") else here
                pending += parts(found.target)[::-1]
            else:
                here = [*here, name]
        return "".join(f"/{name}" for name in here)
