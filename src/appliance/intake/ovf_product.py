"""What an OVF says of the product: names, versions, licences, and what is asked of a deployer.

Facts: OVF 1.1 (DSP0243), 9.5 (ProductSection), 9.6 (EulaSection), 9.2 (AnnotationSection). What we
write there ourselves (backends/launchers/ovf.py) becomes what it was made of.
"""

from collections.abc import Iterator

from lxml import etree

from appliance.backends.launchers import words
from appliance.backends.launchers.ovf import LACKS
from appliance.bundle.model import DISK_BUSES, NETWORK_CARDS, Product, Property
from appliance.bundle.sheet import PROPERTY
from appliance.bundle.sheet_keys import CONTROL
from appliance.intake.described_machine import DescribedProduct
from appliance.intake.ovf_elements import attribute, every, text_in

HARDWARE = dict.fromkeys((*DISK_BUSES, *NETWORK_CARDS))
PASSWORD = "true"  # what ovf:password says of a text that is not shown
# OVF 1.1, table 6: its types, in our words; a text is what is none of them.
KINDS = {"boolean": "boolean"} | {
    f"{sign}int{bits}": "int" for sign in "us" for bits in (8, 16, 32, 64)
}


def read(system: "etree._Element", name: str) -> DescribedProduct:
    """What the VirtualSystem *system*, which is called *name*, says of the product.

    Of several ProductSections the first says what it is; properties all of them may have. A
    property whose key nothing could ask for is left out, and said so.
    """
    sections = every(system, "ProductSection")
    first = sections[0] if sections else etree.Element("none")
    version, full = _text(first, "Version"), _text(first, "FullVersion")
    url = _text(first, "ProductUrl")
    said = "\n\n".join(_texts(system, "AnnotationSection", "Annotation"))
    description, ports = words.read_description(said, url)
    found = [each for section in sections for each in _properties(section)]
    product = Product(
        name="" if _text(first, "Product") == name else _text(first, "Product"),
        vendor=_text(first, "Vendor"),
        url=url,
        vendor_url=_text(first, "VendorUrl"),
        description=description,
        eula="\n\n".join(_texts(system, "EulaSection", "License")),
        ports=ports,
        properties=tuple(each for each in found if isinstance(each, Property)),
    )
    release = full.removeprefix(f"{version}-") if full.startswith(f"{version}-") else ""
    unsaid = tuple(each for each in found if isinstance(each, str))
    return DescribedProduct(product, version, release, _lacks(system), unsaid)


def _lacks(system: "etree._Element") -> tuple[str, ...]:
    """What the kernel has no drivers for, as the comment says that we write."""
    said = [str(each.text).strip() for each in system.iterchildren(etree.Comment)]
    found = next((text.removeprefix(LACKS) for text in said if text.startswith(LACKS)), "")
    return tuple(word for word in HARDWARE if word in found.split(", "))


def _properties(section: "etree._Element") -> Iterator[Property | str]:
    """Each property of a ProductSection; a line instead of one that a bundle cannot have."""
    before, behind = attribute(section, "class"), attribute(section, "instance")
    for element in every(section, "Property"):
        # How the guest is told of it (OVF 1.1, 9.5).
        key = ".".join(part for part in (before, attribute(element, "key"), behind) if part)
        try:
            PROPERTY["key"].read(key)
        except ValueError as error:
            yield f"the property {key!r:.200} is left out: {error}"
            continue
        label = _text(element, "Label")
        yield Property(
            key=key,
            label="" if label == key else label,
            description=_text(element, "Description"),
            kind=_kind(element),
            default=CONTROL.sub("", attribute(element, "value")),
        )


def _kind(element: "etree._Element") -> str:
    if attribute(element, "password").lower() == PASSWORD:
        return "password"
    return KINDS.get(attribute(element, "type").lower(), "string")


def _texts(system: "etree._Element", section: str, name: str) -> list[str]:
    found = [_text(each, name) for each in every(system, section)]
    return [text for text in found if text]


def _text(element: "etree._Element", name: str) -> str:
    """The text of that child, without the control characters that XML has and we have not."""
    return CONTROL.sub("", text_in(element, name))
