"""Debian GNU/Linux. What its kernels do not drive is in debian_kernels.py."""

from appliance.backends.families import debian_kernels
from appliance.backends.families.apt import AptFamily
from appliance.backends.families.apt_release import AptArchive, AptMachine, AptRelease
from appliance.backends.families.marks import of_debian

# What the running system uses, and hints say; no build does unasked.
OFFICIAL = "http://deb.debian.org/debian"
ARCHIVES = (
    AptArchive("debian", OFFICIAL),
    AptArchive("debian-updates", OFFICIAL, "{release}-updates"),
    AptArchive("debian-security", f"{OFFICIAL}-security", "{release}-security", beside="-security"),
)
SYSTEMD_BOOT = ("systemd-boot", ("systemd-boot",))
EXTLINUX = ("extlinux", ("extlinux", "syslinux-common"))
GRUB = ("grub", ())  # made by this host's programs, for PCs only


def machines(archives: tuple[AptArchive, ...]) -> dict[str, AptMachine]:
    """Return, by architecture, the machines of a family whose kernels and boot loaders are called
    as Debian's are, with packages from *archives*."""
    return {
        "x86_64": AptMachine(
            "amd64",
            archives,
            "linux-image-amd64",
            "linux-image-amd64",
            (GRUB, SYSTEMD_BOOT, EXTLINUX),
        ),
        "aarch64": AptMachine(
            "arm64", archives, "linux-image-arm64", "linux-image-arm64", (SYSTEMD_BOOT,)
        ),
    }


DEBIAN = AptFamily(
    name="debian",
    title="Debian",
    releases=(
        AptRelease("bookworm", "12", ("oldstable",)),
        AptRelease("trixie", "13", ("stable",)),
        AptRelease("forky", "14", ("testing",)),
    ),
    machines=machines(ARCHIVES),
    origins=("Debian",),
    keyring="/usr/share/keyrings/debian-archive-keyring.gpg",
    keyring_package="debian-archive-keyring",
    lacking=debian_kernels.lacks,
    vmware_systems=("debian12_64Guest", "debian11_64Guest", "debian10_64Guest"),
    marks=of_debian(
        "the Debian project",
        "https://www.debian.org/trademark",
        "its name may say what a system is made of, but must not make anybody believe that the "
        "project made it or stands behind it",
        words=("Debian",),
        like=("debian",),
    ),
)
