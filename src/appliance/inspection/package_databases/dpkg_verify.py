"""Which files of a Debian package are not as it brought them, as `dpkg --verify` says it.

That looks whether all is there, and compares digests alone: of files with an MD5 in the package,
and of configuration with the one that dpkg wrote down when it unpacked it (dpkg(1), --verify and
--verify-format).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from appliance.inspection.catalogue import Catalogue
from appliance.inspection.content_facts import ChangedFile
from appliance.inspection.installed import Budget
from appliance.intake.trees.limits import DamagedError
from appliance.work.file_tree import FILE, FileTree

MISSING, DIFFERS, UNREADABLE = "missing", "??5??????", "?????????"
NEW = "newconffile"  # in place of a digest: it was never unpacked


@dataclass(frozen=True)
class Said:
    """What a package says of its files: the MD5 of each path, and of each configuration file."""

    digests: Mapping[str, str]
    conffiles: Mapping[str, str]


def changed(
    image: Catalogue, package: str, paths: Sequence[str], said: Said, budget: Budget
) -> Iterator[ChangedFile]:
    """Each of the *package*'s *paths* that is not there, or has another content."""
    for path in dict.fromkeys(paths):
        digest = said.digests.get(path) or said.conffiles.get(path, "")
        marks = _marks(image, path, "" if digest == NEW else digest, budget)
        if marks:
            yield ChangedFile(path, package, marks, "c" if path in said.conffiles else "")


def _marks(image: Catalogue, path: str, digest: str, budget: Budget) -> str:
    if image.lstat(path) is None:
        return MISSING
    if not digest:
        return ""
    there = image.stat(path)
    if there is None or there.kind != FILE:
        return DIFFERS
    if not budget.allows(path, there.size):
        return ""
    try:
        return "" if digest_of(image.tree, there.path, "md5") == digest else DIFFERS
    except DamagedError:
        return UNREADABLE


def digest_of(tree: FileTree, path: str, kind: str) -> str:
    """The digest of the file at *path*, in hexadecimal. Raises DamagedError if it leads nowhere."""
    digest = hashlib.new(kind, usedforsecurity=False)
    for piece in tree.pieces(path):
        digest.update(piece)
    return digest.hexdigest()
