"""Find the kickstarts that come with this program, also under the names that they had once."""

import re
from collections.abc import Callable
from pathlib import Path

from appliance.host import probe

INSTALLED = Path("/usr/share/appliance-tools")
SOURCES = Path(__file__).parents[3] / "kickstarts"  # of a checkout
# The AOS of Fedora 8 and later, as it was called in 2008: now that of the host's own family.
OLD_AOS = re.compile(r"aos-f\d+\.ks|fedora-aos\.ks|aos\.ks")
AOS = {"fedora": "aos-fedora.ks", "debian": "aos-debian.ks"}


def directories() -> tuple[Path, ...]:
    """Where the kickstarts that come with this program are: what `%include aos-debian.ks` finds
    wherever the kickstart lies that says it."""
    return tuple(place for place in (INSTALLED, SOURCES) if place.is_dir())


def find(path: Path, *, say: Callable[[str], None]) -> Path:
    """Return *path*, or, if it is a file of INSTALLED that is not there, the kickstart of ours that
    is meant; *say* is called with a text that says which."""
    if path.exists() or path.parent != INSTALLED:
        return path
    names = [path.name]
    if OLD_AOS.fullmatch(path.name):
        names.append(AOS[probe.distribution() or "fedora"])
    for place in (INSTALLED, SOURCES):
        for name in names:
            if (place / name).is_file():
                say(f"there is no {path}: taking {place / name}")
                return place / name
    return path
