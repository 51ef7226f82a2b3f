"""Whose keys open an image: those in every user's home, wherever it is."""

from collections.abc import Iterator

from appliance.backends.image_rules.model import Background, Fault
from appliance.units import KIB
from appliance.work.file_tree import FILE, FileTree

LONGEST = 256 * KIB  # bytes of a list of users, or of keys
MOST = 1000  # users that are looked at
NAMES = ("authorized_keys", "authorized_keys2")


def authorized_keys(tree: FileTree, background: Background) -> Iterator[Fault]:
    """The users whom keys let in, but for those to whom the author has given keys."""
    seen: set[str] = set()
    for name, home in _homes(tree):
        for file in NAMES:
            path = f"{home.rstrip('/')}/.ssh/{file}"
            count = _keys(tree, path)
            if count and path not in seen and name not in background.keys:
                keys = "a key lets" if count == 1 else f"{count} keys let"
                yield Fault(path, f"{keys} in whoever has it, as {name[:32]}")
            seen.add(path)


def _homes(tree: FileTree) -> Iterator[tuple[str, str]]:
    """Each user of the image with their home; root has one in any case."""
    yield "root", "/root"
    text = tree.read("/etc/passwd", LONGEST).decode(errors="surrogateescape")
    for line in text.splitlines()[:MOST]:
        fields = line.split(":")
        if len(fields) > 6 and fields[5].startswith("/") and fields[5] != "/":
            yield fields[0], fields[5]


def _keys(tree: FileTree, path: str) -> int:
    """How many keys are in the file *path*."""
    entry = tree.find(path)
    if entry is None or entry.kind != FILE:
        return 0
    text = tree.read(path, LONGEST).decode(errors="replace")
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") for line in text.splitlines()
    )
