"""What a bundle must not name, since its kernel would not see it."""

import pytest

from appliance.backends.families import KNOWN
from appliance.backends.families.debian import DEBIAN
from appliance.bundle.model import DISK_BUSES, NETWORK_CARDS

BOOKWORM = "linux-image-6.1.0-41-cloud-amd64"
TRIXIE = "linux-image-6.12.57+deb13-cloud-amd64"
GENERIC = "linux-image-6.12.57+deb13-amd64"


@pytest.mark.parametrize(
    ("packages", "lacked"),
    [
        ((BOOKWORM, "linux-image-cloud-amd64"), {"sata", "lsilogic", "e1000", "e1000e"}),
        ((TRIXIE, "linux-image-cloud-amd64"), {"lsilogic", "e1000", "e1000e"}),
        ((TRIXIE, GENERIC), set()),
        ((GENERIC,), set()),
        (("bash", "linux-image-cloud-amd64"), {"lsilogic", "e1000", "e1000e"}),
        (("bash", "linux-image-amd64"), set()),
        ((), set()),
    ],
)
def test_what_no_kernel_of_the_image_drives(packages: tuple[str, ...], lacked: set[str]) -> None:
    assert set(DEBIAN.lacks(packages)) == lacked
    assert lacked <= {*DISK_BUSES, *NETWORK_CARDS}


def test_of_others_nothing_is_known() -> None:
    assert KNOWN["fedora"].lacks(("kernel-core",)) == ()
