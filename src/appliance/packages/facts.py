"""What packages say of themselves, read once of each package file and kept beside it.

    packages/SHA256.facts       what the package file with that digest says

They are needed for every bundle, also where the packages are installed in a layer that is kept and
their files are gone; so they count as used whenever they are read, as that layer does.
"""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from appliance.backends.package_managers.model import LockedPackage
from appliance.backends.package_managers.package_facts import VERSION, PackageFacts
from appliance.codec import decode, encode
from appliance.packages.package_files import Kind, place
from appliance.store.results import Store, write_whole


def lacking(packages: Sequence[LockedPackage], store: Store) -> tuple[LockedPackage, ...]:
    """Those of *packages* of which the store knows nothing: their files are needed."""
    return tuple(package for package in packages if _kept(package, store) is None)


def known(packages: Sequence[LockedPackage], kind: Kind, store: Store) -> tuple[PackageFacts, ...]:
    """What *packages* say of themselves, in their order; the files of those that lacking() names
    are in the store. Raises SourceError for a damaged one."""
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return tuple(pool.map(lambda package: _known(package, kind, store), packages))


def _known(package: LockedPackage, kind: Kind, store: Store) -> PackageFacts:
    facts = _kept(package, store)
    if facts is None:
        facts = kind.facts(place(store, package, kind))
        text = json.dumps({"version": VERSION, "facts": encode(facts)})
        write_whole(_place(package, store), text)
    return facts


def _kept(package: LockedPackage, store: Store) -> PackageFacts | None:
    path = _place(package, store)
    try:
        says = json.loads(path.read_text())
        os.utime(path)
        return decode(PackageFacts, says["facts"]) if says["version"] == VERSION else None
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):  # a machine that lost its power leaves empty ones
        return None


def _place(package: LockedPackage, store: Store) -> Path:
    return store.packages / f"{package.sha256}.facts"
