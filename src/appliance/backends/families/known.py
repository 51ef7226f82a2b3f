"""The distribution families that are known by name. To add one: write its file, add it here."""

from appliance.backends.families.almalinux import ALMALINUX
from appliance.backends.families.apt import AptFamily
from appliance.backends.families.centos_stream import CENTOS_STREAM
from appliance.backends.families.debian import DEBIAN
from appliance.backends.families.fedora import FEDORA
from appliance.backends.families.kali import KALI
from appliance.backends.families.model import Family
from appliance.backends.families.oracle import ORACLE
from appliance.backends.families.rhel import RHEL
from appliance.backends.families.rocky import ROCKY
from appliance.backends.families.rpm import RpmFamily
from appliance.backends.families.ubuntu import UBUNTU

# The first of each kind is what a repository is taken for that says nothing of its family.
APT: tuple[AptFamily, ...] = (DEBIAN, UBUNTU, KALI)
RPM: tuple[RpmFamily, ...] = (FEDORA, CENTOS_STREAM, RHEL, ALMALINUX, ROCKY, ORACLE)
FAMILIES: tuple[Family, ...] = (*APT, *RPM)
KNOWN = {family.name: family for family in FAMILIES}
APT_KNOWN = {family.name: family for family in APT}
RPM_KNOWN = {family.name: family for family in RPM}
