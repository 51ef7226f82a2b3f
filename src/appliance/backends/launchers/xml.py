"""Writing XML: elements with texts that XML can hold."""

from lxml import etree

from appliance.backends.xml_texts import clean


def add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
    """Add an element with *text* and *attributes* to the end of *parent*, and return it."""
    cleaned = {name: clean(value) for name, value in attributes.items()}
    child = etree.SubElement(parent, tag, cleaned)
    child.text = clean(text) or None
    return child
