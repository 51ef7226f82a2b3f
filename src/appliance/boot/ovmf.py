"""Where this distribution keeps the UEFI firmware for virtual machines."""

from dataclasses import dataclass
from pathlib import Path

from appliance.bundle.model import BIOS, UEFI
from appliance.errors import HostError

# Disk buses for which some builds of OVMF, Debian's among them, have no drivers; VMware's own
# firmware has.
MAY_LACK = ("pvscsi", "lsilogic")
CHOICES = {"bios": (BIOS,), "uefi": (UEFI,), "both": (BIOS, UEFI)}


@dataclass(frozen=True)
class Ovmf:
    """A build of the firmware: its code, never written to, and the variables it starts with."""

    code: Path
    variables: Path
    disk_format: str = "raw"


PLACES = (
    ("usr/share/OVMF/OVMF_CODE_4M.fd", "usr/share/OVMF/OVMF_VARS_4M.fd", "raw"),  # Debian
    ("usr/share/OVMF/OVMF_CODE.fd", "usr/share/OVMF/OVMF_VARS.fd", "raw"),
    ("usr/share/edk2/ovmf/OVMF_CODE.fd", "usr/share/edk2/ovmf/OVMF_VARS.fd", "raw"),  # Fedora
    (
        "usr/share/edk2/ovmf/OVMF_CODE_4M.qcow2",
        "usr/share/edk2/ovmf/OVMF_VARS_4M.qcow2",
        "qcow2",
    ),
    ("usr/share/edk2/x64/OVMF_CODE.4m.fd", "usr/share/edk2/x64/OVMF_VARS.4m.fd", "raw"),  # Arch
    ("usr/share/qemu/ovmf-x86_64-code.bin", "usr/share/qemu/ovmf-x86_64-vars.bin", "raw"),  # SUSE
)


def find(root: Path = Path("/")) -> Ovmf:
    """The firmware that is installed under *root*; raises HostError naming the package."""
    for code, variables, disk_format in PLACES:
        if (root / code).is_file() and (root / variables).is_file():
            return Ovmf(root / code, root / variables, disk_format)
    raise HostError(
        "the UEFI firmware for virtual machines (OVMF) is not installed",
        hint="apt install ovmf, or: dnf install edk2-ovmf",
    )
