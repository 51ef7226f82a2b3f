"""The formats of a software bill of materials (SBOM): what is in an appliance, for programs that
look for licences and known vulnerabilities. To add one: write its file, add it to KNOWN."""

from difflib import get_close_matches

from appliance.backends.sbom_formats.cyclonedx import CycloneDx
from appliance.backends.sbom_formats.model import SbomFormat
from appliance.backends.sbom_formats.spdx import Spdx
from appliance.errors import RequestError

__all__ = ["KNOWN", "SbomFormat", "find"]

KNOWN: dict[str, SbomFormat] = {each.name: each for each in (CycloneDx(), Spdx())}


def find(name: str) -> SbomFormat:
    """Return the format called *name*; raise RequestError with the nearest name, or all, if there
    is none."""
    if name not in KNOWN:
        near = get_close_matches(name, KNOWN, n=1) or list(KNOWN)
        raise RequestError(f"unknown format of an SBOM '{name}'", hint=", ".join(near))
    return KNOWN[name]
