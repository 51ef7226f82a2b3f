"""The day on which a build runs, where programs have written it down: in shadow(5) it says when
a password was set, and would differ from build to build."""

import re
import time
from collections.abc import Callable
from pathlib import Path

DAY = 86400  # seconds
SET = re.compile(rb"^([^:\n]*:[^:\n]*:)([0-9]+)(?=:)", re.MULTILINE)  # name, password, day


def today() -> int:
    """Return the day that it is on this machine, in days since 1970."""
    return int(time.time()) // DAY


def forget(find: Callable[[str], Path], days: range, clock: int) -> None:
    """Replace each of *days* in the image's /etc/shadow by the day of *clock*; a day that an author
    has chosen stays. *find* returns the file that is a path of the image."""
    place = find("etc/shadow")
    if not place.is_file():
        return
    text = place.read_bytes()

    def settled(found: re.Match[bytes]) -> bytes:
        return found[1] + (b"%d" % (clock // DAY) if int(found[2]) in days else found[2])

    tidied = SET.sub(settled, text)
    if tidied != text:
        place.write_bytes(tidied)
