"""The system's own configuration, as a kickstart asks for it."""

from dataclasses import dataclass

from appliance.errors import Where


@dataclass(frozen=True)
class User:
    """*password* is a crypt(5) hash, never plain text; empty: no password. Ids -1: the next free.
    *ssh_password*: root may log in over SSH with the password (`rootpw --allow-ssh`). *made* False:
    by a package, not by us; only its keys are ours.

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
    ssh_password: bool = False
    made: bool = True
    where: Where | None = None


@dataclass(frozen=True)
class Group:
    """One `group` line; *gid* -1: the next free."""

    name: str
    gid: int = -1


@dataclass(frozen=True)
class Interface:
    """One `network` line that configures a device.

    *device* empty: whatever comes up. *kind* is ethernet, bond, vlan or bridge: a bond or bridge
    is made of the devices *ports*, with *options* as (name, value); a vlan is number *vlan_id* on
    the device *parent*. *method* is dhcp, static or none; *address* has its prefix length
    (192.0.2.7/24). *ipv6* is auto, dhcp, an address with its prefix length, none, or empty: the
    distribution's default. *ipv4* False: no IPv4 at all. *mac*: only the device with this
    hardware address. *onboot* False: configured but not started. *default_route* False: never.
    *ignore_dns4*, *ignore_dns6*: name servers that DHCP gives are not used.
    """

    device: str
    method: str
    address: str = ""
    gateway: str = ""
    nameservers: tuple[str, ...] = ()
    ipv6: str = ""
    mtu: int = 0
    onboot: bool = True
    kind: str = "ethernet"
    ports: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    vlan_id: int = 0
    parent: str = ""
    mac: str = ""
    ipv4: bool = True
    ipv6_gateway: str = ""
    default_route: bool = True
    dhcp_class: str = ""
    search4: tuple[str, ...] = ()
    search6: tuple[str, ...] = ()
    ignore_dns4: bool = False
    ignore_dns6: bool = False
    where: Where | None = None


@dataclass(frozen=True)
class TimeServer:
    """One source of time; *pool*: the name stands for many; *nts*: with Network Time Security."""

    host: str
    pool: bool = False
    nts: bool = False


@dataclass(frozen=True)
class Firewall:
    """All `firewall` lines together. *enabled* None (`--use-system-defaults`): the distribution's
    own firewall stays as it is. *ports* are PORT:PROTOCOL; *trusted* devices."""

    enabled: bool | None = True
    services: tuple[str, ...] = ()
    removed_services: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    where: Where | None = None


@dataclass(frozen=True)
class Certificate:
    """One `%certificate`: *text* (PEM) at *directory*/*name* in the image, before any package is
    there. *kind* "anchor": one that the whole system trusts; its family says where it goes."""

    name: str
    directory: str
    text: str
    where: Where
    kind: str = ""


@dataclass(frozen=True)
class Settings:
    """Empty strings: the distribution's default stays.

    *more_languages* are supported besides *language*. *keyboard_layouts* are X layouts
    (`cz (qwerty)`), *keymap* the console's, or what a line said without telling which of the two
    it is. *time_synced* False: no program sets the clock; *time_servers* replace the
    distribution's. *selinux* is enforcing, permissive or disabled. *authselect* are the words of
    its line. *target* is graphical or multi-user; *desktop* the session that it starts.
    *first_boot* is enabled, disabled or reconfig. *crash_kernel* is the memory that kdump
    reserves ("auto", "128M"); none: *crash_kernel* "off".
    """

    hostname: str = ""
    language: str = ""
    more_languages: tuple[str, ...] = ()
    keymap: str = ""
    keyboard_layouts: tuple[str, ...] = ()
    keyboard_switch: tuple[str, ...] = ()
    timezone: str = ""
    utc: bool = True
    time_synced: bool = True
    time_servers: tuple[TimeServer, ...] = ()
    enabled_services: tuple[str, ...] = ()
    disabled_services: tuple[str, ...] = ()
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    firewall: Firewall | None = None
    selinux: str = ""
    authselect: tuple[str, ...] = ()
    target: str = ""
    desktop: str = ""
    first_boot: str = ""
    crash_kernel: str = ""
    certificates: tuple[Certificate, ...] = ()
