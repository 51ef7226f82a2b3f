"""The RPM families that are known by name. To add one: write its file, add it here."""

import re

from appliance.backends.families.almalinux import ALMALINUX
from appliance.backends.families.centos_stream import CENTOS_STREAM
from appliance.backends.families.fedora import FEDORA
from appliance.backends.families.oracle import ORACLE
from appliance.backends.families.rhel import RHEL
from appliance.backends.families.rocky import ROCKY
from appliance.backends.families.rpm import RpmFamily

RPM_FAMILIES: tuple[RpmFamily, ...] = (FEDORA, CENTOS_STREAM, RHEL, ALMALINUX, ROCKY, ORACLE)


def rpm_family_of(address: str) -> RpmFamily:
    """The family whose name stands in a repository's *address*; Fedora if none does.

    Where several do, the first in the address counts: hosts are named before directories.
    """
    for word in re.findall(r"[a-z]+", address.lower()):
        for family in RPM_FAMILIES:
            if word in family.words:
                return family
    return FEDORA
