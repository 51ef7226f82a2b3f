"""Ubuntu. Its packages for other machines than PCs are in an archive of their own (ports).

Facts: /etc/apt/sources.list.d/ubuntu.sources of its own images; which drivers its smaller kernel
has is not known here.
"""

from appliance.backends.families.apt import AptFamily
from appliance.backends.families.apt_release import AptArchive, AptMachine, AptRelease
from appliance.backends.families.debian import EXTLINUX, GRUB, SYSTEMD_BOOT
from appliance.backends.families.marks import of_debian

PORTS = "http://ports.ubuntu.com/ubuntu-ports"


def _archives(release: str, security: str) -> tuple[AptArchive, ...]:
    """A mirror has all three below one root."""
    return (
        AptArchive("ubuntu", release),
        AptArchive("ubuntu-updates", release, "{release}-updates"),
        AptArchive("ubuntu-security", security, "{release}-security"),
    )


UBUNTU = AptFamily(
    name="ubuntu",
    title="Ubuntu",
    releases=(AptRelease("noble", "24.04"), AptRelease("questing", "25.10")),
    machines={
        "x86_64": AptMachine(
            "amd64",
            _archives("http://archive.ubuntu.com/ubuntu", "http://security.ubuntu.com/ubuntu"),
            "linux-image-virtual",
            "linux-image-generic",
            (GRUB, SYSTEMD_BOOT, EXTLINUX),
        ),
        "aarch64": AptMachine(
            "arm64",
            _archives(PORTS, PORTS),
            "linux-image-virtual",
            "linux-image-generic",
            (SYSTEMD_BOOT,),
        ),
    },
    origins=("Ubuntu",),
    keyring="/usr/share/keyrings/ubuntu-archive-keyring.gpg",
    keyring_package="ubuntu-keyring",
    components=("main", "universe"),  # the free ones
    kernels=(
        *("linux-image*", "linux-generic*", "linux-virtual*", "linux-lowlatency*", "linux-kvm*"),
        *("linux-aws*", "linux-azure*", "linux-gcp*", "linux-oracle*"),
    ),
    vmware_systems=("ubuntu64Guest",),
    marks=of_debian(
        "Canonical",
        "https://ubuntu.com/legal/intellectual-property-policy",
        "modified versions that are handed on must be without its marks, unless Canonical agrees",
        words=("Ubuntu", "Canonical"),
        like=("ubuntu", "debian"),
    ),
)
