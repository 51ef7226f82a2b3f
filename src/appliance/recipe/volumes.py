"""What disks hold and how they start, as a kickstart's storage commands ask for it."""

from dataclasses import dataclass

from appliance.errors import Where


@dataclass(frozen=True)
class Encryption:
    """A LUKS2 container around a volume; what is empty or 0 is cryptsetup's own choice.

    *source*: where its passphrase is, never the passphrase itself: `kickstart:FILE:LINE` (the
        --passphrase of that line), `env:NAME` or `file:PATH`.
    *cipher*: the cipher, as cryptsetup names it.
    *derivation*: how a key is made of the passphrase: argon2id or pbkdf2.
    *memory*: the memory that the derivation takes, in KiB.
    *time*: how long the derivation takes, in milliseconds.
    *iterations*: the number of rounds of the derivation.
    """

    source: str
    cipher: str = ""
    derivation: str = ""
    memory: int = 0
    time: int = 0
    iterations: int = 0


@dataclass(frozen=True)
class Volume:
    """One `part` line, or what is on one logical volume.

    *mount_point*: where it is mounted; empty for what is not: swap, biosboot, prepboot, lvm (a
        physical volume), btrfs (a device of a BtrfsVolume).
    *filesystem*: its filesystem; empty for the distribution's own choice.
    *size*: its size in bytes.
    *disk*: the name of its disk (`--ondisk`); empty on a logical volume.
    *where*: the line of the kickstart.
    *grow*: True if it takes a share of the space left over.
    *maximum*: the most bytes that it may grow to; 0 means no limit.
    *label*: the label of the filesystem.
    *mount_options*: the options that it is mounted with.
    *make_options*: what is passed to the mkfs program.
    *primary*: True for a primary partition of an MBR (`--asprimary`).
    *member*: the name by which `volgroup` and `btrfs` lines know a partition: pv.01.
    *kind*: the partition type that the author asks for: a GUID, or two hexadecimal digits.
    *recommended*: True for a swap space as large as the memory of the machine suggests.
    *hibernation*: True for a swap space with room for that memory besides, from which the machine
        is resumed.
    *encryption*: the container around it, or None.
    *number*: its number in the table of a disk that a %pre partitioned; 0 for the next one.
    *start*: where it starts on that disk, in bytes; 0 for behind the one before it.
    """

    mount_point: str
    filesystem: str
    size: int
    disk: str
    where: Where
    grow: bool = False
    maximum: int = 0
    label: str = ""
    mount_options: str = ""
    make_options: str = ""
    primary: bool = False
    member: str = ""
    kind: str = ""
    recommended: bool = False
    hibernation: bool = False
    encryption: Encryption | None = None
    number: int = 0
    start: int = 0

    @property
    def name(self) -> str:
        """What people call it: the mount point, else its name as a member, else the filesystem."""
        return self.mount_point or self.member or self.filesystem


@dataclass(frozen=True)
class MemoryVolume:
    """One `part MOUNTPOINT --fstype=tmpfs` line: a filesystem in the memory of the machine, on no
    disk. *size* is bytes; 0: the kernel's own choice."""

    mount_point: str
    size: int
    where: Where
    mount_options: str = ""


@dataclass(frozen=True)
class LogicalVolume:
    """One `logvol` line.

    *name*: the logical volume's name.
    *volume*: what is on it, and how large it is.
    *percent*: its size in percent of the group's space, instead of bytes; 0 means that none is
        given.
    """

    name: str
    volume: Volume
    percent: int = 0


@dataclass(frozen=True)
class VolumeGroup:
    """One `volgroup` line and its `logvol` lines.

    *name*: the group's name.
    *members*: the names of its physical volumes in the kickstart: pv.01.
    *volumes*: its logical volumes, in the order of their lines.
    *where*: the line of the kickstart.
    *extent_size*: the size of an extent in bytes.
    *reserved*: how many bytes stay free.
    *reserved_percent*: how many percent of the group stay free.
    """

    name: str
    members: tuple[str, ...]
    volumes: tuple[LogicalVolume, ...]
    where: Where
    extent_size: int = 4 * 1024 * 1024
    reserved: int = 0
    reserved_percent: int = 0


@dataclass(frozen=True)
class Subvolume:
    """One `btrfs MOUNTPOINT --subvol` line; *mount_options* without its subvol=."""

    name: str
    mount_point: str
    where: Where
    mount_options: str = ""


@dataclass(frozen=True)
class BtrfsVolume:
    """One btrfs filesystem with its subvolumes.

    *label*: the filesystem's label.
    *member*: the name of its partition in the kickstart: btrfs.01.
    *where*: the line of the kickstart.
    *mount_point*: where its top level is mounted; empty if nowhere.
    *mount_options*: the mount options of the top level, and of subvolumes that have none.
    *make_options*: what is passed to mkfs.btrfs.
    *subvolumes*: the subvolumes, in the order of their lines.
    """

    label: str
    member: str
    where: Where
    mount_point: str = ""
    mount_options: str = ""
    make_options: str = ""
    subvolumes: tuple[Subvolume, ...] = ()


@dataclass(frozen=True)
class Autopart:
    """An `autopart` line: partitions that the author leaves to us.

    *where*: the line of the kickstart.
    *scheme*: plain, lvm or btrfs; empty for the distribution's own choice.
    *filesystem*: the filesystem of what is made; empty for the distribution's own choice.
    *home*: False if no /home of its own is made.
    *swap*: False if no swap space is made.
    *boot*: False if no /boot of its own is made.
    *encryption*: the container around what is made, or None.
    *hibernation*: True if the swap space has room for the memory, to resume the machine from.
    """

    where: Where
    scheme: str = ""
    filesystem: str = ""
    home: bool = True
    swap: bool = True
    boot: bool = True
    encryption: Encryption | None = None
    hibernation: bool = False


@dataclass(frozen=True)
class Reqpart:
    """A `reqpart` line: the partitions that the firmware needs, and with *boot* one for /boot."""

    where: Where
    boot: bool = False


@dataclass(frozen=True)
class BootSettings:
    """What all `bootloader` lines say together.

    *enabled*: False (`--disabled`) if there is no boot loader and nothing about one.
    *timeout*: how many seconds the menu waits.
    *append*: further arguments of the kernel.
    *kind*: grub, systemd-boot or extlinux.
    *installed*: False (`--location=none`) if its packages are there, but nobody configures or
        installs it.
    *in_mbr*: False (`--nombr`) if nothing is written into the first sector.
    *password*: a grub.pbkdf2 hash, never plain text.
    *where*: the line of the kickstart.
    """

    enabled: bool = True
    timeout: int = 1
    append: str = ""
    kind: str = "grub"
    installed: bool = True
    in_mbr: bool = True
    password: str = ""
    where: Where | None = None
