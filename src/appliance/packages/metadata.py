"""What dnf keeps of each repository: its list of files, its packages, its groups."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from appliance.backends.package_managers import comps, primary, repomd
from appliance.backends.package_managers.comps import Comps
from appliance.backends.package_managers.primary import PrimaryEntry
from appliance.backends.package_managers.repomd import Repomd
from appliance.errors import SourceError
from appliance.host import command

LIMIT = 64 * 1024 * 1024  # bytes of a group file, unpacked
Key = tuple[str, str, str]  # name, [epoch:]version-release, architecture


@dataclass(frozen=True)
class Metadata:
    """The metadata of one repository in dnf's cache.

    *cache*: dnf's cache directory.
    *name*: the repository's name.
    """

    cache: Path
    name: str

    @cached_property
    def place(self) -> Path:
        """The directory in which dnf keeps this repository's files.

        Raises SourceError if dnf kept nothing.
        """
        hexadecimal = "[0-9a-f]" * 16
        found = sorted(self.cache.glob(f"{self.name}-{hexadecimal}/repodata/repomd.xml"))
        if not found:
            raise SourceError(f"dnf kept no metadata of {self.name}", hint="--refresh")
        return found[-1].parent.parent

    @property
    def signed_part(self) -> Path:
        """The path of repomd.xml, which lists the other metadata files with their digests and is
        what gets signed."""
        return self.place / "repodata/repomd.xml"

    @cached_property
    def listed(self) -> Repomd:
        """The content of repomd.xml: which metadata files the repository has."""
        return repomd.parse(self.signed_part.read_bytes())

    def comps(self) -> Comps:
        """Return the repository's groups; none if it has no group file."""
        kinds = [kind for kind in ("group_gz", "group") if kind in self.listed.records]
        if not kinds:
            return comps.EMPTY
        kind = next((kind for kind in kinds if self._path(kind).exists()), kinds[0])
        with self._opened(kind) as stream:
            text = stream.read(LIMIT + 1)
        if len(text) > LIMIT:
            raise SourceError(f"the group file of {self.name} is larger than anybody expects")
        return comps.parse(text, self.name)

    def names(self) -> tuple[str, ...]:
        """Return the names of all packages in the repository."""
        with self._opened("primary") as stream:
            return primary.names(stream)

    def find(self, wanted: Collection[Key]) -> dict[Key, PrimaryEntry]:
        """Return the entries of the packages *wanted*, as many of them as the repository has."""
        with self._opened("primary") as stream:
            return primary.find(stream, wanted)

    def _path(self, kind: str) -> Path:
        return self.place / "repodata" / Path(self.listed.records[kind].location).name

    @contextmanager
    def _opened(self, kind: str) -> Iterator[BinaryIO]:
        if kind not in self.listed.records:
            raise SourceError(f"the repository {self.name} has no {kind} metadata")
        path = self._path(kind)
        if not path.exists():
            raise SourceError(f"dnf kept no {kind} metadata of {self.name}", hint="--refresh")
        program = primary.needs_program(path)
        if program:
            plain = path.with_suffix("")
            if not plain.exists():
                part = plain.with_name(f"{plain.name}.{os.getpid()}")
                command.run([program, "-dqf", "-o", part, path])
                part.rename(plain)
            path = plain
        with primary.opened(path) as stream:
            yield stream
