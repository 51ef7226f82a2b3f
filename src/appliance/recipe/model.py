"""The recipe: plain, frozen, complete. No defaults are guessed after this point."""

from dataclasses import dataclass

from appliance.errors import Where
from appliance.recipe.brand import Brand
from appliance.recipe.first_boot import FirstBoot
from appliance.recipe.image import Image
from appliance.recipe.settings import Settings
from appliance.recipe.volumes import (
    Autopart,
    BootSettings,
    BtrfsVolume,
    MemoryVolume,
    Reqpart,
    Volume,
    VolumeGroup,
)


@dataclass(frozen=True)
class Repository:
    """One `repo` or `url` line; with none of the three addresses it is a repository that a family
    knows by its name.

    *name*: the repository's name.
    *url*: its base address.
    *where*: the line of the kickstart.
    *mirrorlist*: the address of a list of mirrors.
    *metalink*: the address of a metalink.
    *proxy*: the URL of the proxy, with a port; it may hold a password.
    *verified*: False if the TLS certificate of its server is not checked.
    *ca_certificate*: the absolute path of the certificates to check its server with.
    *client_certificate*: the absolute path of the certificate to show to its server.
    *client_key*: the absolute path of the key of that certificate.
    *cost*: dnf's cost: of two repositories with the same package the cheaper one is used.
    *priority*: dnf's priority, 1 to 99: what a repository of a lower number has is taken from it,
        whichever version others have; None is 99.
    *included*: globs of the package names that may be taken from it; empty means all.
    *excluded*: globs of the package names that are not taken from it.
    *installed*: True if the running system takes packages from it, too.
    """

    name: str
    url: str
    where: Where
    mirrorlist: str = ""
    metalink: str = ""
    proxy: str = ""
    verified: bool = True
    ca_certificate: str = ""
    client_certificate: str = ""
    client_key: str = ""
    cost: int | None = None
    priority: int | None = None
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    installed: bool = False

    @property
    def known(self) -> bool:
        """True if only its name says where it is."""
        return not (self.url or self.mirrorlist or self.metalink)

    @property
    def address(self) -> str:
        """Where it is, however that is said; empty if only its name says it."""
        return self.url or self.metalink or self.mirrorlist


@dataclass(frozen=True)
class WantedPackage:
    """One line of %packages: a name, a glob, or a group (without its `@`).

    *name*: the name.
    *where*: the line of the kickstart.
    *yields*: True for an exclude of an included file, which holds only if nothing needs it.
    """

    name: str
    where: Where
    yields: bool = False


@dataclass(frozen=True)
class WantedGroup:
    """One `@group` line.

    *name*: the group's id or name.
    *where*: the line of the kickstart.
    *level*: which of its packages are wanted, each word with those before it: mandatory
        (`--nodefaults`), default, or optional (`--optional`).
    """

    name: str
    where: Where
    level: str = "default"


@dataclass(frozen=True)
class Packages:
    """What to install.

    *names*: the packages and globs of packages that are wanted.
    *groups*: the groups that are wanted.
    *excluded*: the packages and globs that are never installed.
    *core*: False if the group @core is left out.
    *documentation*: False if files of documentation are left out.
    *languages*: the languages whose translations are kept; None keeps all, an empty tuple none
        beyond the C locale.
    *weak_dependencies*: False if packages that are only recommended are left out.
    *ignore_missing*: True if what does not exist is left out.
    *ignore_broken*: True if what cannot be installed is left out.
    *multilib*: True if packages are installed for every architecture that a repository has.
    *environment*: the environment of the last `@^` line, or None.
    *excluded_groups*: the groups that are left out of the environment.
    """

    names: tuple[WantedPackage, ...] = ()
    groups: tuple[WantedGroup, ...] = ()
    excluded: tuple[WantedPackage, ...] = ()
    core: bool = True
    documentation: bool = True
    languages: tuple[str, ...] | None = None
    weak_dependencies: bool = True
    ignore_missing: bool = False
    ignore_broken: bool = False
    multilib: bool = False
    environment: WantedPackage | None = None
    excluded_groups: tuple[WantedPackage, ...] = ()


@dataclass(frozen=True)
class Script:
    """One script section.

    *body*: the text of the script.
    *interpreter*: the program that runs it, with its arguments.
    *where*: the section's first line.
    *chroot*: False if it runs outside the root, which it finds at $INSTALL_ROOT.
    *error_on_fail*: True if the build stops when the script fails.
    *log*: where its output also goes: a path in the root, or for a script outside it in the
        sandbox; empty means the build log only.
    *section*: pre, pre-install, post, onerror or traceback.
    """

    body: str
    interpreter: str
    where: Where
    chroot: bool = True
    error_on_fail: bool = False
    log: str = ""
    section: str = "post"


@dataclass(frozen=True)
class Note:
    """Something that has no meaning for an image, said once and kept.

    *command* is the kickstart command that it is about; empty where it is about several or none.
    """

    text: str
    where: Where
    command: str = ""


@dataclass(frozen=True)
class Recipe:
    """One kickstart file, understood.

    *name*: the name of the appliance.
    *repositories*: where packages come from.
    *packages*: what to install.
    *volumes*: the partitions, in the order of their lines.
    *table*: the kind of partition table: gpt or dos.
    *boot_loader*: how the appliance starts.
    *settings*: the configuration of the system.
    *scripts*: the author's scripts, in the order of the file.
    *notes*: what the kickstart says that has no meaning for an image.
    *source*: the kickstart as read, includes resolved and passwords replaced by their hashes.
    *volume_groups*: the volume groups of LVM.
    *btrfs*: the btrfs filesystems with their subvolumes.
    *autopart*: the partitions that the author leaves to us, or None.
    *reqpart*: the wish for the partitions that the firmware needs, or None.
    *in_memory*: the filesystems in the memory of the machine.
    *variables*: what scripts find in their environment, as (name, value).
    *secrets*: further variables of scripts, as (name, fingerprint of the value).
    *image*: what the image calls itself, or None.
    *first_boot*: what runs once in each copy of the appliance, or None.
    *brand*: under which name the system appears, or None: that of its distribution.
    *disk*: the name of the disk of what no line puts elsewhere.
    *disk_sizes*: the bytes of the disks that a %pre partitioned, by their names.
    *pending*: what only the %pre scripts can say, which have not run yet.
    *partial*: True if lines are missing for which a file is still to be included.
    """

    name: str
    repositories: tuple[Repository, ...]
    packages: Packages
    volumes: tuple[Volume, ...]
    table: str
    boot_loader: BootSettings
    settings: Settings
    scripts: tuple[Script, ...]
    notes: tuple[Note, ...]
    source: str
    volume_groups: tuple[VolumeGroup, ...] = ()
    btrfs: tuple[BtrfsVolume, ...] = ()
    autopart: Autopart | None = None
    reqpart: Reqpart | None = None
    in_memory: tuple[MemoryVolume, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()
    image: Image | None = None
    first_boot: FirstBoot | None = None
    brand: Brand | None = None
    disk: str = "sda"
    disk_sizes: tuple[tuple[str, int], ...] = ()
    pending: tuple[Note, ...] = ()
    partial: bool = False
