"""Read XML that may come from anywhere: entities and network are off, sizes and numbers limited."""

from pathlib import Path

from lxml import etree

from appliance.errors import RequestError, Where
from appliance.units import KIB, MIB, show

CHUNK = 4 * KIB  # what is read to find the root
LONGEST, DEEPEST, MOST = 1 * MIB, 16, 64  # bytes of the file, elements in elements, of one kind


def parse(path: Path) -> "etree._Element":
    """The root element; raises RequestError, with the line, if it is no XML or is too much."""
    try:
        with path.open("rb") as file:  # it may have no size that one could ask for
            text = file.read(LONGEST + 1)
        if len(text) > LONGEST:
            raise RequestError(
                f"{path} is longer than {show(LONGEST)}: no description of a machine"
            )
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise RequestError(
            f"not well-formed XML: {error.msg}", where=Where(path, error.lineno or 1)
        ) from None
    except ValueError as error:
        raise RequestError(f"not XML: {error}", where=Where(path, 1)) from None
    _limit(root, path)
    return root


def root_tag(path: Path) -> str:
    """The tag of the root element of *path*, with its namespace, as far as that can be told from
    the beginning; empty if it is no XML. Nothing else of it is judged: parse() does that."""
    parser = etree.XMLPullParser(
        ("start",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    read = 0
    try:
        with path.open("rb") as file:
            while read < LONGEST and (text := file.read(CHUNK)):
                read += len(text)
                tag = _first(parser, text)
                if tag is not None:
                    return tag
    except OSError:
        pass
    return ""


def _first(parser: "etree.XMLPullParser", text: bytes) -> str | None:
    """The tag of the first element once it is in *text* or before; empty if it is no XML."""
    broken = False
    try:
        parser.feed(text)
    except (etree.XMLSyntaxError, ValueError):
        broken = True  # behind the root, maybe
    for _, element in parser.read_events():
        return str(element.tag)
    return "" if broken else None


def line_of(path: Path, element: "etree._Element | None") -> Where:
    """Where *element* of the file *path* stands."""
    return Where(path, (element.sourceline if element is not None else 0) or 1)


def _limit(root: "etree._Element", path: Path) -> None:
    """Refuse entities, and what no machine has so many of."""
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise RequestError("it declares entities: nothing reads those", where=Where(path, 1))
    counts: dict[object, int] = {}
    for element in root.iter():
        if isinstance(element, etree._Entity):
            raise RequestError(
                f"it names the entity {element.text}: nothing reads those",
                where=line_of(path, element),
            )
        counts[element.tag] = counts.get(element.tag, 0) + 1
        if counts[element.tag] > MOST and isinstance(element.tag, str):
            raise RequestError(
                f"more than {MOST} <{element.tag}>: no machine has those",
                where=line_of(path, element),
            )
        if sum(1 for _ in element.iterancestors()) >= DEEPEST:
            raise RequestError(
                f"more than {DEEPEST} elements in one another", where=line_of(path, element)
            )
