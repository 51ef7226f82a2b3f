"""Texts in files that people name: nothing that never ends, or that waits for a writer."""

import os
import stat
from pathlib import Path

from appliance.units import show


def short_text(path: Path, most: int) -> str:
    """Return the text of the regular file *path*, of at most *most* bytes.

    Raises OSError if it cannot be read, ValueError if it is no regular file, longer, or not UTF-8.
    """
    return short_content(path, most).decode()


def short_content(path: Path, most: int) -> bytes:
    """Return what is in the regular file *path*, of at most *most* bytes.

    Raises OSError if it cannot be read, ValueError if it is no regular file, or longer.
    """
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe must not wait
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise ValueError("this is not a regular file")
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"this is longer than {show(most)}")
    return content
