"""Packages in place of others, whatever a kickstart says of both."""

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from appliance.errors import Where
from appliance.recipe.brand import Brand
from appliance.recipe.model import Note, Packages, WantedPackage

ASKED = Where(Path("--unbrand"), 0)


def place(brand: Brand) -> Where:
    """Where the *brand* is asked for: in a sheet, or on the command line."""
    return brand.where or ASKED


def swapped(
    packages: Packages, brand: Brand, *, ours: Iterable[str], theirs: Iterable[str]
) -> tuple[Packages, tuple[Note, ...]]:
    """Return *packages* with those called *ours*, and without those that a glob of *theirs* is for;
    a note for each line of the author's that says otherwise.

    `-generic-release*` in a kickstart is meant for one that has the distribution's name.
    """
    wanted, unwanted = tuple(ours), tuple(theirs)
    where, notes = place(brand), []

    def forbidden(name: str) -> bool:
        return name not in wanted and any(fnmatchcase(name, glob) for glob in unwanted)

    names = []
    for item in packages.names:
        if forbidden(item.name):
            text = f"{item.name} is left out: the brand has {wanted[0]} in its place"
            notes.append(Note(text, item.where))
        else:
            names.append(item)
    excluded = []
    for item in packages.excluded:
        if any(fnmatchcase(name, item.name) for name in wanted):
            notes.append(Note(f"-{item.name} does not count: the brand needs it", item.where))
        else:
            excluded.append(item)
    there = {item.name for item in names}
    gone = {item.name for item in excluded}
    names += [WantedPackage(name, where) for name in wanted if name not in there]
    excluded += [WantedPackage(glob, where) for glob in unwanted if glob not in gone]
    return replace(packages, names=tuple(names), excluded=tuple(excluded)), tuple(notes)
