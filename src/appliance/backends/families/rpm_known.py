"""The RPM families that are known by name. To add one: write its file, add it here."""

import re

from appliance.backends.families.fedora import FEDORA
from appliance.backends.families.rpm import RpmFamily

RPM_FAMILIES: tuple[RpmFamily, ...] = (FEDORA,)


def rpm_family_of(address: str) -> RpmFamily:
    """The family whose name stands in a repository's *address*; Fedora if none does."""
    words = set(re.findall(r"[a-z]+", address.lower()))
    return next((family for family in RPM_FAMILIES if words & set(family.words)), FEDORA)
