"""The network as ifupdown reads it, on Debian: a file for each device. Fact: interfaces(5)."""

from collections.abc import Sequence

from appliance.recipe.settings import Interface

PLACE = "/etc/network/interfaces.d"
METHODS4 = {"dhcp": "dhcp", "static": "static"}
METHODS6 = {"auto": "auto", "dhcp": "dhcp"}


def can(interfaces: Sequence[Interface]) -> bool:
    """True if ifupdown does all that *interfaces* ask for without further packages.

    It needs some for bonds and bridges, knows devices by name only and a vlan by the number at the
    end of the name, and always uses the name servers and routes that a server gives.
    """
    return all(
        item.device
        and (item.kind == "ethernet" or item.device == f"{item.parent}.{item.vlan_id}")
        and (item.default_route or item.method != "dhcp")
        and not (item.dhcp_class or item.ignore_dns4 or item.ignore_dns6)
        for item in interfaces
    )


def files(interfaces: Sequence[Interface]) -> dict[str, str]:
    """Return the text of each configuration file, by its path."""
    return {f"{PLACE}/{item.device}": _text(item) for item in interfaces}


def _text(item: Interface) -> str:
    device, dns = item.device, " ".join(item.nameservers)
    search = " ".join(dict.fromkeys((*item.search4, *item.search6)))
    gateway = item.gateway if item.default_route else ""
    lines = [f"auto {device}"] if item.onboot else []
    lines.append(f"iface {device} inet {METHODS4.get(item.method, 'manual')}")
    lines += [f"    address {item.address}"] if item.address else []
    lines += [f"    gateway {gateway}"] if gateway else []
    lines += [f"    mtu {item.mtu}"] if item.mtu else []
    lines += [f"    dns-nameservers {dns}"] if dns else []
    lines += [f"    dns-search {search}"] if search else []
    if "/" in item.ipv6:
        lines += [f"iface {device} inet6 static", f"    address {item.ipv6}"]
        lines += [f"    gateway {item.ipv6_gateway}"] if item.ipv6_gateway else []
    elif item.ipv6 in METHODS6:
        lines.append(f"iface {device} inet6 {METHODS6[item.ipv6]}")
    return "\n".join(lines) + "\n"
