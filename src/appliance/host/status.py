"""What is at a path that somebody typed, or a stranger wrote."""

import os
from pathlib import Path

from appliance.errors import RequestError


def status_of(path: Path, said: str = "") -> os.stat_result | None:
    """What stat(2) says of *path*, links followed; None if nothing is there.

    Raises RequestError if that cannot be found out: a directory that nobody may enter, too long a
    name, links in a circle, a NUL. *said* is how the error begins, if not with the path.
    """
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RuntimeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise RequestError(f"{said or f'cannot read {path}'}: {reason}") from None
