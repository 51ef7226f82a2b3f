"""What may stand behind options that say what kickstarts say, too, by the same rules.

These rules are of rooms that commands without a kickstart need not wait for.
"""

import re

from appliance.cli.options.kinds import checked
from appliance.cli.options.option import Kind
from appliance.handover.form import FILE_NAME_PART, FILE_NAME_PARTS
from appliance.recipe.image import VERSION
from appliance.recipe.overrides import check_name
from appliance.recipe.reading.network import HOST
from appliance.recipe.reading.packages import is_package
from appliance.recipe.reading.repositories import has_server

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/\S*")


def appliance_name() -> Kind:
    """What an appliance can be called; "" is the name of its kickstart."""
    return checked("name of an appliance", "NAME", check_name)


def image_version() -> Kind:
    """A version as os-release(5) has it."""
    return Kind("version", "VERSION", _image_version)


def _image_version(said: str) -> str:
    if not VERSION.fullmatch(said):
        raise ValueError("a version is lower-case letters, digits, dots, dashes and underscores")
    return said


def file_name() -> Kind:
    """The name of files, in which {name}, {version} and {arch} stand for what they say."""
    return Kind("file name", "PATTERN", _file_name, known=FILE_NAME_PARTS)


def _file_name(said: str) -> str:
    rest = FILE_NAME_PART.sub("x", said)
    if "{" in rest or "}" in rest:
        raise ValueError(f"in braces stand only {', '.join(FILE_NAME_PARTS)}")
    check_name(rest)
    return said


def host_name() -> Kind:
    """A name that a machine can have."""
    return Kind("host name", "NAME", _host_name)


def _host_name(said: str) -> str:
    if not HOST.fullmatch(said):
        raise ValueError("this is not a host name")
    return said


def packages() -> Kind:
    """Packages and @groups, with commas between them."""
    return Kind("packages", "PACKAGE,…", _packages, several=True)


def _packages(said: str) -> list[str]:
    names = [name.strip() for name in said.split(",") if name.strip()]
    if not names:
        raise ValueError("nothing is named here")
    for name in names:
        if not is_package(name.removeprefix("@")):
            raise ValueError(f"'{name}' is not the name of a package or of a @group")
    return names


def address() -> Kind:
    """The address of a server or a directory, with its scheme."""
    return Kind("address", "URL", _address)


def _address(said: str) -> str:
    if not ADDRESS.fullmatch(said):
        raise ValueError("this is not an address with its scheme, such as https:")
    if not has_server(said):
        raise ValueError("this names no server and port; an IPv6 address stands in brackets")
    return said
