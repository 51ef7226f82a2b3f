"""How QEMU is told of a disk's controller and of a network card: its words for DISK_BUSES and
NETWORK_CARDS.

Facts: `qemu-system-x86_64 -device help`. VMware's `lsilogic` is an LSI 53C1030, its `lsilogicsas` a
SAS 1068; both are Fusion-MPT with one driver core (mptbase). QEMU has the second one only, so that
stands for both; its lsi53c895a is another family, which VMware never had.
"""

from dataclasses import dataclass

from appliance.errors import RequestError

VIRTIO = "virtio"  # what a machine has unless it says otherwise
Q35, PC = "q35", "pc"
WWN = "0x352540000000000{n}"  # Linux's mptsas leaves out disks without an address


@dataclass(frozen=True)
class QemuBus:
    """How QEMU is told of the controller that disks hang on.

    *disk*: the QEMU device for each disk.
    *controller*: the device of the controller, which is added once; empty if each disk is its own,
        or if the machine has one.
    *shared*: where on the controller a disk is, with {n} for the disk's number; empty if each is
        its own.
    *places*: how many disks it has room for.
    *machine*: QEMU's machine type.
    """

    disk: str
    controller: str = ""
    shared: str = ""
    places: int = 16
    machine: str = Q35


BUSES = {
    "virtio": QemuBus("virtio-blk-pci"),
    "virtio-scsi": QemuBus("scsi-hd", "virtio-scsi-pci,id=disks", ",bus=disks.0,scsi-id={n}"),
    "sata": QemuBus("ide-hd", "", ",bus=ide.{n}", 5),  # the chip set's sixth: a CD drive's
    "ide": QemuBus("ide-hd", "", ",bus=ide.{half},unit={odd}", 3, PC),
    "nvme": QemuBus("nvme"),
    "pvscsi": QemuBus("scsi-hd", "pvscsi,id=disks", ",bus=disks.0,scsi-id={n}", 7),
    "lsilogic": QemuBus(
        "scsi-hd", "mptsas1068,id=disks", f",bus=disks.0,scsi-id={{n}},wwn={WWN}", 8
    ),
}
CARDS = {
    "virtio": "virtio-net-pci",
    "vmxnet3": "vmxnet3",
    "e1000": "e1000",
    "e1000e": "e1000e",
}


def bus(name: str) -> QemuBus:
    """The bus called *name*, virtio for an empty one; raises RequestError with all of them."""
    if (name or VIRTIO) not in BUSES:
        raise RequestError(f"unknown disk bus '{name}'", hint=", ".join(BUSES))
    return BUSES[name or VIRTIO]


def card(name: str) -> str:
    """Return QEMU's device for the network card *name*; raise RequestError with all of them if
    there is none of that name."""
    if (name or VIRTIO) not in CARDS:
        raise RequestError(f"unknown network card '{name}'", hint=", ".join(CARDS))
    return CARDS[name or VIRTIO]


def disk_devices(name: str, drives: list[str]) -> list[str]:
    """The words that hang *drives* (ids of -drive, the first is started) on the bus *name*.

    Raises RequestError if there are more than it has room for.
    """
    kind = bus(name)
    if len(drives) > kind.places:
        raise RequestError(f"there is room for {kind.places} disks on {name}, not {len(drives)}")
    words = ["-device", kind.controller] if kind.controller and drives else []
    for number, drive in enumerate(drives):
        place = kind.shared.format(n=number, half=number // 2, odd=number % 2)
        what = f"drive={drive},serial={drive},bootindex={number + 1}"
        words += ["-device", f"{kind.disk}{place},{what}"]
    return words


def disc_devices(name: str, drives: list[str]) -> list[str]:
    """The words for CD drives that hold *drives*: what every kernel sees, so where the machine's
    disks are on IDE or SATA beside them, else on virtio's SCSI."""
    kind = bus(name)
    if drives and kind.disk == "ide-hd":
        last = kind.shared.format(n=kind.places, half=kind.places // 2, odd=kind.places % 2)
        if len(drives) > 1:
            raise RequestError(f"there is room for one CD drive beside disks on {name}")
        return ["-device", f"ide-cd{last},drive={drives[0]}"]
    words = ["-device", "virtio-scsi-pci,id=discs"] if drives else []
    for number, drive in enumerate(drives):
        words += ["-device", f"scsi-cd,bus=discs.0,scsi-id={number},drive={drive}"]
    return words
