"""The users and groups of an image, by its own files (passwd(5), group(5), shadow(5))."""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.inspection.catalogue import Catalogue

MOST = 100_000  # lines of one file


@dataclass(frozen=True)
class Names:
    """The names of users and groups, by their numbers."""

    users: Mapping[int, str]
    groups: Mapping[int, str]

    def user(self, number: int) -> str:
        """The user's name, or the number."""
        return self.users.get(number, str(number))

    def group(self, number: int) -> str:
        """The group's name, or the number."""
        return self.groups.get(number, str(number))


def names(image: Catalogue) -> Names:
    """Read the names; of two with one number, the first."""
    users = {int(row[2]): row[0] for row in rows(image, "/etc/passwd", 7)[::-1]}
    groups = {int(row[2]): row[0] for row in rows(image, "/etc/group", 4)[::-1]}
    return Names(users, groups)


def rows(image: Catalogue, path: str, columns: int) -> list[list[str]]:
    """The lines of a table with that many *columns*, the third of which is a number."""
    lines = image.text(path).split("\n")[:MOST]
    found = [line.split(":") for line in lines if line and not line.startswith("#")]
    return [row for row in found if len(row) == columns and is_number(row[2])]


def is_number(text: str) -> bool:
    """Whether *text* is a number of a user or group."""
    return text.isascii() and text.isdigit() and len(text) < 12
