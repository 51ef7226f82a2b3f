"""Files that need a second look: those of no package, and those by which others may do more."""

from appliance.inspection import accounts
from appliance.inspection.capabilities import of_attribute
from appliance.inspection.catalogue import Catalogue
from appliance.inspection.content_facts import FileFacts, PrivilegedFile
from appliance.inspection.installed import Ownership
from appliance.work.file_tree import DIRECTORY, FILE

SET_ID = 0o6000
MOST = 50_000  # files that are told one by one
CAPABILITY = "security.capability"


def unowned(image: Catalogue, owned: Ownership) -> tuple[FileFacts, ...]:
    """The files of no package; a directory in which nothing is of any is told once, for all."""
    shared = _above(owned)
    found: dict[str, list[int]] = {}
    seen: set[int] = set()
    for path, entry in image.by_path.items():
        if path in owned.by_path or path in shared or path == "/":
            continue
        top = _top(path, shared)
        counted = found.setdefault(top, [0, 0])
        if entry.kind == FILE and entry.inode not in seen:
            seen.add(entry.inode)
            counted[0] += entry.size
        counted[1] += 1
    rows = [
        FileFacts(path, image.by_path[path].kind if path in image.by_path else DIRECTORY, *counted)
        for path, counted in sorted(found.items())
    ]
    return tuple(rows[:MOST])


def privileged(image: Catalogue, owned: Ownership) -> tuple[PrivilegedFile, ...]:
    """Files that are run as another user or group, or with capabilities."""
    names = accounts.names(image)
    found = []
    for path, entry in image.by_path.items():
        capabilities = entry.attributes.get(CAPABILITY, b"")
        if entry.kind != FILE or not (entry.mode & SET_ID or capabilities):
            continue
        found.append(
            PrivilegedFile(
                path=path,
                package=owned.name(path),
                mode=f"{entry.mode:04o}",
                owner=names.user(entry.uid),
                group=names.group(entry.gid),
                capabilities=of_attribute(capabilities).text() if capabilities else "",
            )
        )
    return tuple(found[:MOST])


def _above(owned: Ownership) -> set[str]:
    """All directories that have something of a package in them, at whatever depth."""
    found: set[str] = set()
    for path in owned.by_path:
        directory = path.rpartition("/")[0]
        while directory and directory not in found:
            found.add(directory)
            directory = directory.rpartition("/")[0]
    return found


def _top(path: str, shared: set[str]) -> str:
    """The highest directory above *path*, or itself, in which nothing is of a package."""
    while (directory := path.rpartition("/")[0]) and directory not in shared:
        path = directory
    return path
