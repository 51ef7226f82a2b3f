"""The recipe: plain, frozen, complete. No defaults are guessed after this point."""

from dataclasses import dataclass

from appliance.errors import Where
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
    """One `repo` or `url` line: at *url*, else listed by *mirrorlist* or *metalink*; with none of
    the three a repository that a family knows by *name*.

    *verified* False: its server's TLS certificate is not looked at; *ca_certificate*,
    *client_certificate* and *client_key* are absolute paths. *proxy* is a URL with a port, and may
    hold a password. *included* and *excluded* are globs of package names. *installed*: the image
    takes its updates from it too.
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
    """One line of %packages: a name, a glob, or a group (without its `@`)."""

    name: str
    where: Where


@dataclass(frozen=True)
class WantedGroup:
    """One `@group` line. *level*: which of its packages, each with those before it: mandatory
    (`--nodefaults`), default, or optional (`--optional`)."""

    name: str
    where: Where
    level: str = "default"


@dataclass(frozen=True)
class Packages:
    """What to install. *languages* None: all; empty: none beyond the C locale.

    *environment* is the last `@^` line's; *excluded_groups* are left out of it.
    *ignore_missing*: what does not exist is left out; *ignore_broken*: so is what cannot be
    installed. *multilib*: for every architecture that a repository has.
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
    """One script section; *section* is pre, pre-install, post, onerror or traceback.

    *chroot* False: outside the root, which it finds at $INSTALL_ROOT. *log* is a path in the root
    (outside it: in the sandbox); empty: the build log only.
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

    *volumes* are the partitions, in the order of their lines. *table* is gpt or dos. *scripts*
    are in the order of the file. *source* is the kickstart as read, includes resolved and
    passwords replaced by their hashes.
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
