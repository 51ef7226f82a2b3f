"""What disks hold and how they start, as a kickstart's storage commands ask for it."""

from dataclasses import dataclass

from appliance.errors import Where


@dataclass(frozen=True)
class Encryption:
    """A LUKS2 container around a volume. *source* says where its passphrase is, and never holds
    it: `kickstart:FILE:LINE` (that line's own --passphrase), `env:NAME` or `file:PATH`.

    *cipher* and *derivation* (argon2id, pbkdf2) empty: cryptsetup's own choice; *memory* is KiB,
    *time* milliseconds, *iterations* a number of rounds, each 0: cryptsetup's own choice.
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

    *mount_point* is empty for what is not mounted: swap, biosboot, prepboot, lvm (a physical
    volume), btrfs (a device of a BtrfsVolume). *filesystem* empty: the distribution's own choice.
    *size* and *maximum* are bytes (*maximum* 0: none); *grow* asks for a share of the space left
    over. *disk* is the `--ondisk` name, empty on a logical volume. *member* is the name by which
    `volgroup` and `btrfs` lines know a partition: pv.01. *kind* is a partition type (a GUID, or
    two hexadecimal digits) that the author asks for. *recommended*: a swap as large as the memory
    of the machine asks for; *hibernation*: with room for that memory besides, from which the
    machine is resumed.
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
    """One `logvol` line: *volume* is what is on it, and how large it is. *percent*: of the space
    of its group, instead of a size; 0: none."""

    name: str
    volume: Volume
    percent: int = 0


@dataclass(frozen=True)
class VolumeGroup:
    """One `volgroup` line and its `logvol` lines, in order.

    *members* are those of its physical volumes. *extent_size* and *reserved* (space that stays
    free) are bytes, *reserved_percent* the same as a share of the group.
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
    """One btrfs filesystem with its subvolumes. *member* is the `part` line's name (btrfs.01).

    *mount_point* is where its top level is mounted; empty: nowhere. *mount_options* are those of
    the top level, and of subvolumes that have none.
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
    """An `autopart` line. *scheme* is plain, lvm, btrfs, or empty: the distribution's own choice;
    so is an empty *filesystem*. *hibernation*: see Volume."""

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
    """*enabled* False: no boot loader and nothing about one (`--disabled`).

    *installed* False (`--location=none`): its packages, but nobody configures or installs it.
    *kind* is grub, systemd-boot or extlinux. *in_mbr* False (`--nombr`): nothing is written into
    the first sector. *timeout* is seconds; *append* kernel arguments; *password* a grub.pbkdf2
    hash, never plain text.
    """

    enabled: bool = True
    timeout: int = 1
    append: str = ""
    kind: str = "grub"
    installed: bool = True
    in_mbr: bool = True
    password: str = ""
    where: Where | None = None
