"""How far a filesystem is read that anybody made: what is in circles, or endless, costs little."""

from appliance.work.file_tree import Entry

MOST_ENTRIES = 2_000_000  # names in one tree: a desktop with its games has a quarter of it
MOST_RECORDS = 4 * MOST_ENTRIES  # places for names in directories, the empty ones counted, too
LONGEST_PATH = 4096  # bytes (PATH_MAX)
LONGEST_LINK = 4096  # bytes of what a link says
MOST_ATTRIBUTES = 1000  # of one file


class DamagedError(Exception):
    """A filesystem is so broken that nothing in it can be named."""


class Allowance:
    """What may still be read of one tree."""

    def __init__(self, entries: int = MOST_ENTRIES, records: int = MOST_RECORDS) -> None:
        self.entries, self.records = entries, records

    def entry(self) -> None:
        """Count one more name; raise DamagedError if these are too many."""
        self.entries -= 1
        if self.entries < 0:
            raise DamagedError(f"it has more than {MOST_ENTRIES} names")

    def record(self) -> None:
        """Count one more place in a directory; raise DamagedError if these are too many."""
        self.records -= 1
        if self.records < 0:
            raise DamagedError(f"its directories have more than {MOST_RECORDS} places")


def is_too_deep(entry: Entry) -> bool:
    """Whether the path of *entry* is longer than any program could say."""
    return len(entry.path) > LONGEST_PATH
