"""The system's own configuration, as a kickstart asks for it."""

from dataclasses import dataclass

from appliance.errors import Where


@dataclass(frozen=True)
class User:
    """One user. The user called root is there only if the recipe says something about it.

    *name*: the user's name.
    *password*: a crypt(5) hash, never plain text; empty if there is no password.
    *locked*: True if the password lets nobody in.
    *groups*: the names of further groups.
    *uid*: the user's id; -1 for the next free one.
    *gid*: the id of the user's own group; -1 for the next free one.
    *home*: the home directory; empty for the usual one.
    *shell*: the login shell; empty for the usual one.
    *gecos*: the comment on the user.
    *keys*: the public keys that let the user in over ssh.
    *ssh_password*: True if root may log in over ssh with the password (`rootpw --allow-ssh`).
    *made*: False if a package makes this user, and only the keys are ours.
    *where*: the line of the kickstart, if there is one.
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

    *device*: the device's name; empty for whatever comes up.
    *method*: how it gets an IPv4 address: dhcp, static or none.
    *address*: the IPv4 address with its prefix length (192.0.2.7/24).
    *gateway*: the IPv4 gateway.
    *nameservers*: the addresses of name servers.
    *ipv6*: auto, dhcp, an address with its prefix length, none, or empty for the distribution's
        default.
    *mtu*: the MTU in bytes; 0 for the usual one.
    *onboot*: False if the device is configured but not started.
    *kind*: ethernet, bond, vlan or bridge.
    *ports*: the devices that a bond or bridge is made of.
    *options*: the options of a bond or bridge, as (name, value).
    *vlan_id*: the number of a vlan.
    *parent*: the device that a vlan is on.
    *mac*: the hardware address that the device must have; empty for any.
    *ipv4*: False if there is no IPv4 at all.
    *ipv6_gateway*: the IPv6 gateway.
    *default_route*: False if the default route never leads over this device.
    *dhcp_class*: the vendor class that is told to DHCP servers.
    *search4*: the search domains that are set with IPv4.
    *search6*: the search domains that are set with IPv6.
    *ignore_dns4*: True if the name servers of a DHCPv4 server are not used.
    *ignore_dns6*: True if the name servers of IPv6 autoconfiguration are not used.
    *where*: the line of the kickstart.
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
    """One source of time.

    *host*: the server's name or address.
    *pool*: True if the name stands for many servers.
    *nts*: True if it is asked with Network Time Security.
    """

    host: str
    pool: bool = False
    nts: bool = False


@dataclass(frozen=True)
class Firewall:
    """All `firewall` lines together.

    *enabled*: whether there is a firewall; None (`--use-system-defaults`) leaves the distribution's
        own as it is.
    *services*: the services that can be reached.
    *removed_services*: the services that cannot be reached, though the distribution allows it.
    *ports*: the ports that can be reached, as PORT:PROTOCOL.
    *trusted*: the devices from which everything can be reached.
    *where*: the line of the kickstart.
    """

    enabled: bool | None = True
    services: tuple[str, ...] = ()
    removed_services: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    where: Where | None = None


@dataclass(frozen=True)
class Certificate:
    """One `%certificate` section: a file that is in the image before any package.

    *name*: the name of the file.
    *directory*: the directory of the file, in the image.
    *text*: the certificate, as PEM.
    *where*: the section's first line.
    *kind*: "anchor" if the whole system trusts it; its family then says where it goes.
    """

    name: str
    directory: str
    text: str
    where: Where
    kind: str = ""


@dataclass(frozen=True)
class Settings:
    """The configuration of the system; an empty text leaves the distribution's default.

    *hostname*: the machine's name.
    *language*: the locale of the system.
    *more_languages*: further locales that are supported.
    *keymap*: the console's keymap, or a keyboard of which a line does not say whether it is a
        keymap or an X layout.
    *keyboard_layouts*: X layouts: `cz (qwerty)`.
    *keyboard_switch*: X options that switch between layouts.
    *timezone*: the time zone.
    *utc*: True if the hardware clock shows UTC.
    *time_synced*: False if no program sets the clock.
    *time_servers*: the sources of time, instead of the distribution's.
    *enabled_services*: the services that start at boot.
    *disabled_services*: the services that do not start at boot.
    *users*: the users.
    *groups*: the groups, beside those of packages.
    *interfaces*: the configured network devices.
    *firewall*: what may be reached; None if no line says it.
    *selinux*: enforcing, permissive or disabled.
    *authselect*: the words of the `authselect` line.
    *target*: what the system starts: graphical or multi-user.
    *desktop*: the session of whoever logs in to a graphical system.
    *first_boot*: enabled, disabled or reconfig.
    *crash_kernel*: the memory that kdump reserves ("auto", "128M"), or "off".
    *certificates*: the certificates that are put into the image.
    *purpose*: what the system is for, as JSON that subscription-manager reads.
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
    purpose: str = ""
