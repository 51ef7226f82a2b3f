"""Kali Linux: one release that rolls, made from Debian's testing.

Facts: kali.org/docs/general-use/kali-linux-sources-list-repositories (its archive, the components).
"""

from appliance.backends.families.apt import AptFamily
from appliance.backends.families.apt_release import AptArchive, AptRelease
from appliance.backends.families.debian import machines
from appliance.backends.families.marks import of_debian

ARCHIVES = (AptArchive("kali", "http://http.kali.org/kali", "kali-{release}"),)

KALI = AptFamily(
    name="kali",
    title="Kali Linux",
    releases=(AptRelease("rolling", ""),),
    machines=machines(ARCHIVES),
    origins=("Kali",),
    keyring="/usr/share/keyrings/kali-archive-keyring.gpg",
    keyring_package="kali-archive-keyring",
    components=("main", "contrib", "non-free", "non-free-firmware"),
    vmware_systems=("debian12_64Guest", "debian11_64Guest", "debian10_64Guest"),
    marks=of_debian(
        "OffSec",
        "https://www.kali.org/docs/policy/trademark/",
        "its name and dragon belong to what it hands out itself; others may refer to it by name",
        words=("Kali", "OffSec"),
        like=("kali", "debian"),
    ),
)
