"""Who sets the network up in an image, and what it is told: shell text, run in the tree's own
sandbox. Which program is there is not known before the packages are.
"""

import re
from collections.abc import Mapping, Sequence

from appliance.backends.families.shell import ifupdown, network_manager, networkd
from appliance.backends.families.shell.accounts import write_file
from appliance.recipe.settings import Interface

NETWORK_MANAGER = "[ -e /usr/sbin/NetworkManager ]"
NETWORKD = "/usr/lib/systemd/systemd-networkd"
IFUPDOWN = "[ -e /sbin/ifup ]"
CLIENTS = " || ".join(f"command -v {name}" for name in ("dhclient", "dhcpcd", "udhcpc"))
DHCP_CLIENT = f"{{ {CLIENTS}; }} > /dev/null"  # ifupdown has none of its own
NOBODY = (
    "echo 'appliance-note: network: the image has no program that reads its settings: "
    "NetworkManager or systemd-networkd in %packages?'"
)
COUNTED = re.compile(r"eth[0-9]+")
# udev leaves such names as they are; elsewhere than in a kernel's command line, which an image
# that is started by others does not choose (systemd.link(5)).
KERNEL_NAMES = """\
[Match]
OriginalName=eth*

[Link]
NamePolicy=
AlternativeNamesPolicy=database onboard slot path mac
MACAddressPolicy=persistent
"""
KERNEL_NAMES_PLACE = "/etc/systemd/network/70-kernel-names.link"
START_NETWORKD = f"""\
if [ -e {NETWORKD} ] && command -v systemctl > /dev/null; then
systemctl enable systemd-networkd
else
{NOBODY}
fi"""


def counted(interfaces: Sequence[Interface]) -> bool:
    """Tell whether a device is called by its number, as the kernel counts cards: eth0 is the first,
    of whatever hardware."""
    names = {name for item in interfaces for name in (item.device, item.parent, *item.ports)}
    return any(COUNTED.fullmatch(name) for name in names)


def rpm_network(recipe: str, interfaces: Sequence[Interface]) -> str:
    """Return shell that writes NetworkManager's profiles, or systemd-networkd's files where only
    that is there."""
    if not interfaces:
        return ""
    profiles = _written(network_manager.profiles(recipe, interfaces), "600") or ":"
    return (
        f"{_names(interfaces)}"
        f"if ! {NETWORK_MANAGER} && [ -e {NETWORKD} ]; then\n{_networkd(interfaces)}\n"
        f"else\n{profiles}\nfi"
    )


def debian_network(recipe: str, interfaces: Sequence[Interface]) -> str:
    """Return shell that configures the first of NetworkManager, ifupdown and systemd-networkd that
    is there and can do what *interfaces* ask for."""
    if not interfaces:
        return ""
    profiles = _written(network_manager.profiles(recipe, interfaces), "600") or ":"
    choices = [f"{_names(interfaces)}if {NETWORK_MANAGER}; then\n{profiles}"]
    if ifupdown.can(interfaces):
        asks = any("dhcp" in (item.method, item.ipv6) for item in interfaces)
        there = f"{IFUPDOWN} && {DHCP_CLIENT}" if asks else IFUPDOWN
        choices.append(f"elif {there}; then\n{_written(ifupdown.files(interfaces))}")
    return "\n".join((*choices, f"else\n{_networkd(interfaces)}\nfi"))


def _names(interfaces: Sequence[Interface]) -> str:
    return f"{write_file(KERNEL_NAMES_PLACE, KERNEL_NAMES)}\n" if counted(interfaces) else ""


def _networkd(interfaces: Sequence[Interface]) -> str:
    """Return shell that writes systemd-networkd's files, and the name servers for programs that do
    not ask systemd-resolved."""
    parts = [_written(networkd.files(interfaces)), START_NETWORKD]
    servers = dict.fromkeys(server for item in interfaces for server in item.nameservers)
    domains = dict.fromkeys(name for item in interfaces for name in (*item.search4, *item.search6))
    if servers:
        text = f"search {' '.join(domains)}\n" if domains else ""
        text += "".join(f"nameserver {server}\n" for server in servers)
        plain = write_file("/etc/resolv.conf", text)
        parts.append(f"if [ ! -e /usr/lib/systemd/systemd-resolved ]; then\n{plain}\nfi")
    return "\n".join(parts)


def _written(files: Mapping[str, str], mode: str = "644") -> str:
    return "\n".join(write_file(path, text, mode) for path, text in files.items())
