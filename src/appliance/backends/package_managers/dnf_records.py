"""What dnf writes down of an installation, made the same each time and true.

Given files, dnf remembers that somebody asked for each of them; the lock knows better: what a
user asked for, what came as a dependency, and from which repository. Facts: dnf 4's
history.sqlite (libdnf/transaction/sql), dnf5's packages.toml and nevras.toml (dnf5's
libdnf5/system/state.cpp), SQLite's file format (sqlite.org/fileformat2.html).
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from appliance.backends.package_managers.model import LockedPackage
from appliance.work import Work

HISTORY = "var/lib/dnf/history.sqlite"
DNF5 = "usr/lib/sysimage/libdnf5"
REASONS = {"dependency": 1, "user": 2, "weak": 4, "group": 5}  # TransactionItemReason
COMMAND = "install"
SQLITE_VERSION = slice(92, 100)  # of the header: who wrote the file last, and when that counted


def settle(work: Work, packages: Sequence[LockedPackage], database: str) -> None:
    """Correct dnf's records in the image, and leave no half-written database there."""
    for suffix in ("-shm", "-wal"):
        work.inside(f"{database}/rpmdb.sqlite{suffix}").unlink(missing_ok=True)
    work.inside(f"{database}/.rpm.lock").unlink(missing_ok=True)
    history = work.inside(HISTORY)
    if history.is_file():
        _dnf4(history, packages, work.clock)


def _dnf4(history: Path, packages: Sequence[LockedPackage], clock: int) -> None:
    repositories = sorted({package.repository for package in packages})
    with closing(sqlite3.connect(history)) as base:
        base.execute("PRAGMA trusted_schema = OFF")  # a package's script may have written it
        base.execute("PRAGMA journal_mode = DELETE")
        with base:
            base.execute(
                "UPDATE trans SET dt_begin = ?, dt_end = ?, cmdline = ?", (clock, clock, COMMAND)
            )
            base.execute("DELETE FROM repo")
            base.executemany(
                "INSERT INTO repo (id, repoid) VALUES (?, ?)", enumerate(repositories, start=1)
            )
            for package in packages:
                base.execute(
                    "UPDATE trans_item SET reason = ?, repo_id = ? WHERE item_id IN "
                    "(SELECT item_id FROM rpm WHERE name = ? AND arch = ?)",
                    (
                        REASONS.get(package.reason, REASONS["user"]),
                        repositories.index(package.repository) + 1,
                        package.name,
                        package.architecture,
                    ),
                )
    _same_writer(history)


def _same_writer(path: Path) -> None:
    """Forget which SQLite wrote the file: it is not always the same one."""
    with path.open("r+b") as file:
        file.seek(SQLITE_VERSION.start)
        file.write(bytes(SQLITE_VERSION.stop - SQLITE_VERSION.start))
    for suffix in ("-shm", "-wal", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
