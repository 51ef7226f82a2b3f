"""What a product sheet says of the name under which its appliance appears."""

import re
from typing import Any

from appliance.bundle.sheet_keys import Key, texts, truth, typed_text

ID = re.compile(r"[a-z0-9._-]{1,64}")  # os-release(5)
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
ADDRESS = re.compile(r"(https?://|mailto:)[^\s\"'\\<>`$]+")
PACKAGE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
LONGEST = 64  # letters of a name: a line of a boot menu


def _line(value: Any) -> str:
    """Return a text of one line, as short as a menu's."""
    if "\n" in typed_text(value) or "\t" in value:
        raise ValueError("it must be one line")
    if not 0 < len(value.strip()) <= LONGEST:
        raise ValueError(f"it must have 1 to {LONGEST} letters")
    return str(value).strip()


def _id(value: Any) -> str:
    if not ID.fullmatch(typed_text(value)):
        raise ValueError("it must be lower-case letters, digits, dots, dashes, underscores")
    return str(value)


def _ids(value: Any) -> tuple[str, ...]:
    return tuple(map(_id, texts(value)))


def _address(value: Any) -> str:
    if not ADDRESS.fullmatch(typed_text(value)):
        raise ValueError("it must be an address: https://… or mailto:…")
    return str(value)


def _colour(value: Any) -> str:
    if not COLOUR.fullmatch(typed_text(value)):
        raise ValueError("it must be a colour as #rrggbb, such as #1d3557")
    return str(value).lower()


def _package(value: Any) -> str:
    if not PACKAGE.fullmatch(typed_text(value)):
        raise ValueError("it must be the name of a package")
    return str(value)


BRAND = {
    "name": Key(
        "name", _line,
        "what the system calls itself instead of its distribution's name; the product's name if it "
        "is not said",
        '"ACME Shop"',
    ),
    "id": Key(
        "id", _id,
        "the same for programs: lower-case letters, digits, `.`, `-`, `_`; made of the name if it "
        "is not said",
        '"acme-shop"',
    ),
    "id-like": Key(
        "id_like", _ids,
        "for programs that do not know the id: which distributions it is like; those that it is "
        "made of if it is not said",
        '["debian"]',
    ),
    "logo": Key(
        "logo_file", typed_text,
        "its picture: a PNG of at most 256 KiB in the sheet's directory or below",
        '"logo.png"',
    ),
    "colour": Key("colour", _colour, "of its name and of menus, as #rrggbb", '"#f1faee"'),
    "background": Key("background", _colour, "what is behind them, as #rrggbb", '"#1d3557"'),
    "home": Key(
        "home", _address, "its home page; the product's `url` if it is not said",
        '"https://acme.example/shop"',
    ),
    "support": Key(
        "support", _address, "where its users get help", '"https://acme.example/help"'
    ),
    "bugs": Key("bugs", _address, "where its faults are reported", '"mailto:bugs@acme.example"'),
    "documentation": Key(
        "documentation", _address, "where its manual is", '"https://acme.example/manual"'
    ),
    "banner": Key(
        "banner", typed_text,
        "what whoever is about to log in over SSH reads; nothing if it is not said",
        '"Authorised users only."',
    ),
    "variant": Key("variant", _line, "which of several variants it is", '"Small"'),
    "remix": Key(
        "remix", truth,
        "whether it shows the mark that a distribution has for systems made of it (Fedora Remix); "
        "false if it is not said",
        "false",
    ),
    "release-package": Key(
        "release_package", _package,
        "the package that brings the name, for distributions that have none without theirs; "
        "`appliance brand rpm` makes it",
        '"acme-shop-release"',
    ),
}  # fmt: skip
