"""The whole story: what is asked for, its texts, its directory, and what to type next."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from appliance.host import probe
from appliance.scaffold.request import Start, check_name
from appliance.scaffold.templates import BASES, DEBIAN, EMPTY, KNOWN
from appliance.scaffold.texts import texts
from appliance.scaffold.write import write

VENDOR = "Your organisation"


@dataclass(frozen=True)
class Started:
    """A directory that was written.

    *name*: the appliance's name.
    *kind*, *family*: what it is, and what it is made of.
    *directory*: where it is.
    *files*: what is in it, from there on.
    *next*: the commands to type now.
    """

    name: str
    kind: str
    family: str
    directory: str
    files: tuple[str, ...]
    next: tuple[str, ...]


def usual_family() -> str:
    """The family of this machine, if an author can choose it, else Debian's."""
    found = probe.distribution()
    return found if found in BASES else DEBIAN


def start(place: Path, *, kind: str = EMPTY, family: str = "", vendor: str = VENDOR) -> Started:
    """Write the directory *place* for an appliance of that *kind*.

    Raises RequestError for a name that cannot be an appliance's, or a directory that is not
    empty, HostError for one that cannot be written.
    """
    check_name(place)
    base = BASES[family or usual_family()]
    asked = Start(place, KNOWN[kind], base, vendor)
    files = texts(asked)
    write(place, files)
    return Started(
        asked.name,
        kind,
        base.name,
        str(place),
        tuple(str(file.path) for file in files),
        (
            f"cd {shlex.quote(str(place))}",
            f"appliance build {asked.name}.ks",
            f"appliance test out/{asked.name} --check check.sh",
        ),
    )
