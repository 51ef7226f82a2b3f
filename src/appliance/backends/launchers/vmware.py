"""What OVF and VMX have in common: VMware's hardware versions, guest systems, buses and cards.

Facts: the vSphere API's VirtualMachineGuestOsIdentifier (the names of guest systems, and since
7.0.1 the version that brought each: the types of vmware/govmomi say it); KB 1003746 (which ESXi
brought which hardware version: 13 is 6.5, 14 6.7, 15 6.7 U2, 17 7.0, 18 7.0 U1, 20 8.0, 22 9.0).
For names older than 7.0.1 the version is that of the release that brought them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.backends import families
from appliance.backends.launchers import words
from appliance.bundle.model import UEFI, Bundle
from appliance.units import MIB, align_up

ARCHITECTURE = "x86_64"
HARDWARE, HARDWARE_UEFI = 13, 14  # ESXi 6.5 and 6.7, and all that came later
NEWEST_HARDWARE = 15  # what ESXi 6.7 U2 knows; a newer one shuts hosts out that are in use
CARDS = {"vmxnet3": "VmxNet3", "e1000e": "E1000e", "e1000": "E1000"}
MEMORY_STEP = 4 * MIB
OTHER = "otherLinux64Guest"
# A guest system, and the first hardware version whose hosts know it.
OS_TYPES = {
    "other4xLinux64Guest": 14,
    "other3xLinux64Guest": 13,
    "other5xLinux64Guest": 18,
    "other6xLinux64Guest": 20,
    "other7xLinux64Guest": 22,
    OTHER: 4,
    "debian8_64Guest": 11,
    "debian9_64Guest": 13,
    "debian10_64Guest": 13,
    "debian11_64Guest": 17,
    "debian12_64Guest": 20,
    "debian13_64Guest": 22,
    "ubuntu64Guest": 4,
    "fedora64Guest": 4,
    "rhel6_64Guest": 8,
    "rhel7_64Guest": 8,
    "rhel8_64Guest": 14,
    "rhel9_64Guest": 18,
    "rhel10_64Guest": 22,
    "centos64Guest": 7,
    "centos6_64Guest": 13,
    "centos7_64Guest": 13,
    "centos8_64Guest": 14,
    "centos9_64Guest": 18,
    "oracleLinux64Guest": 7,
    "oracleLinux6_64Guest": 13,
    "oracleLinux7_64Guest": 13,
    "oracleLinux8_64Guest": 14,
    "oracleLinux9_64Guest": 18,
    "oracleLinux10_64Guest": 22,
    "almalinux_64Guest": 20,
    "rockylinux_64Guest": 20,
    "amazonlinux2_64Guest": 14,
    "amazonlinux3_64Guest": 18,
    "vmwarePhoton64Guest": 13,
    "opensuse64Guest": 8,
    "sles12_64Guest": 8,
    "sles15_64Guest": 14,
    "sles16_64Guest": 18,
    "coreos64Guest": 11,
    "freebsd64Guest": 4,
    "freebsd11_64Guest": 14,
    "freebsd12_64Guest": 14,
    "freebsd13_64Guest": 18,
    "freebsd14_64Guest": 20,
}


@dataclass(frozen=True)
class VmwareBus:
    """A kind of controller that disks of a VMware machine are attached to.

    *resource*: its ResourceType in OVF.
    *subtype*: its ResourceSubType in OVF; empty for none.
    *vmx*: how the keys of VMX that are about it begin.
    *device*: its virtualDev in VMX; empty for none.
    *places*: the number of unit numbers that each controller has.
    *most*: how many controllers a machine can have.
    *title*: what the OVF calls it for people.
    *reserved*: the unit number that no disk can have; -1: there is none.
    *disk*: the deviceType of each disk on it in VMX; empty for none.
    """

    resource: int
    subtype: str
    vmx: str
    device: str
    places: int
    most: int
    title: str
    reserved: int = -1
    disk: str = ""

    def addresses(self, number: int) -> list[tuple[int, int]]:
        """Return pairs (controller, unit number on it) for *number* disks; fewer if there is no
        room for so many."""
        free = [place for place in range(self.places) if place != self.reserved]
        every = [(controller, place) for controller in range(self.most) for place in free]
        return every[:number]


# Seven is where the SCSI controller itself is.
BUSES: Mapping[str, VmwareBus] = {
    "pvscsi": VmwareBus(6, "VirtualSCSI", "scsi", "pvscsi", 16, 4, "SCSI Controller", 7),
    "lsilogic": VmwareBus(6, "lsilogic", "scsi", "lsilogic", 16, 4, "SCSI Controller", 7),
    "sata": VmwareBus(20, "vmware.sata.ahci", "sata", "", 30, 4, "SATA Controller"),
    "ide": VmwareBus(5, "", "ide", "", 2, 2, "IDE Controller", disk="ata-hardDisk"),
    "nvme": VmwareBus(20, "vmware.nvme.controller", "nvme", "", 15, 4, "NVMe Controller"),
}


def hardware(bundle: Bundle) -> int:
    """The version of the virtual hardware: the oldest that can do what *bundle* needs, so that as
    many hosts as possible know it."""
    return HARDWARE_UEFI if bundle.boots_with == UEFI else HARDWARE


def memory(bundle: Bundle) -> int:
    """The machine's memory in MiB, rounded up to a multiple of four, as VMware wants it."""
    return align_up(bundle.machine.memory, MEMORY_STEP) // MIB


def os_type(bundle: Bundle) -> str:
    """VMware's name of the guest's operating system: the one that *bundle* states, else the newest
    that all hosts with its hardware version know."""
    family = families.KNOWN.get(bundle.family)
    known = family.vmware_systems if family else ()
    fitting = (word for word in known if OS_TYPES[word] <= hardware(bundle))
    return bundle.machine.os_type or next(fitting, OTHER)


def bus(bundle: Bundle) -> str:
    """The disk bus that VMware's machine has, one of BUSES, in the bundle's words."""
    return words.choose(bundle.machine.disk_bus, tuple(BUSES), bundle.lacks)


def card(bundle: Bundle) -> str:
    """The network card that VMware's machine has, in the bundle's words."""
    return words.choose(bundle.machine.network_card, tuple(CARDS), bundle.lacks)


def refuses(bundle: Bundle, formats: tuple[str, ...], program: str) -> str:
    """Why the launcher *program*, which takes disks in *formats*, cannot describe *bundle*; empty
    if it can."""
    images = bundle.images(formats)
    if bundle.machine.architecture != ARCHITECTURE:
        return f"{program} describes {ARCHITECTURE} machines only"
    if not images:
        return f"{program} takes {', '.join(formats)} disks only"
    room = BUSES[bus(bundle)].addresses(len(images))
    if len(room) < len(images):
        return f"{program} has room for {len(room)} disks on {bus(bundle)}, not {len(images)}"
    return ""


def leaves_out(bundle: Bundle, program: str) -> list[str]:
    """Return a line for each wish about the machine that the launcher *program* cannot express,
    and for each that will not work there."""
    chosen, seen = bus(bundle), card(bundle)
    lines = words.unknown(program, bundle.machine.disk_bus, chosen)
    lines += words.unknown(program, bundle.machine.network_card, seen)
    lines += words.without_driver(bundle, program, bus=chosen, card=seen)
    if not bundle.machine.display:
        lines.append(f"{program} always has a screen")
    named = bundle.machine.os_type
    if named and OS_TYPES.get(named, 0) > hardware(bundle):
        lines.append(f"older hosts of vmx-{hardware(bundle)} do not know the system {named}")
    elif named and named not in OS_TYPES:
        lines.append(f"nobody here knows VMware's system {named}")
    return lines
