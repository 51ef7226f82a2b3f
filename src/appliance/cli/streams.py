"""The standard streams, and the encoding of all that is read and written, in any environment."""

import io
import locale
import os
import sys
from collections.abc import Callable

from appliance.errors import HostError

UTF8 = ("utf-8", "utf8")


def in_utf8() -> None:
    """Start this program anew with Python's UTF-8 mode if the locale has another encoding.

    Kickstarts, descriptions and the names in them are UTF-8 whatever the terminal has, and what
    Python reads as text is in the encoding that it started with. The terminal keeps its own.
    """
    own = locale.getencoding().lower()
    if own in UTF8 or sys.flags.utf8_mode:
        return
    os.environ.setdefault("PYTHONIOENCODING", f"{own}:backslashreplace")
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def open_all() -> None:
    """Make sure that standard streams are there, and take every text.

    A closed one becomes the null device: otherwise the next file that is opened gets its number,
    and what we print. A closed output is opened for reading only, so that what is written to it is
    missed. Letters that the encoding does not have are written as escapes.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # open(2) gives the lowest number that is free: this one
            os.open(os.devnull, os.O_RDONLY if number == 1 else os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flushed(run: Callable[[], int]) -> int:
    """Return the exit code of *run*, once everything that it printed is written.

    Raises HostError if it cannot be, BrokenPipeError if whoever read it has gone.
    """
    try:
        code = run()
    except SystemExit:  # argparse's way to end, after --help too
        _flush()
        raise
    _flush()
    return code


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise HostError(
            f"the standard output cannot be written: {error.strerror}",
            hint="another place for what the command prints",
        ) from error


def drop_unwritable() -> None:
    """Let what cannot be written vanish: Python tries once more when it ends, and complains."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
