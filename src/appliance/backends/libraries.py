"""Python's libraries that only few commands need: imported when they are, and missed politely."""

import importlib
from collections.abc import Mapping
from types import ModuleType

from appliance.errors import HostError

# The packages of PyPI that hold them.
SOURCES: Mapping[str, str] = {
    "cyclonedx": "cyclonedx-python-lib",
    "spdx_tools": "spdx-tools",
    "packageurl": "packageurl-python",
    "license_expression": "license-expression",
    "securesystemslib": "securesystemslib[crypto]",
    "cryptography": "cryptography",
    "univers": "univers",
}


def library(name: str) -> ModuleType:
    """Return the module *name*, which is imported now: most commands do without, and start faster.

    Raises HostError if it is not there.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = SOURCES[name.partition(".")[0]]
        raise HostError(
            f"Python's {name} cannot be used: {error}", hint=f"pip install '{package}'"
        ) from error
