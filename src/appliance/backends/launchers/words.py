"""Texts that several launchers have in common: titles, descriptions, and what is left out."""

import re
from collections.abc import Sequence

from appliance.backends import families
from appliance.bundle.model import Bundle, Port, Product

PORT = re.compile(r"(?P<number>[1-9][0-9]{0,4})/(?P<protocol>tcp|udp)(?: \((?P<name>[^()]*)\))?")
MOST_PORT = 65535
PORTS = "Ports: "  # how the paragraph of them begins


def title(bundle: Bundle) -> str:
    """The product's name with its version, for people; empty if it has no name."""
    product = bundle.product
    if not product.name:
        return ""
    return " ".join(word for word in (product.name, product.version or bundle.version) if word)


def description(bundle: Bundle) -> str:
    """The product's description, its ports and its address, for people; empty if it has none."""
    return _described(bundle.product)


def _described(product: Product) -> str:
    served = ", ".join(port(each) for each in product.ports)
    parts = (product.description.strip(), f"{PORTS}{served}" if served else "", product.url)
    return "\n\n".join(part for part in parts if part)


def read_description(text: str, url: str) -> tuple[str, tuple[Port, ...]]:
    """Return the product's description and its ports out of a *text* that description() wrote for a
    product whose address is *url*; of another text, the whole and no ports."""
    paragraphs = text.strip().split("\n\n")
    if url and paragraphs[-1] == url:
        paragraphs.pop()
    if not paragraphs or not paragraphs[-1].startswith(PORTS):
        return "\n\n".join(paragraphs), ()
    named = PORT.finditer(paragraphs[-1])
    ports = tuple(Port(int(each["number"]), each["protocol"], each["name"] or "") for each in named)
    said = _described(Product(ports=ports)) == paragraphs[-1]
    if not said or any(each.number > MOST_PORT for each in ports):
        return "\n\n".join(paragraphs), ()
    return "\n\n".join(paragraphs[:-1]), ports


def port(each: Port) -> str:
    """A port as people read it: 443/tcp (https)."""
    named = f" ({each.name})" if each.name else ""
    return f"{each.number}/{each.protocol}{named}"


def other_kernel(bundle: Bundle) -> str:
    """Return the package of the kernel that drives more than the one in *bundle*; empty if none is
    known."""
    family = families.KNOWN.get(bundle.family)
    return family.generic_kernel(bundle.machine.architecture) if family else ""


def without_driver(bundle: Bundle, launcher: str, *, bus: str = "", card: str = "") -> list[str]:
    """Return a line for the disk *bus*, and one for the network *card*, that *launcher* chose and
    for which the image's kernel has no driver."""
    package = other_kernel(bundle)
    remedy = f": install {package}" if package else ""
    named = (("a disk on", bus), ("a network card", card if bundle.machine.interfaces else ""))
    return [
        f"{launcher} names {what} {word}, for which this kernel has no driver{remedy}"
        for what, word in named
        if word and word in bundle.lacks
    ]


def choose(wanted: str, known: Sequence[str], lacks: Sequence[str]) -> str:
    """Return *wanted* if it is in *known*, else the first of *known* for which the kernel does not
    lack a driver, else the first. *known* has the best first."""
    if wanted in known:
        return wanted
    return next((word for word in known if word not in lacks), known[0])


def unknown(launcher: str, wanted: str, chosen: str) -> list[str]:
    """Return a line that says that *launcher* does not have the bus or card *wanted*, and that the
    machine gets *chosen* instead; none if that is what is wanted."""
    said = wanted and wanted != chosen
    return [f"{launcher} has no {wanted}: it gets {chosen}"] if said else []


def product_left_out(
    bundle: Bundle, launcher: str, *, properties: bool = True, eula: bool = True
) -> list[str]:
    """Return a line for the product's *properties*, and one for its *eula*, if it has them and
    *launcher* cannot express them."""
    product = bundle.product
    said = (
        (properties and product.properties, f"properties ({_keys(bundle)})"),
        (eula and product.eula, "licence"),
    )
    return [f"{launcher} has no word for the {what}" for there, what in said if there]


def _keys(bundle: Bundle) -> str:
    return ", ".join(each.key for each in bundle.product.properties)
