"""How an image starts: boot loaders, their menus, kernels, what is signed."""

import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from appliance.inspection.catalogue import Catalogue
from appliance.inspection.installed import Ownership
from appliance.inspection.places import SeenDisk
from appliance.inspection.sections.starting import is_signed, kernels, start
from appliance.inspection.sections.system import os_release
from appliance.intake.partitions import Partition, PartitionTable
from appliance.units import MIB

Made = Callable[[Mapping[str, str]], Catalogue]
GRUB = """\
set default=0
menuentry 'Ours, 1.0' --class gnu {
    linux /vmlinuz root=UUID=x ro quiet
    initrd /initrd
}
menuentry "Without a kernel" { reboot }
"""
EXTLINUX = "default a\nlabel a\n  menu label Ours\n  kernel /vmlinuz\n  append root=/dev/sda1 ro\n"
BLS = "title Fedora\nlinux /vmlinuz-6.9\noptions root=UUID=y\noptions quiet\n"
MENUS = {
    "/boot/grub/grub.cfg": GRUB,
    "/boot/extlinux/extlinux.conf": EXTLINUX,
    "/boot/loader/entries/a.conf": BLS,
}


def efi(*, signed: bool, section: bytes = b"", text: bytes = b"") -> bytes:
    """A program for UEFI with one section, as little of one as is read."""
    optional = struct.pack("<H", 0x20B).ljust(112, b"\0")
    tables = bytes(32) + struct.pack("<II", 4096 if signed else 0, 8 if signed else 0)
    optional = (optional + tables).ljust(240, b"\0")
    header = b"PE\0\0" + struct.pack("<HH", 0x8664, 1) + bytes(12) + struct.pack("<HH", 240, 0)
    row = struct.pack("<8sIIII", section, len(text), 0, len(text), 512)
    head = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    return (head + header + optional + row).ljust(512, b"\0") + text


def disk(place: Path, code: bytes) -> SeenDisk:
    path = place / "disk"
    path.write_bytes(code.ljust(510, b"\0") + b"\x55\xaa" + bytes(2 * MIB))
    part = Partition(1, MIB, MIB, "0FC63DAF-8483-4772-8E79-3D69D8477DE4")
    return SeenDisk("sda", path, 3 * MIB, PartitionTable("gpt", (part,)))


def test_menus_are_told_whoever_wrote_them(made: Made) -> None:
    entries = start(made(MENUS), (), "multi-user.target").entries
    assert [(each.title, each.kernel, each.arguments) for each in entries] == [
        ("Ours, 1.0", "/vmlinuz", "root=UUID=x ro quiet"),
        ("Ours", "/vmlinuz", "root=/dev/sda1 ro"),
        ("Fedora", "/vmlinuz-6.9", "root=UUID=y quiet"),
    ]


def test_firmware_is_what_finds_something_to_start(made: Made, tmp_path: Path) -> None:
    image = made({"/boot/efi/EFI/BOOT/BOOTX64.EFI": "GRUB is here"})
    said = start(image, [disk(tmp_path, b"\xeb\x63GRUB")], "a.target")
    assert said.firmware == ("bios", "uefi")
    assert said.loaders == ("GRUB", "GRUB (/boot/efi/EFI/BOOT/BOOTX64.EFI)")
    nothing = start(made({"/etc/hostname": "a"}), [disk(tmp_path, b"")], "")
    assert (nothing.firmware, nothing.loaders) == (("uefi",), said.loaders[1:])


def test_a_unified_kernel_image_says_its_command_line(made: Made, tmp_path: Path) -> None:
    image = made({"/efi/EFI/Linux/ours.efi": ""})
    path = tmp_path / "image/efi/EFI/Linux/ours.efi"
    path.write_bytes(efi(signed=True, section=b".cmdline", text=b"root=UUID=z\n\0"))
    said = start(image, (), "")
    assert [(each.title, each.arguments) for each in said.entries] == [("ours.efi", "root=UUID=z")]
    assert said.secure_boot


@pytest.mark.parametrize(
    ("program", "expected"),
    [(efi(signed=True), True), (efi(signed=False), False), (b"", False), (b"MZ" * 40, False)],
)
def test_what_is_signed_has_a_table_of_certificates(program: bytes, expected: bool) -> None:
    assert is_signed(program) is expected


def test_kernels_are_told_the_newest_first(made: Made) -> None:
    image = made({
        "/boot/vmlinuz": "-> vmlinuz-6.9.1", "/boot/vmlinuz-6.9.1": "", "/boot/vmlinuz-6.12.0": "",
        "/boot/initrd.img-6.12.0": "", "/usr/lib/modules/6.13.0/vmlinuz": "",
    })  # fmt: skip
    assert [(each.version, each.initramfs) for each in kernels(image, Ownership())] == [
        ("6.13.0", ""), ("6.12.0", "/boot/initrd.img-6.12.0"), ("6.9.1", ""),
    ]  # fmt: skip


def test_os_release_is_read_as_a_shell_would(made: Made) -> None:
    text = 'ID=ours\nPRETTY_NAME="Our \\"own\\" \\$ystem"\nBAD LINE\nOPEN=\'\n# comment\n'
    said = os_release(made({"/usr/lib/os-release": text}))
    assert said == {"ID": "ours", "PRETTY_NAME": 'Our "own" $ystem', "OPEN": ""}
