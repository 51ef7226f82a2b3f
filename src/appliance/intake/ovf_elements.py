"""Elements and attributes of an OVF by their names, in whichever version's namespace."""

from lxml import etree


def every(element: "etree._Element", name: str) -> list["etree._Element"]:
    """All elements of that name below *element*."""
    return [each for each in element.iter() if local(each) == name]


def local(element: "etree._Element") -> str:
    """The name of *element* without its namespace; empty for a comment."""
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else ""


def attribute(element: "etree._Element", name: str) -> str:
    """The value of the attribute of that name; empty if there is none."""
    return next(
        (str(value) for key, value in element.items() if etree.QName(key).localname == name), ""
    )


def text_in(element: "etree._Element", name: str) -> str:
    """The text of the first child of that name, without blanks at its ends; empty if there is
    none."""
    for child in element.iterchildren("*"):
        if local(child) == name:
            return (child.text or "").strip()
    return ""
