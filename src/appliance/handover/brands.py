"""What a product sheet says of the brand, made whole by its picture and by what it says of the
product."""

import base64
import re
import struct
from dataclasses import replace
from pathlib import Path

from appliance.bundle.model import Port
from appliance.bundle.sheet import Sheet
from appliance.errors import RequestError, Where
from appliance.host.short_texts import short_content
from appliance.intake.places import inside
from appliance.recipe.brand import NEUTRAL, Brand, Logo
from appliance.units import KIB

LARGEST = 256 * KIB  # bytes of a picture
MOST_PIXELS = 4096  # of its width and its height
PNG = b"\x89PNG\r\n\x1a\n"
HEADER = struct.Struct(">8xI4sII")  # of a PNG: its signature, and the chunk that says its size
OTHER = re.compile(r"[^a-z0-9._-]+")
PAGES = {"https": 443, "http": 80}  # the port of each scheme, the better one first


def with_logo(said: Brand, sheet: Path) -> Brand:
    """Return *said* with the picture that the *sheet* names, if it names one: a file in its
    directory, or below.

    Raises RequestError for one that is not there, or no PNG that anything could show.
    """
    if not said.logo_file:
        return said
    where = _line_of(said.logo_file, sheet, said.where)
    try:
        path = inside(said.logo_file, sheet, where)
    except RequestError:
        raise _refused(said, f"is not a file below {sheet.parent}", where) from None
    try:
        data = short_content(path, LARGEST)
    except OSError as error:
        raise _refused(said, f"cannot be read: {error.strerror}", where) from None
    except ValueError as error:
        raise _refused(said, f"cannot be read: {error}", where) from None
    if len(data) < HEADER.size or not data.startswith(PNG):
        raise _refused(said, "is not a PNG", where)
    _, chunk, width, height = HEADER.unpack_from(data)
    if chunk != b"IHDR" or not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        raise _refused(said, f"is not a PNG of 1 to {MOST_PIXELS} pixels each way", where)
    return replace(said, logo=Logo(base64.b64encode(data).decode(), width, height))


def brand_of(sheet: Sheet, called: str, *, unbrand: bool = False) -> Brand | None:
    """Return the brand of the appliance *called* so, with what its *sheet* says of the product;
    None if it keeps its distribution's. With *unbrand* it has none, whatever the sheet says.

    Raises RequestError if its id cannot be made of its name.
    """
    if unbrand:
        return replace(NEUTRAL, page=page(sheet.product.ports))
    brand, product = sheet.brand, sheet.product
    if brand is None:
        return None
    name = brand.name or product.name or called
    own_id = brand.id or OTHER.sub("-", name.lower()).strip("-.")
    if not own_id:
        raise RequestError(
            f"no id can be made of the name '{name}'", hint='id = "…" in [brand]', where=brand.where
        )
    return replace(
        brand,
        name=" ".join(name.split()),
        id=own_id,
        version=" ".join(product.version.split()),
        vendor=" ".join(product.vendor.split()),
        home=brand.home or product.url,
        page=page(product.ports),
    )


def page(ports: tuple[Port, ...]) -> str:
    """Return the address of the web page that one of *ports* serves, with {} for the machine;
    empty if none of them is known to serve one."""
    for scheme, usual in PAGES.items():
        for port in ports:
            if port.protocol == "tcp" and (port.name == scheme or port.number == usual):
                return f"{scheme}://{{}}{'' if port.number == usual else f':{port.number}'}/"
    return ""


def _line_of(word: str, sheet: Path, beside: Where | None) -> Where:
    """The line of *sheet*, which was read already, that names the file *word*."""
    lines = sheet.read_text(errors="replace").splitlines()
    found = (n for n, each in enumerate(lines, 1) if word in each and "logo" in each)
    return Where(sheet, next(found, beside.line if beside else 1))


def _refused(said: Brand, problem: str, where: Where) -> RequestError:
    return RequestError(f"[brand] logo: '{said.logo_file}' {problem}", where=where)
