"""Names and pictures that are a distribution's own: where they are, and what is said of them.

Facts: each project's own pages, whose addresses its table has; fedora-release and generic-release,
redhat-release and those that follow it, as packages; os-release(5).
"""

from dataclasses import dataclass

DIVERT, GENERIC, OWN = "divert", "generic-release", "own-release"  # files of backends/brands


@dataclass(frozen=True)
class Marks:
    """What shows whose distribution a system is of, and how another name takes that place.

    *way*: which of backends/brands gives it another name.
    *holder*: who says what may be done with the marks.
    *address*: the page on which that is said.
    *rule*: what it comes to, in a sentence of ours.
    *words*: the names, as people read them.
    *like*: the id of the distribution and of those that it is like itself, the nearest first.
    *release_packages*, *logo_packages*: globs of the packages that hold names and pictures.
    *generic_release*, *generic_logos*: the packages without any that take their places.
    *remix_logos*: the package with the mark for systems that are made of the distribution.
    *provides*: what the distribution's own release package provides besides `system-release`.
    *requires*: the packages that its release package needs.
    *pictures*: globs of the files that show its marks, of whatever package; `**` is any path.
    *unmodified*: True if its own unmodified packages may stay under its name.
    """

    way: str
    holder: str
    address: str
    rule: str
    words: tuple[str, ...]
    like: tuple[str, ...]
    release_packages: tuple[str, ...] = ()
    logo_packages: tuple[str, ...] = ()
    generic_release: str = ""
    generic_logos: str = ""
    remix_logos: str = ""
    provides: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    unmodified: bool = True


PIXMAPS = "/usr/share/pixmaps"
DESKTOPS = {"debian": ("desktop-base",), "kali": ("kali-themes",)}  # packages of pictures


def of_debian(
    holder: str, address: str, rule: str, *, words: tuple[str, ...], like: tuple[str, ...]
) -> Marks:
    """The marks of Debian, or of one that keeps them where Debian does."""
    own = like[0]
    return Marks(
        DIVERT,
        holder,
        address,
        rule,
        words,
        like,
        logo_packages=(*DESKTOPS.get(own, ()), f"{own}-wallpapers*", f"{own}-artwork*"),
        pictures=(
            f"{PIXMAPS}/{own}-logo*",
            f"/usr/share/icons/**/emblem-{own}*",
            f"/usr/share/plymouth/{own}-logo.png",
            *(f"/usr/share/{name}/**" for name in DESKTOPS.get(own, ())),
        ),
    )


def of_enterprise_linux(
    own: str, holder: str, address: str, rule: str, *, words: tuple[str, ...], repos: str = ""
) -> Marks:
    """The marks of a distribution that follows Red Hat Enterprise Linux; *own* is its id, *repos*
    the package of its repositories."""
    release = {
        "rhel": "redhat-release",
        "centos": "centos-stream-release",
        "ol": "oraclelinux-release",
    }
    names = (release.get(own, f"{own}-release"), f"{own}-release*", "redhat-release*")
    return Marks(
        OWN,
        holder,
        address,
        rule,
        words,
        tuple(dict.fromkeys((own, "rhel", "centos", "fedora"))),
        release_packages=tuple(dict.fromkeys(names)),
        logo_packages=("redhat-logos*", "centos-logos*", f"{own}-logos*", f"{own}-backgrounds*"),
        provides=("redhat-release", "centos-release", f"{own}-release"),
        requires=(repos,) if repos else (),
        pictures=(f"{PIXMAPS}/{own}-logo*", f"/usr/share/{own}-logos/**"),
        unmodified=own != "rhel",
    )
