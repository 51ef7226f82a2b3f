"""The network as systemd-networkd reads it: a .network file for each device, and a .netdev file
for each that is made of others.

Facts: systemd.network(5), systemd.netdev(5).
"""

from collections.abc import Iterable, Sequence

from appliance.recipe.reading.network import BOND_MODES
from appliance.recipe.settings import Interface

PLACE = "/etc/systemd/network"
BOND = {
    "mode": ("Mode", ""),
    "xmit_hash_policy": ("TransmitHashPolicy", ""),
    "lacp_rate": ("LACPTransmitRate", ""),
    "miimon": ("MIIMonitorSec", "ms"),
    "peer_notif_delay": ("PeerNotifyDelaySec", "ms"),
    "updelay": ("UpDelaySec", "ms"),
    "downdelay": ("DownDelaySec", "ms"),
    "lp_interval": ("LearnPacketIntervalSec", "s"),
    "ad_select": ("AdSelect", ""),
    "ad_actor_sys_prio": ("AdActorSystemPriority", ""),
    "ad_user_port_key": ("AdUserPortKey", ""),
    "ad_actor_system": ("AdActorSystem", ""),
    "fail_over_mac": ("FailOverMACPolicy", ""),
    "arp_validate": ("ARPValidate", ""),
    "arp_interval": ("ARPIntervalSec", "ms"),
    "arp_ip_target": ("ARPIPTargets", ""),
    "arp_all_targets": ("ARPAllTargets", ""),
    "arp_missed_max": ("ARPMissedMax", ""),
    "primary_reselect": ("PrimaryReselectPolicy", ""),
    "resend_igmp": ("ResendIGMP", ""),
    "packets_per_slave": ("PacketsPerSlave", ""),
    "num_grat_arp": ("GratuitousARP", ""),
    "all_slaves_active": ("AllSlavesActive", ""),
    "tlb_dynamic_lb": ("DynamicTransmitLoadBalancing", ""),
    "min_links": ("MinLinks", ""),
}  # the kernel's name: networkd's, and the unit of its number
BRIDGE = {
    "stp": ("STP", ""),
    "multicast-snooping": ("MulticastSnooping", ""),
    "priority": ("Priority", ""),
    "forward-delay": ("ForwardDelaySec", "s"),
    "hello-time": ("HelloTimeSec", "s"),
    "max-age": ("MaxAgeSec", "s"),
    "ageing-time": ("AgeingTimeSec", "s"),
}
NUMBERED = {
    "mode": BOND_MODES,
    "lacp_rate": ("slow", "fast"),
    "fail_over_mac": ("none", "active", "follow"),
    "arp_validate": ("none", "active", "backup", "all"),
    "arp_all_targets": ("any", "all"),
    "primary_reselect": ("always", "better", "failure"),
    "ad_select": ("stable", "bandwidth", "count"),
    "xmit_hash_policy": ("layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac"),
}  # values for which the kernel takes their numbers, too; networkd does not
Lines = list[str]


def files(interfaces: Sequence[Interface]) -> dict[str, str]:
    """The text of each file, by its path: what makes devices first, then what sets them up."""
    lower = _lower(interfaces)
    made = {f"{PLACE}/10-{item.device}.netdev": _netdev(item) for item in interfaces if _new(item)}
    named = {item.device for item in interfaces}
    texts = {
        _path(item): _network(item, lower.get(item.device, []) if item.device else [])
        for item in interfaces
    }
    bare = {
        f"{PLACE}/10-{device}.network": _text(
            ("Match", [f"Name={device}"]),
            ("Network", [*lines, *_no_address(lines)]),
        )
        for device, lines in lower.items()
        if device not in named
    }
    return made | texts | bare


def _path(item: Interface) -> str:
    if item.mac and not item.device:
        return f"{PLACE}/20-{item.mac.replace(':', '')}.network"
    return f"{PLACE}/{f'10-{item.device}' if item.device else '80-ethernet'}.network"


def _new(item: Interface) -> bool:
    return item.kind != "ethernet"


def _lower(interfaces: Iterable[Interface]) -> dict[str, Lines]:
    """Return what the [Network] section of a device says of the devices that are made of it."""
    lines: dict[str, Lines] = {}
    for item in interfaces:
        for port in item.ports:
            lines.setdefault(port, []).append(f"{item.kind.title()}={item.device}")
            if dict(item.options).get("primary") == port:
                lines[port].append("PrimarySlave=yes")
        if item.kind == "vlan":
            lines.setdefault(item.parent, []).append(f"VLAN={item.device}")
    return lines


def _no_address(lines: Lines) -> Lines:
    """Return what keeps addresses from a device that only carries vlans; ports of bonds and bridges
    have none anyway."""
    only_vlans = all(line.startswith("VLAN=") for line in lines)
    return ["LinkLocalAddressing=no", "IPv6AcceptRA=no"] if only_vlans else []


def _netdev(item: Interface) -> str:
    head = ("NetDev", [f"Name={item.device}", f"Kind={item.kind}"])
    if item.kind == "vlan":
        return _text(head, ("VLAN", [f"Id={item.vlan_id}"]))
    options = [_option(name, value, item.kind) for name, value in item.options]
    return _text(head, (item.kind.title(), [line for line in options if line]))


def _option(name: str, value: str, kind: str) -> str:
    """Return an option of a bond or bridge as a .netdev file has it; empty for an option of a port,
    and for one that has no word there because it is the default today or nobody sets it."""
    known = BOND if kind == "bond" else BRIDGE
    if name not in known:
        return ""
    word, unit = known[name]
    names = NUMBERED.get(name, ())
    if names and value.isdecimal() and int(value) < len(names):
        value = names[int(value)]
    return f"{word}={value.replace(',', ' ')}{unit}"


def _network(item: Interface, lower: Lines) -> str:
    match = [f"Name={item.device}"] if item.device else ["Type=ether"]
    match += [f"MACAddress={item.mac}"] if item.mac else []
    lines = [f"DHCP={asked}"] if (asked := _asked(item)) else []
    lines += [f"Address={item.address}"] if item.address else []
    lines += [f"Gateway={item.gateway}"] if item.gateway and item.default_route else []
    lines += [f"DNS={server}" for server in item.nameservers]
    lines += [f"Address={item.ipv6}"] if "/" in item.ipv6 else []
    lines += [f"Gateway={item.ipv6_gateway}"] if item.ipv6_gateway else []
    lines += ["LinkLocalAddressing=no"] if item.ipv6 in ("none", "disabled") else []
    lines += ["IPv6AcceptRA=no"] if item.ipv6 in ("none", "disabled", "dhcp") else []
    domains = dict.fromkeys((*item.search4, *item.search6))
    lines += [f"Domains={' '.join(domains)}"] if domains else []
    link = [f"MTUBytes={item.mtu}"] if item.mtu else []
    link += [] if item.onboot else ["ActivationPolicy=down"]
    no_names = ["UseDNS=no"] if item.ignore_dns6 else []
    of_server = ["UseDNS=no"] if item.ignore_dns4 else []
    of_server += [] if item.default_route else ["UseGateway=no"]
    of_server += [f"VendorClassIdentifier={item.dhcp_class}"] if item.dhcp_class else []
    solicit = ["WithoutRA=solicit"] if item.ipv6 == "dhcp" else []
    return _text(
        ("Match", match),
        ("Network", [*lines, *lower]),
        ("Link", link),
        ("DHCPv4", of_server if item.method == "dhcp" else []),
        ("DHCPv6", [*no_names, *solicit]),
        ("IPv6AcceptRA", no_names),
    )


def _asked(item: Interface) -> str:
    """Say which servers are asked for addresses, as DHCP= has it: yes, ipv4, ipv6, or empty for
    none."""
    six = item.ipv6 in ("", "auto") or item.ipv6 == "dhcp"
    if item.method == "dhcp":
        return "yes" if six else "ipv4"
    return "ipv6" if item.ipv6 == "dhcp" else ""


def _text(*sections: tuple[str, Lines]) -> str:
    kept = [f"[{name}]\n" + "".join(f"{line}\n" for line in lines) for name, lines in sections
            if lines or name == "Network"]  # fmt: skip
    return "\n".join(kept)
