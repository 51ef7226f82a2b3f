"""Packages as arguments: where a disk image or a bundle can stand, its package can."""

import sys
from pathlib import Path

from appliance.cli.progress import watching
from appliance.intake.unpack import is_package, unpacked
from appliance.store.results import Store


def at_hand(path: Path, store: Path) -> Path:
    """*path* itself; of a package, the directory that it was unpacked to, in the *store*.

    Raises RequestError for one that is damaged, or not to be trusted.
    """
    if not is_package(path):
        return path
    with watching("auto" if sys.stderr.isatty() else "quiet") as emit:
        return unpacked(path, Store(store.absolute()), emit)
