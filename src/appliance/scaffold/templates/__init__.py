"""What an author can start with: a directory of templates for each kind. Those of `common` are in
all of them; in a kind, those of `all` are for every family, `apt` and `rpm` for the families of one
package manager, and a family's own are the last word.

A name that holds NAME gets the appliance's; one that begins with `dot-` begins with a dot.
"""

from dataclasses import dataclass

APT, RPM = "apt", "rpm"
EMPTY = "empty"
DEBIAN = "debian"


@dataclass(frozen=True)
class Kind:
    """Something that an appliance can be.

    *name*: as people type it, and what its directory is called.
    *text*: what it is, in a line.
    """

    name: str
    text: str


@dataclass(frozen=True)
class Base:
    """A family that an author can choose, by the AOS that is shipped for it.

    *name*: as people type it: that of the family.
    *title*: as people read it.
    *packages*: APT or RPM.
    *aos*: the kickstart that is included.
    """

    name: str
    title: str
    packages: str
    aos: str


KNOWN = {
    kind.name: kind
    for kind in (
        Kind(EMPTY, "the AOS with a name, and places for your own: packages, files, scripts"),
        Kind("web", "a web server: nginx, which serves the pages in files/www"),
        Kind("database", "PostgreSQL on a disk for data, with a password drawn at the first boot"),
        Kind("container-host", "Podman, and a service of yours in a container"),
        Kind("node", "a service of yours in JavaScript, on Node.js"),
        Kind("python", "a service of yours in Python"),
        Kind("java", "a service of yours in Java"),
        Kind("desktop", "a screen to log in on: Xfce on Debian, GNOME elsewhere; slow to build"),
        Kind("router", "two network cards: nftables between them, addresses and names by dnsmasq"),
    )
}
BASES = {
    base.name: base
    for base in (
        Base(DEBIAN, "Debian", APT, "aos-debian.ks"),
        Base("fedora", "Fedora", RPM, "aos-fedora.ks"),
        Base("centos-stream", "CentOS Stream", RPM, "aos-centos-stream.ks"),
    )
}
