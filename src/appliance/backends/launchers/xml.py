"""Writing XML: elements, and texts that XML can hold."""

import re

from lxml import etree

# Characters that XML 1.0 has no way to say (2.2).
UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Return *text* without the characters that XML cannot hold, and with line ends as XML has
    them."""
    return UNSPEAKABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
    """Add an element with *text* and *attributes* to the end of *parent*, and return it."""
    cleaned = {name: clean(value) for name, value in attributes.items()}
    child = etree.SubElement(parent, tag, cleaned)
    child.text = clean(text) or None
    return child
