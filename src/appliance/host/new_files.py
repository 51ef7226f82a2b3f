"""Files that a user named for us to write."""

import tempfile
from pathlib import Path

from appliance.errors import RequestError


def write_file(path: Path, content: bytes) -> None:
    """Write *content* to *path*: a file appears whole or not at all, and a link stays one. What is
    there and is no file, such as a device or a pipe, is written to and never replaced.

    Raises RequestError if it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        place = path.resolve()
        with tempfile.TemporaryDirectory(prefix=".", dir=place.parent) as beside:
            draft = Path(beside) / "draft"
            draft.write_bytes(content)
            draft.replace(place)
    except (OSError, RuntimeError) as error:  # links in a circle are a RuntimeError
        why = getattr(error, "strerror", "") or "it is a link to itself"
        raise RequestError(f"cannot write {path}: {why}") from None
