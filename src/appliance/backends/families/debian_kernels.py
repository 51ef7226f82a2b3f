"""What Debian's kernels have no drivers for.

Facts: /boot/config-* of each. The generic kernel drives all of DISK_BUSES and NETWORK_CARDS; the
cloud kernel has no FUSION and no E1000, and got SATA_AHCI between Debian 12 (6.1) and 13 (6.12).
"""

import re
from collections.abc import Iterable

IMAGE = re.compile(r"linux-image-(\d+)\.(\d+)\..*")  # linux-image-6.12.57+deb13-cloud-amd64
CLOUD = "-cloud-"
CLOUD_OF_NOW = "linux-image-cloud-amd64"  # which depends on the newest
CLOUD_LACKS = ("lsilogic", "e1000", "e1000e")
OLD_CLOUD_LACKS = ("sata", *CLOUD_LACKS)
AHCI_SINCE = (6, 12)


def lacks(packages: Iterable[str]) -> tuple[str, ...]:
    """The disk buses and network cards that every kernel among these *packages* lacks.

    Empty if none of them is a kernel that is known here.
    """
    names = tuple(packages)
    found = [match for match in map(IMAGE.fullmatch, names) if match]
    if not found and CLOUD_OF_NOW in names:  # what will be installed is not known yet
        return CLOUD_LACKS
    if not found or not all(CLOUD in match[0] for match in found):
        return ()
    newest = max((int(match[1]), int(match[2])) for match in found)
    return CLOUD_LACKS if newest >= AHCI_SINCE else OLD_CLOUD_LACKS
