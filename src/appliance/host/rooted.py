"""Find files as a program would whose root directory is another than ours."""

from pathlib import Path

from appliance.errors import CommandError

MOST_LINKS = 40  # that the kernel follows in one path (path_resolution(7))


def find(root: Path, path: str) -> Path:
    """Find *path* as a program inside *root* would: links never lead out of it.

    Raises CommandError if there are more than MOST_LINKS of them, as when they lead in circles.
    """
    here, pending, hops = root, path.split("/")[::-1], 0
    while pending:
        name = pending.pop()
        if name in ("", "."):
            continue
        if name == "..":
            here = here.parent if here != root else here
            continue
        target = here / name
        if target.is_symlink():
            hops += 1
            if hops > MOST_LINKS:  # never take what is left of it for a path of the host
                raise CommandError(f"{path}: too many levels of links")
            link = str(target.readlink())
            here = root if link.startswith("/") else here
            pending += link.split("/")[::-1]
        else:
            here = target
    return here
