"""The facts of every filesystem, one row each, and of what else a partition may be.

Whoever has to know something of a filesystem reads it here: how kickstarts call it, what firmware
and boot loaders do with it, what the image's kernel and packages need. How it is made is not here
but in `appliance.backends.filesystems`, one file for each.

Facts: UEFI specification 5.3.3 and the Discoverable Partitions Specification (partition types of a
GPT); `sfdisk --list-types` (those of an MBR); fstab(5); libmagic's rules (signatures).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from appliance.units import MIB

Signature = tuple[tuple[int, bytes], ...]  # what stands at which byte: all of it has to be there


@dataclass(frozen=True)
class Overhead:
    """What a filesystem takes for itself: a *share* of what is in it, at least *fixed* bytes and
    at most *most* of them besides, and *inode* bytes of disk for every file."""

    share: float
    fixed: int = 0
    most: int = 0
    inode: int = 0


@dataclass(frozen=True)
class FilesystemFacts:
    """One row. Sizes are bytes; a text or a tuple is empty where there is nothing of it.

    *name* is the house's word for it, which kickstarts understand after --fstype; *aliases* are
    other words of theirs. *mounted_as* is its type for mount and fstab (empty: nobody mounts it),
    *mount_options* those of the author who says none, *checked* whether fstab has its fsck run.

    *family* is the same for those that are one format (ext2 and ext4, vfat and efi) and known by
    the same *signatures*, any one of them. *keeps_links*: links, owners and modes of files.
    *identity* is how many bytes of its UUID it keeps (FAT 4, squashfs none: then the system knows
    it by the partition). *read_only*: nobody writes to it once it is made. *grows*: the kernel
    makes it larger while it is mounted.

    *label* is the length of the longest one, *smallest* the size below which its programs, if it
    *needs_smallest*, or else those who use it, refuse it; *overhead* see there. *gpt_type* and
    *mbr_type* are for its partition; empty: those of Linux data.

    *firmware_reads*: UEFI looks there for what it starts. *extlinux_reads* and *grub_module* say
    which boot loaders find /boot on it. *modules* are what a kernel needs to mount it, the first
    its own driver, *companions* what that asks for under a name that modules.dep does not tell,
    *dracut_modules* what dracut leaves out unless told. *deb_package* and *rpm_package* hold the
    programs by which the running system checks it.
    """

    name: str
    family: str
    aliases: tuple[str, ...] = ()
    mounted_as: str = ""
    mount_options: str = "defaults"
    checked: bool = False
    keeps_links: bool = True
    identity: int = 16
    read_only: bool = False
    grows: bool = False
    label: int = 0
    smallest: int = MIB
    needs_smallest: bool = False
    overhead: Overhead = Overhead(0.03, MIB, MIB)
    gpt_type: str = ""
    mbr_type: str = ""
    firmware_reads: bool = False
    extlinux_reads: bool = False
    grub_module: str = ""
    modules: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    dracut_modules: tuple[str, ...] = ()
    deb_package: str = ""
    rpm_package: str = ""
    signatures: tuple[Signature, ...] = ()


EXT, FAT = "ext", "fat"  # families with comparers of their own in appliance.difference
USUAL = "ext4"  # what hints propose, and distributions without a choice of their own take
EFI, SWAP, BTRFS = "efi", "swap", "btrfs"  # that kickstarts have words of their own for
BIOS_BOOT, PREP, LVM = "biosboot", "prepboot", "lvm"
UNUSED = "unused"  # a partition that a %pre made, and nobody speaks of again
EXT_SIGNATURE: tuple[Signature, ...] = (((1080, b"\x53\xef"),),)
FAT_SIGNATURES: tuple[Signature, ...] = (
    ((510, b"\x55\xaa"), (82, b"FAT32")),
    ((510, b"\x55\xaa"), (54, b"FAT")),
)

ROWS = (
    FilesystemFacts(
        name="ext2",
        family=EXT,
        mounted_as="ext2",
        checked=True,
        label=16,
        smallest=16 * MIB,
        # root's five percent, not quite two of inodes, one for 16 KiB; no journal (mke2fs(8))
        overhead=Overhead(0.09, inode=16384),
        extlinux_reads=True,
        grub_module="ext2",
        modules=("ext4",),
        deb_package="e2fsprogs",
        rpm_package="e2fsprogs",
        signatures=EXT_SIGNATURE,
    ),
    FilesystemFacts(
        name="ext3",
        family=EXT,
        mounted_as="ext3",
        checked=True,
        grows=True,
        label=16,
        smallest=16 * MIB,
        # the journal has 16 MiB on a small one and 128 MiB from 16 GiB
        overhead=Overhead(0.09, 17 * MIB, 128 * MIB, 16384),
        extlinux_reads=True,
        grub_module="ext2",
        modules=("ext4",),
        deb_package="e2fsprogs",
        rpm_package="e2fsprogs",
        signatures=EXT_SIGNATURE,
    ),
    FilesystemFacts(
        name="ext4",
        family=EXT,
        mounted_as="ext4",
        checked=True,
        grows=True,
        label=16,
        smallest=16 * MIB,
        overhead=Overhead(0.09, 17 * MIB, 128 * MIB, 16384),
        extlinux_reads=True,
        grub_module="ext2",
        modules=("ext4",),
        companions=("crc32c_generic",),
        deb_package="e2fsprogs",
        rpm_package="e2fsprogs",
        signatures=EXT_SIGNATURE,
    ),
    FilesystemFacts(
        name="xfs",
        family="xfs",
        mounted_as="xfs",
        grows=True,
        label=12,
        smallest=300 * MIB,  # mkfs.xfs(8) of xfsprogs 5.19 and later, and Anaconda, refuse less
        needs_smallest=True,
        overhead=Overhead(0.05, 64 * MIB, 256 * MIB),  # its log: mkfs.xfs(8)
        grub_module="xfs",
        modules=("xfs",),
        companions=("crc32c_generic",),
        deb_package="xfsprogs",
        rpm_package="xfsprogs",
        signatures=(((0, b"XFSB"),),),
    ),
    FilesystemFacts(
        name=BTRFS,
        family=BTRFS,
        mounted_as=BTRFS,
        grows=True,
        label=255,
        smallest=128 * MIB,  # mkfs.btrfs refuses less than about 110 MiB
        needs_smallest=True,
        overhead=Overhead(0.15, 128 * MIB, 1024 * MIB),  # its trees twice, and room for new ones
        grub_module="btrfs",
        modules=("btrfs",),
        companions=("crc32c_generic", "xxhash_generic", "sha256_generic", "blake2b_generic"),
        dracut_modules=("btrfs",),
        deb_package="btrfs-progs",
        rpm_package="btrfs-progs",
        signatures=(((65600, b"_BHRfS_M"),),),
    ),
    FilesystemFacts(
        name="squashfs",
        family="squashfs",
        mounted_as="squashfs",
        mount_options="ro",
        identity=0,  # its superblock has no room for a UUID or a label
        read_only=True,
        overhead=Overhead(0.0),
        # GRUB has a module squash4, but finds filesystems by the UUID, which this has not
        modules=("squashfs",),
        signatures=(((0, b"hsqs"),),),
    ),
    FilesystemFacts(
        name="erofs",
        family="erofs",
        mounted_as="erofs",
        mount_options="ro",
        read_only=True,
        label=15,
        overhead=Overhead(0.05, MIB, 64 * MIB),
        # GRUB reads it since 2.14, which no distribution here has: no module to count on
        modules=("erofs",),
        companions=("crc32c_generic",),
        signatures=(((1024, b"\xe2\xe1\xf5\xe0"),),),
    ),
    FilesystemFacts(
        name="vfat",
        family=FAT,
        aliases=("fat32", "msdos"),
        mounted_as="vfat",
        checked=True,
        keeps_links=False,
        identity=4,
        label=11,
        smallest=64 * MIB,
        gpt_type="EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
        mbr_type="c",
        grub_module="fat",
        modules=("vfat", "nls_cp437", "nls_iso8859_1", "nls_ascii"),
        deb_package="dosfstools",
        rpm_package="dosfstools",
        signatures=FAT_SIGNATURES,
    ),
    FilesystemFacts(
        name=EFI,
        family=FAT,
        aliases=("EFI System Partition",),
        mounted_as="vfat",
        mount_options="umask=0077,shortname=winnt",
        checked=True,
        keeps_links=False,
        identity=4,
        label=11,
        smallest=64 * MIB,
        gpt_type="C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
        mbr_type="ef",
        firmware_reads=True,
        grub_module="fat",
        modules=("vfat", "nls_cp437", "nls_iso8859_1", "nls_ascii"),
        deb_package="dosfstools",
        rpm_package="dosfstools",
        signatures=FAT_SIGNATURES,
    ),
    FilesystemFacts(
        name=SWAP,
        family=SWAP,
        label=15,
        gpt_type="0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
        mbr_type="82",
        signatures=(((4086, b"SWAPSPACE2"),),),
    ),
)
# What is in a partition without being a filesystem: firmware's own code, and physical volumes.
BARE_ROWS = (
    FilesystemFacts(
        name=BIOS_BOOT,
        family=BIOS_BOOT,
        aliases=("bios boot",),
        gpt_type="21686148-6449-6E6F-744E-656564454649",
    ),
    FilesystemFacts(
        name=PREP,
        family=PREP,
        aliases=("PPC PReP Boot", "ppc prep boot"),
        smallest=4 * MIB,
        gpt_type="9E1A2D38-C612-4316-AA26-8B49521E5A8B",
        mbr_type="41",
    ),
    FilesystemFacts(
        name=LVM,
        family=LVM,
        smallest=8 * MIB,
        gpt_type="E6D6D379-F507-44C2-A23C-238F2A3DF928",
        mbr_type="8e",
    ),
    FilesystemFacts(name=UNUSED, family=UNUSED),
)

FILESYSTEMS = {row.name: row for row in ROWS}
BARE = {row.name: row for row in BARE_ROWS}
HELD = {**FILESYSTEMS, **BARE}  # everything that a partition may hold
NOTHING = FilesystemFacts("", "")
HEAD = 68 * 1024  # bytes from the start of a filesystem in which every signature ends


def facts(name: str) -> FilesystemFacts:
    """The row of the filesystem *name*; one that says nothing of it if there is none."""
    return HELD.get(name, NOTHING)


def grub_modules() -> tuple[str, ...]:
    """The modules by which GRUB reads what can hold /boot, each once, in the table's order."""
    rows = (row for row in ROWS if row.keeps_links and row.grub_module)
    return tuple(dict.fromkeys(row.grub_module for row in rows))


def recognised(head: bytes) -> FilesystemFacts | None:
    """The first row that the first HEAD bytes of a filesystem are a signature of, which stands for
    its whole family; None if nothing here knows it."""
    return next((row for row in ROWS if any(_is(head, one) for one in row.signatures)), None)


def companions() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The kernel's drivers that need others which modules.dep does not tell, with these."""
    for row in ROWS:
        if row.companions:
            yield row.modules[0], row.companions


def _is(head: bytes, signature: Signature) -> bool:
    return all(head[start : start + len(text)] == text for start, text in signature)
