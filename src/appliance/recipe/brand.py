"""Under whose name a system appears: what it calls itself, and how that looks."""

from dataclasses import dataclass

from appliance.errors import Where


@dataclass(frozen=True)
class Logo:
    """A picture in PNG.

    *base64*: its bytes, as text.
    *width*: how wide it is, in pixels.
    *height*: how high it is, in pixels.
    """

    base64: str
    width: int
    height: int


@dataclass(frozen=True)
class Brand:
    """The name under which a system appears instead of its distribution's; where a text is empty,
    nobody said it.

    *name*: NAME of os-release(5), and what boot menus and consoles say.
    *id*: ID of os-release(5): lower-case letters, digits, dots, dashes, underscores.
    *id_like*: the distributions that it is like, the nearest first; empty: the one that it is made
        of, and those that this is like.
    *version*: its version, as people call it.
    *vendor*: who makes it.
    *home*, *support*, *bugs*, *documentation*: addresses, as os-release(5) has them.
    *colour*, *background*: of its name and behind it, as #rrggbb.
    *logo_file*: the file of its picture, as the product sheet names it.
    *logo*: the picture, once it is read.
    *page*: the address of its web page, with `{}` for the address of the machine.
    *banner*: what whoever is about to log in over the network reads.
    *variant*: VARIANT of os-release(5).
    *remix*: whether it shows the mark that a distribution has for what is made of it.
    *release_package*: the package that holds the name, where a distribution has no neutral one.
    *neutral*: True if it has no name of its own, and is only without that of the distribution.
    *where*: the line that says it.
    """

    name: str = ""
    id: str = ""
    id_like: tuple[str, ...] = ()
    version: str = ""
    vendor: str = ""
    home: str = ""
    support: str = ""
    bugs: str = ""
    documentation: str = ""
    colour: str = ""
    background: str = ""
    logo_file: str = ""
    logo: Logo | None = None
    page: str = ""
    banner: str = ""
    variant: str = ""
    remix: bool = False
    release_package: str = ""
    neutral: bool = False
    where: Where | None = None

    @property
    def title(self) -> str:
        """The name with the version, for menus and consoles."""
        return f"{self.name} {self.version}".strip()


# os-release(5) has these names for a system that says nothing of itself.
NEUTRAL = Brand(name="Linux", id="linux", neutral=True)
