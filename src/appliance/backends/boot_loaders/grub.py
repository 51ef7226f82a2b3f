"""GRUB 2 for BIOS, embedded by computed writes, and for UEFI, on the removable path.

Facts: grub-core/boot/i386/pc/boot.S and diskboot.S (where a boot sector says where the rest is);
GRUB manual, "BIOS installation"; UEFI specification 3.5.1.1 (the removable path).
"""

import struct
from dataclasses import replace
from pathlib import Path

from appliance.backends.boot_loaders.look import PLAIN_LOOK, MenuLook
from appliance.backends.boot_loaders.model import CodePlace
from appliance.errors import HostError
from appliance.filesystem_facts import grub_modules
from appliance.units import SECTOR, show
from appliance.work import Work

LIBRARY = "/usr/lib/grub"
COMMON = (
    "part_gpt", "part_msdos", *grub_modules(), "lvm", "fat", "search", "search_fs_uuid",
    "configfile", "normal", "serial", "terminal", "linux", "echo", "test", "ls", "sleep", "reboot",
    "halt", "password_pbkdf2",
)  # fmt: skip
BOOT_CODE_SIZE = 440  # bytes of the MBR before the disk signature and the partition table
KERNEL_SECTOR = 0x5C  # in boot.img: sector of core.img, LE64
BLOCK_LIST = 500  # in core.img's first sector: sector of the rest, LE64
PC_ROOM = 1024 * 1024  # bytes: the gap before the first partition, or the BIOS boot partition


def grub_config(
    *,
    root_uuid: str,
    boot_path: str,
    arguments: str,
    timeout: int | str,
    password: str = "",
    look: MenuLook = PLAIN_LOOK,
) -> str:
    """Return the text of grub.cfg: a menu on screen and serial port, with one entry for the newest
    kernel and one for the kernel before it, if there is one.

    *root_uuid*: the UUID of the filesystem that holds /boot.
    *boot_path*: where /boot is on it: "/boot", or "" when /boot has a partition of its own.
    *arguments*: the kernel's whole command line.
    *timeout*: how many seconds the menu waits, or what stands for them.
    *password*: a grub.pbkdf2 hash, or empty; GRUB asks for the password unless somebody starts an
        entry as it stands.
    *look*: what the menu calls the system, and its colours.

    The kernel is found by the links that the distribution moves at every kernel update.
    """
    lock = f'set superusers="root"\npassword_pbkdf2 root {password}\n' if password else ""
    free = "--unrestricted " if password else ""
    before = replace(look, title=f"{look.title} (the kernel before)")
    return f"""\
# Made by appliance-tools. /boot/vmlinuz and /boot/initrd.img follow every kernel update.
set timeout={timeout}
set default=0
serial --unit=0 --speed=115200
terminal_input serial console
terminal_output serial console
{look.grub_colours()}{lock}search --no-floppy --fs-uuid --set=root {root_uuid}
menuentry {look.quoted} {free}{{
    linux {boot_path}/vmlinuz {arguments}
    initrd {boot_path}/initrd.img
}}
if [ -e {boot_path}/vmlinuz.old ]; then
menuentry {before.quoted} {free}{{
    linux {boot_path}/vmlinuz.old {arguments}
    initrd {boot_path}/initrd.img.old
}}
fi
"""


class GrubBios:
    """GRUB for BIOS: boot.img in the first sector, core.img in the BIOS boot partition or in the
    gap before the first partition."""

    name = "bios"
    tools: tuple[str, ...] = ("grub-mkimage",)
    in_tree = False
    repeatable = True
    removable_path = ""
    starts_marked = False
    platform = "i386-pc"

    def make(self, work: Work, *, code: Path, root_uuid: str, boot_path: str) -> None:
        """Write the 512 bytes of boot.img, then a core.img that finds grub.cfg on the filesystem
        *root_uuid*, to the file *code*.

        Raises HostError if GRUB for BIOS is not installed.
        """
        core = work.scratch / "core.img"
        modules = (*COMMON, "biosdisk", "vga", "vbe", "all_video")
        _mkimage(work, self.platform, core, modules, root_uuid, boot_path)
        boot = work.tool_file(f"{LIBRARY}/{self.platform}/boot.img")
        code.write_bytes(boot.read_bytes() + core.read_bytes())

    def embed(self, work: Work, *, code: Path, disk: Path, place: CodePlace) -> None:
        """Write boot.img's code into the first sector of *disk*, and core.img at *place*.start.

        Raises HostError if core.img is larger than the room there.
        """
        embed(code=code, disk=disk, start=place.start)


class GrubUefi:
    """GRUB for UEFI: one program on the EFI system partition, at the path that every firmware
    tries."""

    name = "uefi"
    tools: tuple[str, ...] = ("grub-mkimage",)
    in_tree = False
    repeatable = True
    removable_path = "EFI/BOOT/BOOTX64.EFI"
    starts_marked = False
    platform = "x86_64-efi"

    def make(self, work: Work, *, code: Path, root_uuid: str, boot_path: str) -> None:
        """Write an EFI program that finds grub.cfg on the filesystem *root_uuid* to *code*.

        Raises HostError if GRUB for UEFI is not installed.
        """
        modules = (*COMMON, "efi_gop", "all_video")
        _mkimage(work, self.platform, code, modules, root_uuid, boot_path)

    def embed(self, work: Work, *, code: Path, disk: Path, place: CodePlace) -> None:
        """Do nothing: the program is a file on the EFI system partition."""


def embed(*, code: Path, disk: Path, start: int) -> None:
    """Write boot.img's code into the first sector of *disk*, and core.img at the byte *start*.

    The file *code* is boot.img, one sector, and then core.img. Raises HostError if core.img is
    larger than the room there.
    """
    program = code.read_bytes()
    boot, core = program[:SECTOR], bytearray(program[SECTOR:])
    if len(core) > PC_ROOM - SECTOR:
        raise HostError(f"GRUB's core.img has {show(len(core))}, more than fits")
    first = start // SECTOR
    core[BLOCK_LIST : BLOCK_LIST + 8] = struct.pack("<Q", first + 1)
    with disk.open("r+b") as file:
        file.write(boot[:BOOT_CODE_SIZE])
        file.seek(KERNEL_SECTOR)
        file.write(struct.pack("<Q", first))
        file.seek(start)
        file.write(core)


def _mkimage(
    work: Work, platform: str, output: Path, modules: tuple[str, ...], root_uuid: str, boot: str
) -> None:
    library = work.tool_file(f"{LIBRARY}/{platform}")
    if not library.is_dir():
        raise HostError(f"GRUB for {platform} is not installed", hint="appliance doctor")
    stub = work.scratch / "stub.cfg"
    stub.write_text(
        f"search --no-floppy --fs-uuid --set=root {root_uuid}\n"
        f"set prefix=($root){boot}/grub\nconfigfile $prefix/grub.cfg\n"
    )
    known = tuple(name for name in modules if (library / f"{name}.mod").exists())
    work.run(
        ["grub-mkimage", "-O", platform, "-o", output, "-p", f"{boot}/grub", "-c", stub, *known]
    )
