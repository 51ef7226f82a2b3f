"""Xen: a file of xl.cfg(5) for each of the ways in which Xen can start the same disks."""

from collections.abc import Mapping, Sequence

from appliance.backends import families
from appliance.backends.launchers import words
from appliance.bundle.model import BIOS, UEFI, Bundle
from appliance.units import MIB

# Of our formats, as xl-disk-configuration(5) says them.
FORMATS = {
    "raw": "raw",
    "qcow2-plain": "qcow2",
    "qcow2-zlib": "qcow2",
    "qcow2": "qcow2",
    "vhd": "vhd",
}
ARCHITECTURE = "x86_64"
# xl.cfg(5), loader for PVH: Debian's and SUSE's name of GRUB as a guest's kernel
PVH_GRUB = "/usr/lib/grub-xen/grub-i386-xen_pvh.bin"
SPECIAL = set(",;='\"\\[] \t\n")
LETTERS = "abcdefghijklmnop"  # xvda to xvdp: what a toolstack names without an argument about it


class Xen:
    """Files for HVM, for PVH with GRUB as the kernel, and for PV with pygrub; the machine's
    network is the bridge xenbr0.

    Disks are named without a directory: `xl create` has to be started in theirs.
    """

    name = "xen"
    says = "xl create, on Xen: PV, PVH and HVM"
    formats = tuple(FORMATS)
    # Three more files beside every qcow2, which most take for KVM, would be in the way.
    unasked = ("raw", "vhd")

    def refuses(self, bundle: Bundle) -> str:
        """Why Xen cannot start *bundle*; empty if it can."""
        images = bundle.images(self.formats)
        if bundle.machine.architecture != ARCHITECTURE:
            return f"xen describes {ARCHITECTURE} machines only"
        if not images:
            return f"xen takes {', '.join(self.formats)} disks only"
        if len(images) > len(LETTERS):
            return f"xen has room for {len(LETTERS)} disks, not {len(images)}"
        names = (bundle.name, *(image.path for image in images))
        odd = next((name for name in names if set(name) & SPECIAL), "")
        return f"xl has its own meaning for some of the letters of '{odd}'" if odd else ""

    def leaves_out(self, bundle: Bundle) -> tuple[str, ...]:
        """What *bundle* wants of the machine or the product that xl.cfg cannot express: Xen has
        buses and cards of its own."""
        machine = bundle.machine
        lines = words.unknown("xen", machine.disk_bus, "its own disks")
        lines += words.unknown("xen", machine.network_card, "its own card")
        if not can_pygrub(bundle):
            lines.append("xen starts it as HVM only: no GRUB menu that pygrub or PVH can read")
        return (*lines, *words.product_left_out(bundle, "xen"))

    def files(self, bundle: Bundle) -> Mapping[str, str]:
        """One file NAME.KIND.cfg for each kind of guest that the machine can be. HVM comes first,
        since it always works."""
        kinds = {"hvm": _hvm(bundle)}
        if can_pygrub(bundle):
            kinds["pvh"] = ['type = "pvh"', f'kernel = "{PVH_GRUB}"']
            kinds["pv"] = ['type = "pv"', 'bootloader = "pygrub"']
        return {
            f"{bundle.name}.{kind}.cfg": _text(bundle, kind, lines=lines)
            for kind, lines in kinds.items()
        }


def can_pygrub(bundle: Bundle) -> bool:
    """Whether the kernel of *bundle* can be a paravirtual guest, and pygrub can read its menu.

    This is so for families with a plain menu of GRUB. A system that starts by entries of the Boot
    Loader Specification, like Fedora, has nothing in grub.cfg that pygrub finds; without BIOS
    there may be no GRUB at all.
    """
    family = families.KNOWN.get(bundle.family)
    return (
        family is not None
        and family.plain_grub_menu
        and BIOS in bundle.firmware
        and bundle.machine.architecture == ARCHITECTURE
    )


def _hvm(bundle: Bundle) -> list[str]:
    firmware = ['firmware = "ovmf"'] if bundle.boots_with == UEFI else []
    screen = (
        ["vnc = 1", 'vga = "stdvga"'] if bundle.machine.display else ["vnc = 0", "nographic = 1"]
    )
    return ['type = "hvm"', *firmware, 'boot = "c"', 'serial = "pty"', *screen]


def _text(bundle: Bundle, kind: str, *, lines: Sequence[str]) -> str:
    images = bundle.images(Xen.formats)
    disks = ", ".join(
        f'"format={FORMATS[image.disk_format]},vdev=xvd{letter},access=rw,target={image.path}"'
        for image, letter in zip(images, LETTERS, strict=False)
    )
    cards = ", ".join(['"bridge=xenbr0"'] * bundle.machine.interfaces)
    body = "\n".join(lines)
    return f"""\
# {" ".join(words.title(bundle).split()) or bundle.name}. Start it beside its disks: \
xl create -c {bundle.name}.{kind}.cfg
name = "{bundle.name}"
{body}
memory = {max(1, bundle.machine.memory // MIB)}
vcpus = {bundle.machine.cpus}
disk = [ {disks} ]
vif = [ {cards} ]
on_poweroff = "destroy"
on_reboot = "restart"
on_crash = "destroy"
"""
