"""The image or appliance that a command line names; wherever one can stand, its bundle file can."""

import sys
from pathlib import Path

from appliance.cli.progress import watching
from appliance.intake.bundle_files import is_bundle_file, unpacked
from appliance.intake.received import Received, received
from appliance.store.results import Store


def given(path: Path, store: Path) -> Received:
    """Find out what *path* is; a bundle file is unpacked into the *store* first.

    Raises RequestError for what is damaged, no appliance, or not to be trusted.
    """
    return received(path, unpack=lambda file: _unpacked(file, store))


def opened(path: Path, store: Path) -> Path:
    """*path* itself; of a bundle file, the directory that it was unpacked to, in the *store*.

    Raises RequestError for one that is damaged, or not to be trusted.
    """
    return _unpacked(path, store) if is_bundle_file(path) else path


def _unpacked(path: Path, store: Path) -> Path:
    with watching("auto" if sys.stderr.isatty() else "quiet") as emit:
        return unpacked(path, Store(store.absolute()), emit)
