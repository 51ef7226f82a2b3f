"""The machine that a virt-image description means for QEMU, and its disks."""

from dataclasses import replace

from appliance.bundle.model import Machine
from appliance.bundle.sense import check_size
from appliance.errors import RequestError
from appliance.intake.images import Disk, Image
from appliance.intake.stored_disks import stored
from appliance.intake.trust import CALLED
from appliance.intake.virt_image import Boot, StoredDisk, VirtImage

WHOLE = "hvm"  # a <boot> of a machine that QEMU alone starts


def whole_boot(description: VirtImage, boot: int | None = None) -> Boot:
    """Return the description's first hvm <boot>, or the one with the index *boot*.

    Raises RequestError if QEMU alone cannot start that one.
    """
    chosen = usual_boot(description) if boot is None else description.boots[boot]
    if chosen.kind != WHOLE:
        raise RequestError(
            "nothing in it starts on a full virtual machine"
            if boot is None
            else f"<boot> {boot} is for Xen: QEMU alone does not start it",
            where=chosen.where,
        )
    return chosen


def usual_boot(description: VirtImage) -> Boot:
    """Return the first hvm <boot> of the description, or else its first."""
    whole = [each for each in description.boots if each.kind == WHOLE]
    return (whole or list(description.boots))[0]


def machine_of(description: VirtImage, boot: Boot) -> Image:
    """The machine of *boot*; raises RequestError if a disk is not there, or not to be trusted."""
    if not boot.drives:
        raise RequestError("it has no <drive>", where=boot.where)
    plain = Machine()
    machine = Machine(
        architecture=boot.architecture,
        memory=description.memory or plain.memory,
        cpus=description.cpus or plain.cpus,
        interfaces=description.interfaces,
    )
    check_size(machine, boot.where)
    disks = tuple(disk_of(drive.disk, description) for drive in boot.drives)
    return Image(description.name, description.path, disks, machine)


def disk_of(said: StoredDisk, description: VirtImage) -> Disk:
    """The disk that *said* names. Raises RequestError if it is not there though it has to be, or
    is not to be trusted."""
    file = description.place(said.file)
    kind = CALLED[said.disk_format]
    if file.is_file():
        disk = stored(file, kind, said.where)
    elif said.use == "system" or not said.size:
        raise RequestError(f"the disk {said.file} is not there", where=said.where)
    else:
        disk = Disk(file, kind, scratch=said.size)
    return replace(disk, sha256=said.sha256, sha1=said.sha1)
