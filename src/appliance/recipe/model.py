"""The recipe: plain, frozen, complete. No defaults are guessed after this point."""

from dataclasses import dataclass

from appliance.errors import Where


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
class Wanted:
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

    names: tuple[Wanted, ...] = ()
    groups: tuple[WantedGroup, ...] = ()
    excluded: tuple[Wanted, ...] = ()
    core: bool = True
    documentation: bool = True
    languages: tuple[str, ...] | None = None
    weak_dependencies: bool = True
    ignore_missing: bool = False
    ignore_broken: bool = False
    multilib: bool = False
    environment: Wanted | None = None
    excluded_groups: tuple[Wanted, ...] = ()


@dataclass(frozen=True)
class Volume:
    """One `part` line.

    *mount_point* is empty for swap and biosboot. *size* and *maximum* are bytes (*maximum* 0:
    none); *grow* asks for a share of the space left over. *disk* is the `--ondisk` name.
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

    @property
    def name(self) -> str:
        """What people call it: the mount point, else the filesystem."""
        return self.mount_point or self.filesystem


@dataclass(frozen=True)
class BootLoader:
    """*enabled* False: no boot loader at all. *timeout* is seconds; *append* kernel arguments."""

    enabled: bool = True
    timeout: int = 1
    append: str = ""


@dataclass(frozen=True)
class User:
    """*password* is a crypt(5) hash, never plain text; empty: no password. Ids -1: the next free.

    The user called root is in the list only if the recipe says something about it.
    """

    name: str
    password: str = ""
    locked: bool = False
    groups: tuple[str, ...] = ()
    uid: int = -1
    gid: int = -1
    home: str = ""
    shell: str = ""
    gecos: str = ""
    keys: tuple[str, ...] = ()
    where: Where | None = None


@dataclass(frozen=True)
class Group:
    """One `group` line; *gid* -1: the next free."""

    name: str
    gid: int = -1


@dataclass(frozen=True)
class Interface:
    """One `network` line that configures a device.

    *device* empty: whatever comes up. *method* is dhcp, static or none; *address* has its prefix
    length (192.0.2.7/24). *onboot* False: configured but not started.
    """

    device: str
    method: str
    address: str = ""
    gateway: str = ""
    nameservers: tuple[str, ...] = ()
    ipv6: str = ""
    mtu: int = 0
    onboot: bool = True


@dataclass(frozen=True)
class Settings:
    """The system's own configuration. Empty strings: the distribution's default stays.

    *keyboard_layouts* are X layouts (`cz (qwerty)`), *keymap* the console's.
    """

    hostname: str = ""
    language: str = ""
    keymap: str = ""
    keyboard_layouts: tuple[str, ...] = ()
    keyboard_switch: tuple[str, ...] = ()
    timezone: str = ""
    utc: bool = True
    enabled_services: tuple[str, ...] = ()
    disabled_services: tuple[str, ...] = ()
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    interfaces: tuple[Interface, ...] = ()


@dataclass(frozen=True)
class Script:
    """One `%post`. *chroot* False: outside the root, which it finds at $INSTALL_ROOT.

    *log* is a path in the root (outside it: in the sandbox); empty: the build log only.
    """

    body: str
    interpreter: str
    where: Where
    chroot: bool = True
    error_on_fail: bool = False
    log: str = ""


@dataclass(frozen=True)
class Note:
    """Something that has no meaning for an image, said once and kept."""

    text: str
    where: Where


@dataclass(frozen=True)
class Recipe:
    """One kickstart file, understood.

    *table* is gpt or dos. *source* is the kickstart as read, includes resolved and passwords
    replaced by their hashes.
    """

    name: str
    repositories: tuple[Repository, ...]
    packages: Packages
    volumes: tuple[Volume, ...]
    table: str
    boot_loader: BootLoader
    settings: Settings
    scripts: tuple[Script, ...]
    notes: tuple[Note, ...]
    source: str
