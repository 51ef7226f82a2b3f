"""The author's own files, as running steps have them (appliance.work.OwnFiles)."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.engine.order import Source
from appliance.engine.tree import Tree
from appliance.errors import RequestError
from appliance.host import own_files, trees
from appliance.host.own_files import Target


@dataclass(frozen=True)
class BroughtFiles:
    """Copies the author's own files, and makes sure that they are those of the plan.

    *sources*: where they are.
    *layers*: the root tree of the image.
    *aside*: the directory, on disk, for what scripts are shown.
    *clock*: the moment of the build, in seconds since 1970, which all copies get for their time.
    """

    sources: Sequence[Source]
    layers: Tree
    aside: Path
    clock: int

    def copy(
        self, digest: str, place: str, *, owner: tuple[int, int], mode: int | None = None
    ) -> None:
        """Copy the files with that *digest* to *place* in the image.

        Raises RequestError if they have changed since they were looked at, CommandError if they
        cannot be written.
        """

        def directory(path: str) -> Path:
            return self.layers.resolve(f"{place}/{path}")

        def name(path: str) -> Path:
            whole = f"{place}/{path}" if path else place
            above, _, last = whole.rpartition("/")
            return self.layers.resolve(above) / last

        self._copy(digest, Target(directory, name, owner, mode, self.clock))

    def show(self, digests: Sequence[str], *, also: Sequence[str]) -> Path:
        """Return a directory with copies of all that is in the directories with these *digests*,
        and with links to itself that are called as *also* says. It is made on disk, since it may
        be larger than memory, and is there until the build ends.

        Raises RequestError if they have changed since they were looked at.
        """
        name = "\0".join((*digests, *also)).encode(errors="surrogateescape")
        shown = self.aside / hashlib.sha256(name).hexdigest()
        if not shown.exists():
            part = shown.with_suffix(".part")
            trees.remove(part)
            part.mkdir(parents=True)
            for digest in digests:
                self._copy(digest, Target(part.joinpath, part.joinpath, None, None, self.clock))
            for link in also:
                part.joinpath(link).symlink_to(".")
            part.chmod(0o755)
            os.utime(part, (self.clock, self.clock))
            part.rename(shown)
        return shown

    def _copy(self, digest: str, target: Target) -> None:
        source = next(each for each in self.sources if each.digest == digest)
        place = Path(source.place)
        if own_files.copy(place, target, without=source.without) != digest:
            raise RequestError(
                f"{place} changed while the build ran", hint="build again, when nobody writes there"
            )
