"""The network: what `network` lines say of the machine's devices.

Facts: pykickstart's manual of the command, and what Anaconda makes of each option.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    ip_address,
)

from appliance.errors import RecipeError
from appliance.recipe.reading.findings import Findings, Said
from appliance.recipe.settings import Interface

HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*")
DEVICE = re.compile(r"[^\s/:%]{1,15}")  # what the kernel takes as the name of a link
MAC = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
PREDICTED = re.compile(r"en[opsx]\w+$")  # systemd.net-naming-scheme(7)
COUNTED = re.compile(r"eth\d+$")
VLAN_NAME = re.compile(r"vlan(.*)|.*\.(.*)")  # names that end with the number of the vlan
VLAN_IDS = range(1, 4095)  # IEEE 802.1Q: 0 and 4095 are reserved
WHATEVER = ("", "link", "bootif", "ibft", "none")  # of an installer: the one that has a cable
ONLY_HOSTNAME = {"--hostname", "--activate", "--no-activate", "--notksdevice"}
METHODS = {"static": "static", "": "none"}  # everything else asks a server
ADDRESSES = {
    "--ip": "--ip=192.0.2.7",
    "--netmask": "--netmask=255.255.255.0",
    "--gateway": "--gateway=192.0.2.1",
    "--nameserver": "--nameserver=192.0.2.1,192.0.2.2",
    "--ipv6": "--ipv6=2001:db8::7/64, auto, dhcp or ignore",
    "--ipv6gateway": "--ipv6gateway=2001:db8::1",
}  # as they are written
PREFIX6 = 64  # what an IPv6 address has that says none
BOND_MODES = ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad",
              "balance-tlb", "balance-alb")  # by their number  # fmt: skip
BOND_OPTIONS = (
    "mode", "miimon", "updelay", "downdelay", "use_carrier", "arp_interval", "arp_ip_target",
    "arp_validate", "arp_all_targets", "arp_missed_max", "primary", "primary_reselect",
    "active_slave", "fail_over_mac", "xmit_hash_policy", "lacp_rate", "lacp_active", "ad_select",
    "ad_actor_sys_prio", "ad_actor_system", "ad_user_port_key", "min_links", "all_slaves_active",
    "num_grat_arp", "num_unsol_na", "resend_igmp", "lp_interval", "packets_per_slave",
    "peer_notif_delay", "tlb_dynamic_lb",
)  # the kernel's bonding.rst  # fmt: skip
BRIDGE_NUMBERS = {
    "priority": range(65536), "forward-delay": range(31), "hello-time": range(11),
    "max-age": range(41), "ageing-time": range(1000001),
}  # seconds, but for the first; nm-settings(5)  # fmt: skip
BRIDGE_SWITCHES = ("stp", "multicast-snooping")
ANSWERS = {"yes": "yes", "no": "no", "true": "yes", "false": "no", "on": "yes", "off": "no"}


def interfaces(lines: Sequence[Said], findings: Findings) -> tuple[Interface, ...]:
    """Return what the lines configure; a second line for a device replaces the first."""
    chosen: dict[str, Interface] = {}
    configuring = [said for said in lines if not _only_names_the_host(said)]
    for said, made in findings.each(_tried, configuring):
        _note_what_is_lost(said, findings)
        for each in made:
            key = each.device or each.mac
            if key in chosen:
                what = key or "any device"
                findings.note(f"network: replaces the earlier line for {what}", said.where)
            chosen[key] = each
    for said in configuring:
        if PREDICTED.match(said.values.device or "") and any(map(COUNTED.match, chosen)):
            text = "udev names no card like this where others are called by their number, as eth0"
            findings.note(f"network --device={said.values.device}: {text}", said.where)
    return tuple(chosen.values())


def host_name(said: Said) -> str:
    """Return the name that a line gives to the machine; empty if it gives none."""
    host = said.values.hostname or ""
    if host and not HOST.fullmatch(host):
        raise RecipeError(f"'{host}' is not a host name", hint="--hostname=NAME", where=said.where)
    return str(host)


def _only_names_the_host(said: Said) -> bool:
    return bool(said.values.hostname) and ONLY_HOSTNAME.issuperset(said.options)


def _tried(said: Said) -> tuple[Said, tuple[Interface, ...]]:
    try:
        return said, devices(said)
    except ValueError as error:  # of ipaddress and int, whose texts name the wrong value
        raise RecipeError(f"network: {error}", where=said.where) from error


def _note_what_is_lost(said: Said, findings: Findings) -> None:
    """Say which options have no effect beside the others of their line."""
    values = said.values
    asked = values.bootProto not in METHODS
    lost = {
        "--ip": asked and values.ip,
        "--gateway": values.bootProto != "static" and values.gateway,
        "--ipv6gateway": ":" not in (values.ipv6 or "") and values.ipv6gateway,
        "--bindto": values.bindto and not MAC.fullmatch(values.device or ""),
    }
    reasons = {
        "--ip": "the address comes from a server: --bootproto=static",
        "--gateway": "only beside --bootproto=static --ip=ADDRESS",
        "--ipv6gateway": "only beside --ipv6=ADDRESS",
        "--bindto": "nobody knows the hardware address of a machine to be: its name is taken",
    }
    for option in (option for option, is_lost in lost.items() if is_lost):
        findings.note(f"network {option}: {reasons[option]}", said.where)
    if values.bootProto in ("ibft", "query"):
        what = f"network --bootproto={values.bootProto}: nobody to ask in an image; taken for dhcp"
        findings.note(what, said.where)


def devices(said: Said) -> tuple[Interface, ...]:
    """Return what one `network` line configures: a vlan on a bond is two devices.

    Raises RecipeError or ValueError.
    """
    values = said.values
    name = values.device or ""
    configured = _addressed(said)
    if values.vlanid or values.interfacename:
        vlan = _vlan(said, configured)
        if not values.bondslaves:
            return (vlan,)
        bond = Interface(name, "none", ipv4=False, ipv6="disabled", onboot=configured.onboot)
        return (_bond(said, bond), vlan)
    if values.bondslaves:
        return (_bond(said, configured),)
    if values.bridgeslaves:
        return (_bridge(said, configured),)
    if MAC.fullmatch(name):
        return (replace(configured, device="", mac=name.lower()),)
    return (replace(configured, device="" if name in WHATEVER else _device(name, said)),)


def _addressed(said: Said) -> Interface:
    """Everything that is the same for all kinds of devices."""
    values = said.values
    method = METHODS.get(values.bootProto, "dhcp")
    ipv6 = "none" if values.noipv6 else _ipv6(said, values.ipv6 or "")
    servers = [each.strip() for each in (values.nameserver or "").split(",")]
    mtu = str(values.mtu or "0")
    if not mtu.isdecimal():
        raise RecipeError(
            f"network --mtu={mtu} is not a number of bytes", hint="--mtu=9000", where=said.where
        )
    gateway = values.gateway if method == "static" else ""
    gateway6 = values.ipv6gateway if "/" in ipv6 else ""
    return Interface(
        device=values.device or "",
        method=method,
        address=_address(said) if method == "static" else "",
        gateway=_read(said, "--gateway", gateway, IPv4Address) if gateway else "",
        nameservers=tuple(
            _read(said, "--nameserver", each, ip_address) for each in servers if each
        ),
        ipv6=ipv6,
        mtu=int(mtu),
        onboot=bool(values.onboot),
        ipv4=not values.noipv4,
        ipv6_gateway=_read(said, "--ipv6gateway", gateway6, IPv6Address) if gateway6 else "",
        default_route=not values.nodefroute,
        dhcp_class=_one_line(said, values.dhcpclass or ""),
        search4=_domains(said, values.ipv4_dns_search or ""),
        search6=_domains(said, values.ipv6_dns_search or ""),
        ignore_dns4=bool(values.ipv4_ignore_auto_dns or values.nodns),
        ignore_dns6=bool(values.ipv6_ignore_auto_dns or values.nodns),
    )


def _vlan(said: Said, configured: Interface) -> Interface:
    values = said.values
    text = str(values.vlanid or "")
    if not text:
        raise RecipeError(
            "network --interfacename is the name of a vlan, and no --vlanid says which",
            hint="--device=eth0 --vlanid=171 --interfacename=vlan171",
            where=said.where,
        )
    if not text.isdecimal() or int(text) not in VLAN_IDS:
        raise RecipeError(
            f"network --vlanid={text} is not the number of a vlan",
            hint=f"{VLAN_IDS[0]} to {VLAN_IDS[-1]}",
            where=said.where,
        )
    parent = _named(said, "--vlanid=171", "eth0")
    name = _device(values.interfacename or f"{parent}.{int(text)}", said)
    found = VLAN_NAME.fullmatch(name)
    if values.interfacename and found and (found[1] or found[2]) != text:
        raise RecipeError(
            f"network --interfacename={name}: such a name ends with the number of its vlan",
            hint=f"--interfacename={parent}.{text}, vlan{text}, or a name without a dot",
            where=said.where,
        )
    return replace(configured, device=name, kind="vlan", vlan_id=int(text), parent=parent)


def _bond(said: Said, configured: Interface) -> Interface:
    text = said.values.bondopts or ""
    given = [each.strip() for each in text.split(";" if ";" in text else ",") if each.strip()]
    return replace(
        configured,
        device=_named(said, "--bondslaves=eth0,eth1", "bond0"),
        kind="bond",
        ports=_ports(said, said.values.bondslaves),
        options=tuple(_bond_option(each, said) for each in given),
    )


def _bond_option(text: str, said: Said) -> tuple[str, str]:
    name, _, value = text.partition("=")
    known = name in BOND_OPTIONS and value and not re.search(r"[\s\[\]]", value)
    if name == "mode":
        known = value in BOND_MODES or (value.isdecimal() and int(value) < len(BOND_MODES))
    if not known:
        raise RecipeError(
            f"network --bondopts: '{text}' is no option of a bond",
            hint="--bondopts=mode=active-backup,miimon=100; between ; where a value has commas",
            where=said.where,
        )
    return name, value


def _bridge(said: Said, configured: Interface) -> Interface:
    given = [each for each in (said.values.bridgeopts or "").split(",") if each]
    return replace(
        configured,
        device=_named(said, "--bridgeslaves=eth0", "bridge0"),
        kind="bridge",
        ports=_ports(said, said.values.bridgeslaves),
        options=tuple(_bridge_option(each, said) for each in given),
    )


def _bridge_option(text: str, said: Said) -> tuple[str, str]:
    name, _, value = (part.strip() for part in text.partition("="))
    if name in BRIDGE_SWITCHES and value in ANSWERS:
        return name, ANSWERS[value]
    if value.isdecimal() and int(value) in BRIDGE_NUMBERS.get(name, ()):
        return name, str(int(value))
    raise RecipeError(
        f"network --bridgeopts: '{text}' is no option of a bridge",
        hint=f"=yes or =no: {', '.join(BRIDGE_SWITCHES)}; numbers: {', '.join(BRIDGE_NUMBERS)}",
        where=said.where,
    )


def _ports(said: Said, text: str) -> tuple[str, ...]:
    ports = [_device(each.strip(), said) for each in text.split(",") if each.strip()]
    if said.values.device in ports:
        raise RecipeError(
            f"network: {said.values.device} cannot be made of itself", where=said.where
        )
    return tuple(dict.fromkeys(ports))


def _named(said: Said, beside: str, example: str) -> str:
    """Return the name of --device, where only a name will do."""
    name = said.values.device or ""
    if name in WHATEVER:
        raise RecipeError(
            f"network {beside.partition('=')[0]} needs the name of a device",
            hint=f"--device={example} {beside}",
            where=said.where,
        )
    return _device(name, said)


def _device(name: str, said: Said) -> str:
    if not DEVICE.fullmatch(name) or name in (".", "..") or not name.isprintable():
        raise RecipeError(
            f"'{name}' is not the name of a network device",
            hint="--device=eth0, or none for whichever there is; at most 15 letters",
            where=said.where,
        )
    return name


def _domains(said: Said, text: str) -> tuple[str, ...]:
    names = tuple(name for each in text.split(",") if (name := each.strip()))
    for name in names:
        if not HOST.fullmatch(name):
            raise RecipeError(
                f"network: '{name}' is not a domain",
                hint="--ipv4-dns-search=example.org,example.com",
                where=said.where,
            )
    return names


def _one_line(said: Said, text: str) -> str:
    if not text.isprintable():
        raise RecipeError("network --dhcpclass: a letter that nobody can see", where=said.where)
    return text


def _address(said: Said) -> str:
    ip, mask = said.values.ip, said.values.netmask
    if not ip or not (mask or "/" in ip):
        raise RecipeError(
            "network --bootproto=static needs an address",
            hint="--ip=192.0.2.7 --netmask=255.255.255.0; --noipv4 for IPv6 alone",
            where=said.where,
        )
    if "/" in ip:
        return _read(said, "--ip", ip, IPv4Interface)
    netmask = mask if mask.isdecimal() else f"0.0.0.0/{mask}"
    prefix = netmask if mask.isdecimal() else _read(said, "--netmask", netmask, _prefix)
    address = _read(said, "--ip", ip, IPv4Address)
    return _read(said, "--netmask", f"{address}/{prefix}", IPv4Interface)


def _prefix(network: str) -> str:
    return str(IPv4Network(network).prefixlen)


def _ipv6(said: Said, text: str) -> str:
    if text == "ignore":  # NetworkManager's word for what --noipv6 asks for
        return "none"
    if text in ("", "auto", "dhcp"):
        return text
    if "%" in text:
        problem = f"network --ipv6={text}: without the name of a device in the address"
        hint = f"--ipv6={text.partition('%')[0]}"
        raise RecipeError(problem, hint=hint, where=said.where)
    return _read(said, "--ipv6", text if "/" in text else f"{text}/{PREFIX6}", IPv6Interface)


def _read(said: Said, option: str, text: str, kind: Callable[[str], object]) -> str:
    """Return an address as *kind* writes it. Raises RecipeError for what is none."""
    try:
        return str(kind(text))
    except ValueError:
        whole = getattr(said.values, option.removeprefix("--"))
        raise RecipeError(
            f"network {option}: '{text if text in whole else whole}' is not such an address",
            hint=ADDRESSES[option],
            where=said.where,
        ) from None
