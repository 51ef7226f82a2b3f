"""Remove files and packages from the root tree, as a script in the language of image-minimizer
says."""

import fnmatch
import glob
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from appliance.backends.package_managers import rpm_erase
from appliance.errors import RecipeError, Where
from appliance.recipe.reading.minimizer import orders
from appliance.work import RootTree, Work
from appliance.work.results import Layer


@dataclass(frozen=True)
class MinimizeImage:
    """Remove the files and packages that one section of the kickstart names.

    *name*: the name of the layer that the step gives.
    *after*: the layers that are in the root before.
    *body*: the text of the section, in the language of image-minimizer.
    *where*: the line of the kickstart where the section begins.
    """

    version: ClassVar[int] = 1
    name: str
    after: tuple[Layer, ...]
    body: str
    where: Where

    @property
    def repeatable(self) -> bool:
        """True: the step uses neither the network nor anything random."""
        return True

    @property
    def takes(self) -> tuple[Layer, ...]:
        """The layers that are in the root before."""
        return self.after

    @property
    def gives(self) -> Layer:
        """The layer that the step makes of the root tree."""
        return Layer(self.name)

    def run(self, work: Work) -> None:
        """Remove packages first, then files, as the original program does, and tell how many.

        Raises RecipeError if the text is wrong, or names packages where there is no rpm.
        """
        wanted = orders(self.body, self.where)
        self._drop_packages(work, wanted["droprpm"], wanted["keeprpm"])
        kept = set(_below(work.tree, wanted["keep"]))
        dropped = [path for path in _below(work.tree, wanted["drop"]) if path not in kept]
        gone = sum(map(_removed, sorted(dropped, reverse=True)))  # the inner ones first
        work.note(f"{self.where}: image-minimizer dropped {gone} files and directories")

    def _drop_packages(self, work: Work, drop: list[str], keep: list[str]) -> None:
        if not drop:
            return
        names = rpm_erase.installed(work)
        if not names:
            problem = "droprpm: there is no rpm database in the image"
            raise RecipeError(problem, hint="apt-get purge, in another %post", where=self.where)
        kept = {name for glob in keep for name in fnmatch.filter(names, glob)}
        gone = sorted({name for glob in drop for name in fnmatch.filter(names, glob)} - kept)
        if gone:
            rpm_erase.erase(work, gone)
        work.note(f"{self.where}: image-minimizer dropped {len(gone)} packages")


def _removed(path: Path) -> bool:
    """Remove a file, or a directory that is empty; False if something in it is kept."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return True
    if any(path.iterdir()):
        return False
    path.rmdir()
    return True


def _below(tree: RootTree, globs: Iterable[str]) -> Iterator[Path]:
    """Yield what *globs* match in the root tree, and all that is in matched directories; never the
    root itself, and nothing that a link leads to outside the root."""
    root = tree.root.resolve()
    for pattern in globs:
        matched = glob.glob(pattern.strip("/"), root_dir=root)  # noqa: PTH207 - pathlib follows no link
        for found in sorted(matched):
            path = root / found
            inside = path.parent.resolve()
            if path.name == ".." or not inside.is_relative_to(root):
                continue
            path = inside / path.name
            yield path
            if path.is_dir() and not path.is_symlink():
                yield from path.rglob("*")
