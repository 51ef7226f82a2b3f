"""Why packages of rpm are there, as dnf noted it: dnf 4 in a history, dnf 5 in a file of its own.

Facts: libdnf's libdnf/transaction/Types.hpp (TransactionItemReason); dnf5's packages.toml.
"""

import sqlite3
import tomllib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from appliance.inspection.catalogue import Catalogue
from appliance.inspection.package_databases.rpm_blobs import copied

DNF4 = "/var/lib/dnf/history.sqlite"
DNF5 = "/usr/lib/sysimage/libdnf5/packages.toml"
LONGEST = 16 << 20  # bytes of dnf 5's file
STEPS = 10_000_000
OF_NUMBERS = {1: "needed", 2: "asked", 4: "needed", 5: "asked"}
OF_WORDS = {
    "dependency": "needed", "weak dependency": "needed", "user": "asked", "external user": "asked",
    "group": "asked",
}  # fmt: skip
QUESTION = """\
SELECT rpm.name || '.' || rpm.arch, trans_item.reason FROM trans_item
JOIN rpm ON rpm.item_id = trans_item.item_id ORDER BY trans_item.id
"""


def reasons(image: Catalogue) -> Mapping[str, str]:
    """The reason of each package, by NAME.ARCHITECTURE; what is not noted is not there."""
    if image.stat(DNF5):
        return _dnf5(image.text(DNF5, LONGEST))
    with TemporaryDirectory(prefix="appliance-") as place:
        copy = Path(place) / "history.sqlite"
        return _dnf4(copy) if copied(image, DNF4, copy) else {}


def _dnf4(copy: Path) -> Mapping[str, str]:
    try:
        with closing(sqlite3.connect(copy)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            database.set_progress_handler(lambda: 1, STEPS)
            rows = database.execute(QUESTION).fetchall()
    except sqlite3.Error:
        return {}
    return {str(name): OF_NUMBERS[reason] for name, reason in rows if reason in OF_NUMBERS}


def _dnf5(text: str) -> Mapping[str, str]:
    try:
        said: Any = tomllib.loads(text).get("packages", {})
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    found = {}
    for name, each in said.items() if isinstance(said, dict) else ():
        word = str(each.get("reason", "")).lower() if isinstance(each, dict) else ""
        if word in OF_WORDS:
            found[str(name)] = OF_WORDS[word]
    return found
