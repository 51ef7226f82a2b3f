"""The author's own files: what of this machine goes into the image, and what scripts may see."""

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from appliance.errors import Where

# Where a running system mounts something else over what is in the image, and links to there.
HIDDEN = ("/run", "/proc", "/sys", "/dev", "/tmp", "/var/run", "/var/lock")
SHAPE = "SOURCE:DEST[:MODE[:OWNER]]"
# SOURCE ends at the first colon with a slash behind it; OWNER may be user:group.
PARTS = re.compile(r"(?P<source>.+?):(?P<dest>/[^:]*)(?::(?P<mode>[^:]*)(?::(?P<owner>.+))?)?")
MODE = re.compile(r"[0-7]{3,4}")
LONGEST = 255  # bytes of a name (limits.h(0P): NAME_MAX)
LONGEST_PATH = 1024  # bytes; Linux takes 4095 (PATH_MAX), above which the build has its own
OWNER = re.compile(r"[^\s:]+(:[^\s:]+)?")


@dataclass(frozen=True)
class Copy:
    """Files of this machine that are to be copied into the image.

    *source*: a file, a directory or a glob of them, as it was written.
    *dest*: where in the image, an absolute path; a slash at its end makes it a directory for a
        file.
    *mode*: the files' mode in octal; empty: each keeps its own.
    *owner*: a user of the image, with a group behind a colon if it is not the user's own; empty:
        root.
    *within*: the directory that *source* is relative to and may not lead out of; None: it is
        relative to the working directory, and may be anywhere.
    *where*: the line of the sheet that says it; None: the command line did.
    """

    source: str
    dest: str
    mode: str = ""
    owner: str = ""
    within: Path | None = None
    where: Where | None = None


@dataclass(frozen=True)
class ShownDirectory:
    """A directory of this machine that scripts beside the image may look into.

    *path*: the directory, as it was written.
    *within*, *where*: as in Copy.
    """

    path: str
    within: Path | None = None
    where: Where | None = None


@dataclass(frozen=True)
class OwnFiles:
    """All that the author brings: what is copied, in this order, and what scripts see."""

    copies: tuple[Copy, ...] = ()
    shown: tuple[ShownDirectory, ...] = ()

    def after(self, others: "OwnFiles") -> "OwnFiles":
        """Return *others*, and then these, which win where both copy to one place."""
        return OwnFiles((*others.copies, *self.copies), (*others.shown, *self.shown))

    @property
    def apart(self) -> tuple["OwnFiles", ...]:
        """One value for each of these, which is all that is in it."""
        return (
            *(OwnFiles(copies=(copy,)) for copy in self.copies),
            *(OwnFiles(shown=(each,)) for each in self.shown),
        )


def parse_copy(text: str) -> Copy:
    """Read what has the SHAPE of a copy.

    Raises ValueError, which says what is wrong, for anything else: a DEST that is not absolute or
    goes up by `..` or is longer than paths can be, a MODE that is not octal, an OWNER that could
    not be one.
    """
    if re.match(r"\w+://", text):
        raise ValueError("this is not fetched: SOURCE is a file of this machine")
    found = PARTS.fullmatch(text)
    if not found or "\0" in text:
        raise ValueError(f"this is not {SHAPE}, with an absolute path of the image for DEST")
    source, dest, mode, owner = (found[name] or "" for name in ("source", "dest", "mode", "owner"))
    if ".." in PurePosixPath(dest).parts:
        raise ValueError("DEST goes up by '..'")
    if hidden := next((each for each in HIDDEN if PurePosixPath(dest).is_relative_to(each)), None):
        raise ValueError(
            f"{hidden} is empty when a system starts: what is copied there is never seen"
        )
    if any(len(os.fsencode(name)) > LONGEST for name in PurePosixPath(dest).parts):
        raise ValueError(f"a name in DEST is longer than {LONGEST} bytes")
    if len(os.fsencode(dest)) > LONGEST_PATH:
        raise ValueError(f"DEST is longer than {LONGEST_PATH} bytes")
    if mode and not MODE.fullmatch(mode):
        raise ValueError(f"the mode '{mode}' is not octal, such as 0644")
    if owner and not OWNER.fullmatch(owner):
        raise ValueError(f"the owner '{owner}' is not USER or USER:GROUP")
    return Copy(source, dest, mode, owner)
