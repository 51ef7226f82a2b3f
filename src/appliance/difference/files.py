"""What differs between two ext4 filesystems whose blocks cannot be compared: file by file."""

from collections.abc import Sequence

from appliance.difference.inodes import ExtFilesystem, by_path, fields, kind
from appliance.difference.spans import Difference

FEW = 20  # lines of one kind; more of it are counted
# what follows from where a file lies, and not from what it is
PLACES = ("blocks", "generation", "block of attributes", "flags")


def compare(place: str, left: ExtFilesystem, right: ExtFilesystem) -> list[Difference]:
    """Name files that only one side has, and what differs in those that both have."""
    one, two = (by_path(side.names(side.used())) for side in (left, right))
    found = [
        *summary(place, "only here", [(path, "there", "") for path in one if path not in two]),
        *summary(place, "only here", [(path, "", "there") for path in two if path not in one]),
    ]
    said: dict[str, list[tuple[str, str, str]]] = {}
    for path in (path for path in one if path in two and path.startswith("/")):
        a, b = left.inode(one[path]), right.inode(two[path])
        hidden = (*PLACES, "size") if kind(a) == kind(b) == "directory" else PLACES
        for field, here, there in fields(a, b, without=hidden):
            said.setdefault(field, []).append((path, here, there))
        if "directory" not in (kind(a), kind(b)):
            contents = left.content(a)[:16], right.content(b)[:16]
            if contents[0] != contents[1]:
                said.setdefault("content", []).append((path, *contents))
    for field, items in said.items():
        found += summary(place, field, items)
    return found


def summary(place: str, field: str, items: Sequence[tuple[str, str, str]]) -> list[Difference]:
    """One line for each of *items* (name, here, there), or one for all if there are many."""
    if len(items) <= FEW:
        return [Difference(place, f"{name}: {field}", a, b) for name, a, b in items]
    name, a, b = items[0]
    return [Difference(place, f"{field} of {len(items)} files, such as {name}", a, b)]
