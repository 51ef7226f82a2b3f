"""A tree of files out of a table, for what is asked of trees (appliance.work.file_tree)."""

from collections.abc import Iterator, Mapping

from appliance.work.file_tree import DIRECTORY, FILE, Entry


class WrittenTree:
    """The *files*, by their paths, and the directories above them."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    def entries(self) -> Iterator[Entry]:
        above = {path[:end] or "/" for path in self.files for end in _slashes(path)}
        for path in sorted({*above, *self.files}):
            if entry := self.find(path):
                yield entry

    def find(self, path: str) -> Entry | None:
        if path in self.files:
            return Entry(path, FILE, 0o644, 0, 0, len(self.files[path]), 0)
        if path == "/" or any(name.startswith(f"{path}/") for name in self.files):
            return Entry(path, DIRECTORY, 0o755, 0, 0, 0, 0)
        return None

    def read(self, path: str, limit: int) -> bytes:
        return self.files.get(path, b"")[:limit]

    def pieces(self, path: str) -> Iterator[bytes]:
        yield self.read(path, len(self.files.get(path, b"")))


def _slashes(path: str) -> Iterator[int]:
    return (place for place, letter in enumerate(path) if letter == "/")
