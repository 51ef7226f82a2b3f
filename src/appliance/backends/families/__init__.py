"""Which distribution? One file per family; known.py lists them."""

from appliance.backends.families.apt_sources import AptSource, HostSource
from appliance.backends.families.choice import choose, known_names, near_names
from appliance.backends.families.known import KNOWN
from appliance.backends.families.model import Family, Release

__all__ = [
    "KNOWN", "AptSource", "Family", "HostSource", "Release", "choose", "known_names", "near_names",
]  # fmt: skip
