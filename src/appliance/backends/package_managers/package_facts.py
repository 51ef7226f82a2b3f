"""What a package file says of itself, whichever package manager it is for."""

from collections.abc import Sequence
from dataclasses import dataclass

VERSION = 1  # raised when the same file is understood differently: kept facts are not used then


@dataclass(frozen=True)
class PackageFacts:
    """What one package file says of itself; empty where it says nothing.

    *source*: the name of the source package that it was built from.
    *source_version*: the source's version, with epoch and release.
    *licence*: its licence, in SPDX's words where it uses them.
    *vendor*: who made it.
    *installed_size*: bytes that its files take.
    *priority*: how much of a system needs it, in apt's words (required, important, standard).
    *requires*: what it needs: of each choice, all words that fulfil it.
    *provides*: what it is, besides its name: capabilities, and the paths that others ask for.
    *documented_by*: the package whose documentation is its own.
    """

    source: str = ""
    source_version: str = ""
    licence: str = ""
    vendor: str = ""
    installed_size: int = 0
    priority: str = ""
    requires: tuple[tuple[str, ...], ...] = ()
    provides: tuple[str, ...] = ()
    documented_by: str = ""


def needs(packages: Sequence[tuple[str, PackageFacts]]) -> list[tuple[str, ...]]:
    """For each of *packages*, a name and its facts, the names of those among them that it needs;
    where several fulfil a need, the first choice by its own name, or else all who provide one."""
    names = {name for name, _ in packages}
    providers: dict[str, set[str]] = {}
    for name, facts in packages:
        for word in facts.provides:
            providers.setdefault(word, set()).add(name)
    found = []
    for name, facts in packages:
        needed: set[str] = set()
        for choices in facts.requires:
            needed |= _fulfilling(choices, names, providers)
        found.append(tuple(sorted(needed - {name})))
    return found


def _fulfilling(
    choices: Sequence[str], names: set[str], providers: dict[str, set[str]]
) -> set[str]:
    for word in choices:
        if word in names:
            return {word}
        if word in providers:
            return providers[word]
    return set()
