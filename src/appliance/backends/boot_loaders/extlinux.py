"""extlinux for BIOS. The image's own program installs it on the filesystem of /boot, which is
mounted in a machine, since its first part holds a map of the blocks of its second.

Facts: the Syslinux wiki (EXTLINUX, Mbr); extlinux(1); UEFI specification 5.3.3 (the attribute of
a GPT partition that a BIOS is to start).
"""

from pathlib import Path

from appliance.backends.boot_loaders.grub import BOOT_CODE_SIZE
from appliance.backends.boot_loaders.model import CodePlace
from appliance.errors import CommandError
from appliance.work import MachineDisk, RootTree, Work

CODE = {"gpt": "gptmbr.bin", "dos": "mbr.bin"}  # for the first sector, by partition table
CODE_PLACES = ("usr/lib/EXTLINUX", "usr/lib/syslinux/mbr", "usr/share/syslinux")
PROGRAMS = ("usr/bin/extlinux", "sbin/extlinux", "usr/sbin/extlinux")
LOADERS = ("lib64/ld-linux-x86-64.so.2", "usr/lib64/ld-linux-x86-64.so.2")
LIBRARIES = ("lib/x86_64-linux-gnu/libc.so.6", "usr/lib/x86_64-linux-gnu/libc.so.6",
             "lib64/libc.so.6", "usr/lib64/libc.so.6")  # fmt: skip
SCRIPT = """\
mount -t {kind} /dev/vda{number} /mnt
/image/loader --library-path /image /image/extlinux --install /mnt{path}/extlinux
umount /mnt
"""


class Extlinux:
    """Code in the first sector that starts the active partition, and extlinux in that
    partition."""

    name = "extlinux"
    tools: tuple[str, ...] = ()
    in_tree = True
    repeatable = False  # a kernel decides where its files go
    removable_path = ""
    starts_marked = True

    def make(self, work: Work, *, code: Path, root_uuid: str, boot_path: str) -> None:
        """Write the image's code for the first sector to *code*: 440 bytes for each kind of
        partition table, one after the other.

        Raises CommandError if the image does not have it.
        """
        parts = [
            _found(work.tree, *(f"{place}/{CODE[table]}" for place in CODE_PLACES)).read_bytes()
            for table in sorted(CODE)
        ]
        code.write_bytes(
            b"".join(part[:BOOT_CODE_SIZE].ljust(BOOT_CODE_SIZE, b"\0") for part in parts)
        )

    def embed(self, work: Work, *, code: Path, disk: Path, place: CodePlace) -> None:
        """Write the code for the disk's partition table into the first sector of *disk*, and run
        the image's extlinux, with the image's libraries, in a machine that mounts /boot.

        Raises CommandError if the image has no extlinux or the program fails.
        """
        at = sorted(CODE).index(place.table) * BOOT_CODE_SIZE
        with disk.open("r+b") as file:
            file.write(code.read_bytes()[at : at + BOOT_CODE_SIZE])
        work.machine.run(
            SCRIPT.format(kind=place.filesystem, number=place.number, path=place.path),
            programs=(),
            modules=(place.filesystem,),
            disks=(MachineDisk(disk),),
            files={
                "/image/extlinux": _found(work.tree, *PROGRAMS),
                "/image/loader": _found(work.tree, *LOADERS),
                "/image/libc.so.6": _found(work.tree, *LIBRARIES),
            },
        )


def _found(tree: RootTree, *paths: str) -> Path:
    """The first of *paths* that is a file of the image; raises CommandError if none is."""
    for path in map(tree.inside, paths):
        if path.is_file():
            return path
    raise CommandError(
        f"the image has no {Path(paths[0]).name}",
        hint="extlinux and syslinux-common, or syslinux-extlinux, in %packages",
    )
