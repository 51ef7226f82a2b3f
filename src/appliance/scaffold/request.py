"""What an author asks for when he starts, and whether it can be."""

import re
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import RequestError
from appliance.scaffold.templates import BASES, Base, Kind

# A label of a host name (RFC 1123), which is also a name for a unit, a user and a file. Shorter
# than a label may be: users and databases have at most 32 letters.
NAME = re.compile(r"[a-z][a-z0-9-]{0,29}[a-z0-9]")
LETTERS = re.compile(r"[^a-z0-9]+")
# What is there in every appliance, or in one of a kind: a unit or a user of this name would be
# another one's.
TAKEN = frozenset({
    "root", "nobody", "daemon", "person", "localhost", "ssh", "sshd", "dbus", "systemd",
    "network", "audit", "chrony", "cron", "nginx", "postgres", "postgresql", "podman", "hello",
    "nftables", "dnsmasq", "lightdm", "gdm", "template0", "template1",
})  # fmt: skip


@dataclass(frozen=True)
class Start:
    """A directory that is asked for.

    *place*: the directory; its last name is the appliance's.
    *kind*: what the appliance is.
    *base*: the family that it is made of.
    *vendor*: who makes it.
    """

    place: Path
    kind: Kind
    base: Base
    vendor: str

    @property
    def name(self) -> str:
        """What the appliance is called."""
        return self.place.name

    @property
    def title(self) -> str:
        """The same for people: my-shop is "My shop"."""
        words = self.name.replace("-", " ")
        return words[0].upper() + words[1:]


def check_name(place: Path) -> None:
    """Raise RequestError if the last name of *place* is none for an appliance, with one that is."""
    name = place.name
    if name in ("", ".."):
        raise RequestError(
            f"'{place}' names no directory to be made, whose name the appliance gets",
            hint="appliance new shop",
        )
    if name in TAKEN or place.name in {base.aos.removesuffix(".ks") for base in BASES.values()}:
        raise RequestError(
            f"'{name}' is the name of something that appliances have already",
            hint=f"appliance new my-{name}",
        )
    if not NAME.fullmatch(name):
        near = LETTERS.sub("-", name.lower()).lstrip("-0123456789")[:31].strip("-")
        raise RequestError(
            f"'{name}' is no name for an appliance: 2 to 31 letters a-z, digits and hyphens, "
            "a letter first",
            hint=f"appliance new {place.with_name(near) if NAME.fullmatch(near) else 'shop'}",
        )
