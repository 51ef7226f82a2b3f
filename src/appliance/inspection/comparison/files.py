"""Which files differ between two images: every name, and of what both have, every byte."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from appliance.inspection.catalogue import Catalogue
from appliance.inspection.comparison.model import ADDED, CHANGED, REMOVED, FileChange
from appliance.inspection.installed import Budget, Ownership
from appliance.inspection.package_databases.dpkg_verify import digest_of
from appliance.intake.trees.limits import DamagedError
from appliance.work.file_tree import DIRECTORY, FILE, Entry

MOST = 50_000  # files that are told one by one


@dataclass(frozen=True)
class Side:
    """One of two images: its files, and whose they are."""

    image: Catalogue
    owned: Ownership


def file_changes(left: Side, right: Side, budget: Budget) -> Iterator[FileChange]:
    """Each file that differs, by path; of directories, those that are in both. Times do not count.
    Files are read as far as *budget* allows."""
    one, two = left.image.by_path, right.image.by_path
    for path in sorted(one.keys() | two.keys()):
        here, there = one.get(path), two.get(path)
        package = right.owned.name(path) or left.owned.name(path)
        if here and there:
            what = tuple(_differs(left, right, (here, there), budget))
            if what:
                yield FileChange(path, package, CHANGED, what, here.size, there.size)
        elif here and here.kind != DIRECTORY:
            yield FileChange(path, package, REMOVED, left=here.size)
        elif there and there.kind != DIRECTORY:
            yield FileChange(path, package, ADDED, right=there.size)


def _differs(
    left: Side, right: Side, entries: tuple[Entry, Entry], budget: Budget
) -> Iterator[str]:
    here, there = entries
    if here.kind != there.kind:
        yield "kind"
        return
    if here.kind == FILE and not _same_content(left, right, entries, budget):
        yield "content"
    yield from (what for what, value in OTHERS.items() if value(here) != value(there))


def _same_content(left: Side, right: Side, entries: tuple[Entry, Entry], budget: Budget) -> bool:
    here, there = entries
    if here.size != there.size:
        return False
    if not budget.allows(here.path, 2 * here.size):
        return True
    try:
        return _digest(left, here) == _digest(right, there)
    except DamagedError:
        return False


def _digest(side: Side, entry: Entry) -> str:
    return digest_of(side.image.tree, entry.path, "sha256")


OTHERS: dict[str, Callable[[Entry], object]] = {
    "target": lambda entry: entry.target,
    "mode": lambda entry: entry.mode,
    "owner": lambda entry: (entry.uid, entry.gid),
    "attributes": lambda entry: dict(entry.attributes),
}
