"""What several descriptions say in the same words."""

from collections.abc import Sequence

from appliance.backends import families
from appliance.bundle.model import Bundle, Port


def title(bundle: Bundle) -> str:
    """What people call it, with its version; empty if nobody said."""
    product = bundle.product
    if not product.name:
        return ""
    return " ".join(word for word in (product.name, product.version or bundle.version) if word)


def description(bundle: Bundle) -> str:
    """What it is and what it serves, in lines; empty if nobody said."""
    product = bundle.product
    served = ", ".join(port(each) for each in product.ports)
    parts = (product.description.strip(), f"Ports: {served}" if served else "", product.url)
    return "\n\n".join(part for part in parts if part)


def port(each: Port) -> str:
    """A port as people read it: 443/tcp (https)."""
    named = f" ({each.name})" if each.name else ""
    return f"{each.number}/{each.protocol}{named}"


def without_driver(bundle: Bundle, launcher: str, *, bus: str = "", card: str = "") -> list[str]:
    """Say of a disk *bus* and a network *card* that *launcher* names that the kernel cannot."""
    family = families.KNOWN.get(bundle.family)
    package = family.generic_kernel(bundle.machine.architecture) if family else ""
    remedy = f": install {package}" if package else ""
    named = (("a disk on", bus), ("a network card", card if bundle.machine.interfaces else ""))
    return [
        f"{launcher} names {what} {word}, for which this kernel has no driver{remedy}"
        for what, word in named
        if word and word in bundle.lacks
    ]


def choose(wanted: str, known: Sequence[str], lacks: Sequence[str]) -> str:
    """*wanted* if it is *known*, else the first of *known*, the best first, that is not lacked."""
    if wanted in known:
        return wanted
    return next((word for word in known if word not in lacks), known[0])


def unknown(launcher: str, wanted: str, chosen: str) -> list[str]:
    """Say that *launcher* has no such bus or card, and what it gets instead."""
    said = wanted and wanted != chosen
    return [f"{launcher} has no {wanted}: it gets {chosen}"] if said else []


def product_left_out(
    bundle: Bundle, launcher: str, *, properties: bool = True, eula: bool = True
) -> list[str]:
    """Say which of the product's *properties* and *eula* a *launcher* without them leaves out."""
    product = bundle.product
    said = (
        (properties and product.properties, f"properties ({_keys(bundle)})"),
        (eula and product.eula, "licence"),
    )
    return [f"{launcher} has no word for the {what}" for there, what in said if there]


def _keys(bundle: Bundle) -> str:
    return ", ".join(each.key for each in bundle.product.properties)
