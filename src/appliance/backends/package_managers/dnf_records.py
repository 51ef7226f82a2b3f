"""What dnf writes down of an installation, made the same each time and true.

Given files, dnf remembers that somebody asked for each of them; the lock knows better: what a
user asked for, what came as a dependency, and from which repository. Facts: dnf 4's
history.sqlite (libdnf/transaction/sql), dnf5's packages.toml and nevras.toml (dnf5's
libdnf5/system/state.cpp), SQLite's file format (sqlite.org/fileformat2.html).
"""

import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from appliance.backends.package_managers.model import LockedPackage
from appliance.errors import CommandError
from appliance.work import Work

DNF5 = "usr/lib/sysimage/libdnf5"
SQLITE_VERSION = slice(92, 100)  # of the header: who wrote the file last, and when that counted


def settle(work: Work, packages: Sequence[LockedPackage], database: str) -> None:
    """Correct dnf's records in the image, and leave no half-written database there.

    Raises CommandError if they are not what dnf writes: a package's script may have written there.
    """
    for name in ("rpmdb.sqlite-shm", "rpmdb.sqlite-wal", ".rpm.lock", ".keyring.lock"):
        work.tree.inside(f"{database}/{name}").unlink(missing_ok=True)
    work.tree.inside("var/lib/dnf/system-repo.lock").unlink(missing_ok=True)
    try:
        for path, statements in HISTORIES.items():
            history = work.tree.inside(path)
            if history.is_file():
                _history(history, statements, packages, work.clock)
        for name, line in RECORDS.items():
            record = work.tree.inside(f"{DNF5}/{name}")
            if record.is_file():
                record.write_text(_corrected(record.read_text(), line, packages))
    except (sqlite3.Error, ValueError) as error:
        raise CommandError(f"dnf's records in the image are damaged: {error}") from error


@dataclass(frozen=True)
class Statements:
    """How the history database of one version of dnf is corrected.

    *end*: the SQL that sets times and command of the transaction.
    *package*: the SQL that sets reason and repository of a package, by name and architecture.
    *reasons*: the number that this dnf has for each reason of a LockedPackage.
    """

    end: str
    package: str
    reasons: Mapping[str, int]


HISTORIES = {
    "var/lib/dnf/history.sqlite": Statements(
        "UPDATE trans SET dt_begin = :clock, dt_end = :clock, cmdline = 'install'",
        "UPDATE trans_item SET reason = :reason, repo_id = :repository WHERE item_id IN "
        "(SELECT item_id FROM rpm WHERE name = :name AND arch = :arch)",
        {"dependency": 1, "user": 2, "weak": 4, "group": 5},
    ),
    f"{DNF5}/transaction_history.sqlite": Statements(
        "UPDATE trans SET dt_begin = :clock, dt_end = :clock, description = 'install'",
        "UPDATE trans_item SET reason_id = coalesce((SELECT id FROM trans_item_reason "
        "WHERE name = :word), reason_id), repo_id = :repository WHERE item_id IN "
        "(SELECT item_id FROM rpm JOIN pkg_name ON pkg_name.id = name_id "
        "JOIN arch ON arch.id = arch_id WHERE pkg_name.name = :name AND arch.name = :arch)",
        {},
    ),
}
WORDS = {"dependency": "Dependency", "user": "User", "weak": "Weak Dependency", "group": "Group"}


def _history(
    history: Path, statements: Statements, packages: Sequence[LockedPackage], clock: int
) -> None:
    repositories = sorted({package.repository for package in packages})
    with closing(sqlite3.connect(history)) as base:
        base.execute("PRAGMA trusted_schema = OFF")  # a package's script may have written it
        base.execute("PRAGMA journal_mode = DELETE")
        with base:
            base.execute(statements.end, {"clock": clock})
            base.execute("DELETE FROM repo")
            base.executemany(
                "INSERT INTO repo (id, repoid) VALUES (?, ?)", enumerate(repositories, start=1)
            )
            for package in packages:
                says = {
                    "reason": statements.reasons.get(package.reason, 2),
                    "word": WORDS.get(package.reason, "User"),
                    "repository": repositories.index(package.repository) + 1,
                    "name": package.name,
                    "arch": package.architecture,
                }
                base.execute(statements.package, says)
    _same_writer(history)


def _same_writer(path: Path) -> None:
    """Clear the fields of the file that say which version of SQLite wrote it: hosts have different
    ones."""
    with path.open("r+b") as file:
        file.seek(SQLITE_VERSION.start)
        file.write(bytes(SQLITE_VERSION.stop - SQLITE_VERSION.start))
    for suffix in ("-shm", "-wal", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


# A line of dnf5's files is about one package: {name}.{arch}, or its full name.
RECORDS = {
    "packages.toml": re.compile(r'^"(?P<name>.+)\.(?P<arch>[^.]+)" = \{reason = "(?P<old>.*)"\}$'),
    "nevras.toml": re.compile(
        r'^"(?P<name>.+)-[^-]+-[^-]+\.(?P<arch>[^.]+)" = \{from_repo = "(?P<old>.*)"\}$'
    ),
}


def _corrected(text: str, line: re.Pattern[str], packages: Sequence[LockedPackage]) -> str:
    """*text* with what *line* calls old replaced by what the lock knows."""
    known = {(package.name, package.architecture): package for package in packages}

    def right(one: str) -> str:
        found = line.match(one)
        package = known.get((found["name"], found["arch"])) if found else None
        if not found or not package:
            return one
        reason = "User" if package.reason == "group" else WORDS.get(package.reason, "User")
        new = reason if " = {reason" in one else package.repository
        return one[: found.start("old")] + new + one[found.end("old") :]

    return "".join(right(one.rstrip("\n")) + "\n" for one in text.splitlines())
