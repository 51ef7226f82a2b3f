"""Rules for what each machine must have of its own: two machines with the same are taken for
one."""

import re
from collections.abc import Iterator

from appliance.backends.families.shell.identities import IDENTITIES
from appliance.backends.families.shell.rpm_boot import MACHINE_ID
from appliance.backends.image_rules.model import ERROR, WARNING, Rule, Seen
from appliance.backends.image_rules.places import at_home

ENTRY = re.compile(r"/([0-9a-f]{32})-[^/]*\.conf")
ADDRESS = re.compile(
    r"""(?i)^\s*(?:mac-?address|cloned-mac-address|hwaddr|match-mac|macaddress)\s*[=:]\s*["']?
    (?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}""",
    re.VERBOSE,
)
INFORMATION = re.compile(r"^\s*(PRETTY_HOSTNAME|LOCATION|DEPLOYMENT)=.*\S")
DRAWN = re.compile(r"^\s*InitiatorName=")


def _machine_id(seen: Seen) -> Iterator[str]:
    if seen.content.strip() not in (b"", b"uninitialized"):
        yield "it holds an id"


def _initiator(seen: Seen) -> Iterator[str]:
    if any(DRAWN.match(line) for _, line in seen.lines()):
        yield "it names the initiator"


def _entry(seen: Seen) -> Iterator[str]:
    found = ENTRY.search(seen.entry.path)
    if found and found[1] != MACHINE_ID:
        yield "it is called after a machine's id"


def _address(seen: Seen) -> Iterator[str]:
    for number, line in seen.lines():
        if ADDRESS.match(line):
            yield f"line {number} names the address of one network card"


def _information(seen: Seen) -> Iterator[str]:
    for _, line in seen.lines():
        if found := INFORMATION.match(line):
            yield f"it says {found[1]}"


BUILDING = "systemd, BUILDING_IMAGES.md"
SYSPREP = "virt-sysprep(1)"
REMOVE = "remove it at the end of the last %post"
DRAWN_FILES = tuple(path for item in IDENTITIES if not item.instead for path in item.paths)
RULES = (
    Rule("machine-id", ERROR, "the machine's id is empty, or `uninitialized`",
         "journals, DHCP and D-Bus take two machines with one id for the same",
         f"{BUILDING}; machine-id(5)", ": > /etc/machine-id in the last %post",
         paths=("/etc/machine-id", "/var/lib/dbus/machine-id"), test=_machine_id),
    Rule("random-seed", ERROR, "no seed of the random number generator is kept",
         "copies would begin with the same randomness", BUILDING, REMOVE,
         paths=("/var/lib/systemd/random-seed", "/var/lib/urandom/random-seed",
                "/var/lib/random-seed", "/loader/random-seed", "/efi/loader/random-seed",
                "/boot/loader/random-seed", "/boot/**/loader/random-seed")),
    Rule("credential-secret", ERROR, "there is no key that encrypts system credentials",
         "who has one copy can decrypt the credentials of all", BUILDING, REMOVE,
         paths=("/var/lib/systemd/credential.secret",)),
    Rule("host-key", ERROR, "the machine makes its SSH keys itself",
         "who has one copy can pass for every other", f"{SYSPREP}, ssh-hostkeys", REMOVE,
         paths=("/etc/ssh/*_host_*",)),
    Rule("drawn-key", ERROR, "what a package draws when it is installed is drawn by each machine",
         "all copies would have the same key or name",
         "found by installing each package twice and comparing",
         "remove it; the package's own program makes it again", paths=DRAWN_FILES),
    Rule("iscsi-initiator", ERROR, "the name of the iSCSI initiator is drawn by each machine",
         "a storage server takes two initiators of one name for the same", "iscsi-iname(8)",
         "echo GenerateName=yes > /etc/iscsi/initiatorname.iscsi",
         paths=("/etc/iscsi/initiatorname.iscsi",), test=_initiator),
    Rule("agent-identity", ERROR, "agents of management servers are not enrolled",
         "all copies would report as one machine", f"{SYSPREP}, puppet-data-log",
         "enroll at the first boot",
         paths=("/var/lib/puppet/ssl/**", "/etc/puppetlabs/puppet/ssl/**",
                "/opt/puppetlabs/puppet/cache/**", "/var/lib/puppet/state/**",
                "/etc/salt/pki/minion/*", "/etc/chef/client.pem", "/var/lib/waagent/*.prv",
                "/var/lib/tailscale/*.state", "/var/lib/rancher/*/server/token")),
    Rule("network-manager-state", WARNING, "NetworkManager has no state of a machine",
         "stable addresses derive from secret_key: copies would draw the same",
         "NetworkManager.conf(5), SECRET KEY", REMOVE,
         paths=("/var/lib/NetworkManager/secret_key", "/var/lib/NetworkManager/seen-bssids",
                "/var/lib/NetworkManager/timestamps")),
    Rule("dhcp-state", WARNING, "there are no leases and no DUID",
         "copies ask for the same address, and get it",
         f"{SYSPREP}, dhcp-client-state, dhcp-server-state; packer-plugin-scaleway#30", REMOVE,
         paths=("/var/lib/dhclient/*", "/var/lib/dhcp/*", "/var/lib/dhcpd/*",
                "/var/lib/dhcpcd/*", "/var/lib/dhcpcd5/*", "/etc/dhcpcd.duid",
                "/var/lib/NetworkManager/*lease*", "/var/lib/systemd/network/**",
                "/var/lib/kea/*leases*")),
    Rule("hardware-address", WARNING, "no setting names the address of one network card",
         "no other machine has that card: it would come up without a network",
         f"{SYSPREP}, net-hwaddr", "network --device= by name, or link",
         paths=("/etc/sysconfig/network-scripts/ifcfg-*", "/etc/systemd/network/**",
                "/etc/NetworkManager/system-connections/*", "/etc/netplan/*"),
         test=_address, text=True),
    Rule("network-names", WARNING, "no rule names network cards by their addresses",
         "the card of another machine gets another name, which no setting knows",
         f"{SYSPREP}, udev-persistent-net", REMOVE,
         paths=("/etc/udev/rules.d/70-persistent-*.rules",
                "/etc/udev/rules.d/75-persistent-net-*.rules")),
    Rule("device-list", WARNING, "no list names the disks of one machine",
         "LVM uses no other disk than those of the list", f"{SYSPREP}, lvm-system-devices, "
         "blkid-tab", REMOVE,
         paths=("/etc/lvm/devices/system.devices", "/etc/lvm/devices/backup/*",
                "/etc/blkid.tab*", "/etc/blkid/blkid.tab*", "/run/blkid/*", "/dev/.blkid.tab*")),
    Rule("hardware-id", WARNING, "no id of one machine or installation is kept",
         "statistics and updates take all copies for one", f"{SYSPREP}, smolt-uuid, yum-uuid",
         REMOVE,
         paths=("/etc/smolt/*uuid", "/etc/sysconfig/hw-uuid", "/var/lib/yum/uuid",
                "/etc/machine-guid", "/var/lib/dbus/uuid")),
    Rule("machine-info", WARNING, "nothing says what one machine is called and where it stands",
         "that is the place of the machine that was copied", f"{BUILDING}; machine-info(5)",
         "leave PRETTY_HOSTNAME, LOCATION and DEPLOYMENT to whoever installs",
         paths=("/etc/machine-info",), test=_information),
    Rule("boot-entry", WARNING, "no boot entry is called after a machine's id",
         "the id of the build stays in names, and later kernels get other ones", BUILDING,
         "write a word of your own to /etc/kernel/entry-token before the kernel is installed",
         paths=("/boot/**/loader/entries/*.conf", "/boot/loader/entries/*.conf",
                "/efi/loader/entries/*.conf", "/loader/entries/*.conf"), test=_entry),
    Rule("known-hosts", WARNING, "no user knows the keys of other machines yet",
         "it tells which machines the builder talks to", f"{SYSPREP}, ssh-userdir", REMOVE,
         paths=at_home(".ssh/known_hosts*")),
)  # fmt: skip
