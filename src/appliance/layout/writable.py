"""Where a running system has to write, and a filesystem that nobody can write to must not be."""

from appliance.errors import RecipeError, Where
from appliance.filesystem_facts import USUAL, facts
from appliance.layout.contents import contents, root_of
from appliance.layout.storage import Storage

# path: the line that gives it a filesystem of its own. /run is in memory everywhere.
NEEDED = {
    "/var": f"part /var --fstype={USUAL} --size=1024",
    "/tmp": "part /tmp --fstype=tmpfs",
}


def expect_writable(storage: Storage) -> None:
    """Raise RecipeError if /var or /tmp is on a read-only filesystem: no system starts so."""
    held: dict[str, tuple[str, Where]] = {
        one.mount_point: (one.held.kind, one.where) for one in contents(storage)
    }
    held |= {one.mount_point: ("", one.where) for one in storage.in_memory}
    root = root_of(storage)
    for path, line in NEEDED.items():
        kind, where = held.get(path) or (root.held.kind, root.where)
        if facts(kind).read_only:
            raise RecipeError(
                f"{path} would be on {kind}, and a running system writes to it",
                where=where,
                hint=line,
            )
