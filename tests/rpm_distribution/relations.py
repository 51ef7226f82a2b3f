"""Debian's versions and relations (deb-version(7), policy 7), said in RPM's way."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .names import DROPPED, is_primary, rpm_name
from .rpm_header import EQUAL, GREATER, LESS, Relation

SENSES = {"<<": LESS, "<=": LESS | EQUAL, "=": EQUAL, ">=": GREATER | EQUAL, ">>": GREATER}
SIGNS = {LESS: "<", LESS | EQUAL: "<=", EQUAL: "=", GREATER | EQUAL: ">=", GREATER: ">"}
ONE = re.compile(
    r"\s*([a-z0-9][a-z0-9+.-]*)(?::\w+)?\s*(?:\(\s*(<<|<=|=|>=|>>)\s*([^)\s]+)\s*\))?\s*"
)


@dataclass(frozen=True)
class Version:
    """A version of Debian's, in RPM's parts."""

    epoch: int
    version: str
    release: str


def split_version(text: str) -> Version:
    """Take `[epoch:]upstream[-revision]` apart; without a revision the release is 1."""
    epoch, _, rest = text.rpartition(":")
    version, _, release = rest.rpartition("-")
    if not version:
        version, release = release, "1"
    return Version(int(epoch or 0), version.replace("-", "."), release)


def evr(text: str) -> str:
    """The version *text* as it stands in a relation: a release only if there was a revision."""
    parts = split_version(text)
    epoch = f"{parts.epoch}:" if parts.epoch else ""
    return f"{epoch}{parts.version}" + (f"-{parts.release}" if "-" in text else "")


@dataclass(frozen=True)
class Said:
    """One relation as Debian says it."""

    name: str
    sense: str
    version: str


def parse(text: str) -> list[list[Said]]:
    """`a (>= 1) | b, c`: what is between commas, each with its alternatives."""
    clauses = [
        [
            Said(*(part or "" for part in match.groups()))
            for match in map(ONE.fullmatch, words)
            if match
        ]
        for words in (clause.split("|") for clause in text.replace("\n", " ").split(","))
    ]
    return [clause for clause in clauses if clause]


@dataclass(frozen=True)
class Names:
    """The relations of a closure: which packages are in it, and what they are called."""

    debs: frozenset[str]

    def _relation(self, said: Said) -> Relation:
        name = rpm_name(said.name) if said.name in self.debs else said.name
        known = said.name not in self.debs or is_primary(said.name, name or "")
        if not said.sense or not known:
            return Relation(name or said.name)
        # To Debian 1.0-1 is later than 1.0; RPM compares without the release: equal.
        later = said.sense == ">>" and "-" not in said.version
        return Relation(name or "", SENSES[">=" if later else said.sense], evr(said.version))

    def requires(self, text: str, flags: int = 0) -> list[Relation]:
        """What has to be there; alternatives become one rich dependency.

        One that we left out counts as fulfilled, if nothing of the alternatives is in the closure.
        """
        found = []
        for clause in parse(text):
            kept = [said for said in clause if said.name not in DROPPED]
            if len(kept) < len(clause) and not any(self._has(said) for said in clause):
                continue
            alternatives = list(dict.fromkeys(map(self._relation, kept)))
            if len(alternatives) == 1:
                only = alternatives[0]
                found.append(Relation(only.name, only.flags | flags, only.version))
            elif alternatives:
                found.append(Relation(f"({' or '.join(map(_words, alternatives))})", flags))
        return found

    def _has(self, said: Said) -> bool:
        return said.name in self.debs and rpm_name(said.name) is not None

    def simple(self, text: str) -> list[Relation]:
        """The first of each alternatives, as conflicts have it."""
        firsts = [clause[0] for clause in parse(text)]
        return [self._relation(said) for said in firsts if said.name not in DROPPED]

    def provides(self, text: str) -> list[Relation]:
        """What else a package is."""
        return [
            Relation(said.name, EQUAL if said.sense else 0, evr(said.version) if said.sense else "")
            for said in (clause[0] for clause in parse(text))
            if said.name not in DROPPED
        ]


def _words(relation: Relation) -> str:
    if not relation.flags:
        return relation.name
    return f"{relation.name} {SIGNS[relation.flags]} {relation.version}"


def without(relations: Iterable[Relation], names: set[str]) -> list[Relation]:
    """The *relations* to others than *names*."""
    return [relation for relation in relations if relation.name not in names]
