"""XML that strangers wrote, parsed with limits: no entities, no network, no DTD, no huge trees."""

import re

from lxml import etree

from appliance.errors import SourceError

LATEST = 2**32  # seconds since 1970: the year 2106; no metadata is younger
NUMBER = re.compile(r"[0-9]{1,18}")


def parsed(text: bytes, name: str) -> "etree._Element":
    """The root element of *text*; raise SourceError, calling it *name*, if it is not XML."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        return etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(f"{name} cannot be read: {error}", hint="another mirror") from error


def decimal(text: str | None) -> int | None:
    """The number that *text* is, in plain decimal digits; None if it is anything else."""
    return int(text) if text and NUMBER.fullmatch(text) else None
