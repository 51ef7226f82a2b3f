"""Where a path of an image leads, once its links are followed in there."""

from appliance.intake.trees.walking import parts
from appliance.work.file_tree import LINK, Entry, FileTree

MOST_LINKS = 40  # that the kernel follows in one path (path_resolution(7))
MOST_STEPS = 4096


def followed(tree: FileTree, path: str, *, last: bool = True) -> Entry | None:
    """The entry at *path* with all links followed as a program in the image would; without *last*,
    not the one that is the last name. None if it leads nowhere."""
    here: list[str] = []
    pending = parts(path)[::-1]
    hops = steps = 0
    while pending:
        name = pending.pop()
        steps += 1
        if steps > MOST_STEPS:
            return None
        if name == "..":
            here = here[:-1]
            continue
        found = tree.find("/" + "/".join([*here, name]))
        if found is None:
            return None
        if found.kind == LINK and (pending or last):
            hops += 1
            if hops > MOST_LINKS:
                return None
            here = [] if found.target.startswith("/") else here
            pending += parts(found.target)[::-1]
        else:
            here = [*here, name]
    return tree.find("/" + "/".join(here))


def read_followed(tree: FileTree, path: str, limit: int) -> bytes:
    """The first *limit* bytes of the file that *path* leads to; empty if it leads to none."""
    found = followed(tree, path)
    return tree.read(found.path, limit) if found else b""
