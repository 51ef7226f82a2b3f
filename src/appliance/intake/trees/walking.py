"""Go through a tree whose directories can be listed one by one."""

from collections.abc import Callable, Iterator

from appliance.intake.trees.limits import Allowance, DamagedError, is_too_deep
from appliance.units import MIB
from appliance.work.file_tree import DIRECTORY, Entry

Children = Callable[[Entry], list[Entry]]
TWICE = "a directory in a circle, or with two names"


def walk(
    root: Entry, children: Children, allowance: Allowance, left_out: list[str]
) -> Iterator[Entry]:
    """All entries from *root* on, each directory before what it holds, by name.

    A directory that cannot be read, that is too deep, or that was there already is not gone into,
    and *left_out* says why; raises DamagedError if there is too much of everything.
    """
    seen: set[int] = set()
    stack = [root]
    while stack:
        entry = stack.pop()
        allowance.entry()
        yield entry
        if entry.kind != DIRECTORY:
            continue
        if entry.inode in seen:
            left_out.append(f"{entry.path}: {TWICE}")
        elif is_too_deep(entry):
            left_out.append(f"{entry.path[:100]}…: directories in each other, too deep")
        else:
            try:
                found = children(entry)
            except DamagedError as error:
                left_out.append(f"{entry.path}: {error}")
                continue
            seen.add(entry.inode)
            stack += sorted(found, key=lambda each: each.path, reverse=True)


def below(directory: str, name: str) -> str:
    """The path of *name* in the *directory*."""
    return f"{directory.rstrip('/')}/{name}"


def parts(path: str) -> list[str]:
    """The names in *path*, from the root on."""
    return [part for part in path.split("/") if part not in ("", ".")]


def first_bytes(pieces: Iterator[bytes], limit: int) -> bytes:
    """The first *limit* bytes of what comes in *pieces*."""
    found, left = [], limit
    for piece in pieces:
        found.append(piece[:left])
        left -= len(found[-1])
        if left <= 0:
            break
    return b"".join(found)


def zeros(count: int) -> Iterator[bytes]:
    """*count* bytes without a place on the disk, piece by piece."""
    while count > 0:
        yield bytes(min(count, MIB))
        count -= MIB
