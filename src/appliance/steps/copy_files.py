"""Copy the author's own files into the root tree, before the author's scripts run."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from appliance.errors import ApplianceError, CommandError, Where
from appliance.work import RootTree, Work
from appliance.work.results import Layer

MOST = 2**32 - 2  # of a user or a group; the next means "leave it as it is" (chown(2))
ROOT = (0, 0)
USERS, GROUPS = "/etc/passwd", "/etc/group"


@dataclass(frozen=True)
class CopiedFiles:
    """One file, or a directory with all below it, and where it goes.

    *digest*: what it is known by, of all that counts of it.
    *place*: the absolute path in the image that it becomes.
    *mode*: the mode of its files, in octal; empty: each keeps its own.
    *owner*: a user of the image, with a group behind a colon if it is not the user's own, by names
        or numbers; empty: root.
    *where*: the line that says it; None: the command line did.
    """

    digest: str
    place: str
    mode: str = ""
    owner: str = ""
    where: Where | None = None


@dataclass(frozen=True)
class CopyFiles:
    """Change the root tree by copying files into it, in order.

    *name*: the name of the layer that the step gives.
    *after*: the layers that are in the root before.
    *copies*: what is copied.
    """

    version: ClassVar[int] = 1
    name: str
    after: tuple[Layer, ...]
    copies: tuple[CopiedFiles, ...]

    @property
    def takes(self) -> tuple[Layer, ...]:
        """The layers that are in the root before."""
        return self.after

    @property
    def gives(self) -> Layer:
        """The layer with the files."""
        return Layer(self.name)

    def run(self, work: Work) -> None:
        """Copy all files.

        Raises CommandError, with the line that says it, for an owner that the image does not have
        and for what cannot be written; RequestError for files that have changed since the build
        was planned.
        """
        for number, copied in enumerate(self.copies):
            work.progress(number, len(self.copies), "copies")
            mode = int(copied.mode, 8) if copied.mode else None
            try:
                owner = ids(copied.owner, work.tree)
                work.own_files.copy(copied.digest, copied.place, owner=owner, mode=mode)
            except ApplianceError as error:
                raise type(error)(
                    f"files for {copied.place}: {error.problem}",
                    hint=error.hint,
                    where=copied.where,
                    tail=error.tail,
                ) from error


def ids(owner: str, tree: RootTree) -> tuple[int, int]:
    """Return the numbers of the *owner*, USER or USER:GROUP, by the names of the image; root's if
    there is none. A user alone brings the group of passwd(5).

    Raises CommandError for a name that the image does not have.
    """
    if not owner:
        return ROOT
    user, _, group = owner.partition(":")
    users = _table(tree, USERS)
    if group:
        return _number("user", user, users), _number("group", group, _table(tree, GROUPS))
    uid = _number("user", user, users)
    own_group = next((int(row[3]) for row in users if user in (row[0], row[2])), None)
    if own_group is None:
        raise CommandError(
            f"the image has no user {user}, so it needs a group, too", hint=f"{user}:{user}"
        )
    return uid, own_group


def _number(kind: str, name: str, rows: list[list[str]]) -> int:
    """The number of the *kind* of owner called *name*; a number is one that nobody may have."""
    found = next((int(row[2]) for row in rows if name in (row[0], row[2])), None)
    if found is None and not name.isdecimal():
        raise CommandError(
            f"the image has no {kind} '{name}'",
            hint=f"a {kind} of a package or of the kickstart; %post has not made its own yet",
        )
    number = int(name) if found is None else found
    if number > MOST:
        raise CommandError(f"no {kind} has the number {number}", hint=f"at most {MOST}")
    return number


def _table(tree: RootTree, path: str) -> list[list[str]]:
    """The rows of passwd(5) or group(5) in the image, but for what is none."""
    file: Path = tree.inside(path)
    text = file.read_text(errors="surrogateescape") if file.is_file() else ""
    rows = [line.split(":") for line in text.splitlines()]
    return [row for row in rows if len(row) >= 4 and row[2].isdecimal()]
