"""Profiles of NetworkManager: one keyfile for each device, and for each port of one.

Facts: nm-settings-keyfile(5), nm-settings-nmcli(5); which keys Anaconda gives which values. No
release that we know reads only the older ifcfg files.
"""

from collections.abc import Iterable, Sequence

from appliance.layout.identity import stable_uuid
from appliance.recipe.settings import Interface

PLACE = "/etc/NetworkManager/system-connections"
UNASKED = Interface("", "dhcp")  # what NetworkManager does with any device that has no profile
METHODS4 = {"dhcp": "auto", "static": "manual"}
METHODS6 = {"auto": "auto", "dhcp": "dhcp", "none": "ignore", "disabled": "disabled"}
TRUTH = {"yes": "true", "no": "false"}
Pairs = list[tuple[str, str]]
Section = tuple[str, Pairs]


def profiles(recipe: str, interfaces: Sequence[Interface]) -> dict[str, str]:
    """Return the text of each keyfile, by its path; none for what NetworkManager does by itself.

    Names and UUIDs are the same in every build of a *recipe*.
    """
    bonds = {item.device for item in interfaces if item.kind == "bond"}
    bridged = {port: item for item in interfaces if item.kind == "bridge" for port in item.ports}
    files: dict[str, str] = {}
    for item in interfaces:
        if item == UNASKED:
            continue
        name = _name(item)
        above = bridged.get(item.device) if item.device in bonds else None
        files[_path(name)] = _text(_profile(recipe, item, name, above=above))
        for number, port in enumerate(item.ports, start=1):
            if item.kind == "bridge" and port in bonds:
                continue  # its own profile says where it belongs
            name_of_port = f"{item.device}_slave_{number}"
            files[_path(name_of_port)] = _text(_port(recipe, item, port, name_of_port))
    return files


def _path(name: str) -> str:
    return f"{PLACE}/{name}.nmconnection"


def _name(item: Interface) -> str:
    return item.device or (f"ethernet-{item.mac.replace(':', '')}" if item.mac else "ethernet")


def _profile(recipe: str, item: Interface, name: str, *, above: Interface | None) -> list[Section]:
    named = item.device and item.device != f"{item.parent}.{item.vlan_id}"  # NM's own name
    wired = _given(("mac-address", item.mac.upper()), ("mtu", str(item.mtu or "")))
    return [
        (
            "connection",
            [
                ("id", name),
                ("uuid", stable_uuid(recipe, "connection", name)),
                ("type", item.kind),
                *_given(("interface-name", item.device if named else "")),
                *_given(("autoconnect", "" if item.onboot else "false")),
                *(_belongs_to(above) if above else []),
            ],
        ),
        ("ethernet", wired),
        *_kind(item),
        ("ipv4", _ipv4(item)),
        ("ipv6", _ipv6(item)),
    ]


def _port(recipe: str, above: Interface, port: str, name: str) -> list[Section]:
    return [
        (
            "connection",
            [
                ("id", name),
                ("uuid", stable_uuid(recipe, "connection", name)),
                ("type", "ethernet"),
                ("interface-name", port),
                *_given(("autoconnect", "" if above.onboot else "false")),
                *_belongs_to(above),
            ],
        )
    ]


def _belongs_to(above: Interface) -> Pairs:
    """Say which device a port belongs to, by today's two keys and by those that NetworkManager
    before 1.46 reads."""
    pairs = [("controller", above.device), ("port-type", above.kind)]
    return [*pairs, ("master", above.device), ("slave-type", above.kind)]


def _kind(item: Interface) -> list[Section]:
    options = [(name, TRUTH.get(value, value)) for name, value in item.options]
    number = [("id", str(item.vlan_id)), ("parent", item.parent)]
    known = {"bond": options, "bridge": options, "vlan": number}
    return [(item.kind, known[item.kind])] if item.kind in known else []


def _ipv4(item: Interface) -> Pairs:
    servers = [server for server in item.nameservers if ":" not in server]
    return [
        ("method", METHODS4.get(item.method, "disabled")),
        *_given(
            ("address1", item.address),
            ("gateway", item.gateway),
            ("never-default", "" if item.default_route else "true"),
            ("dhcp-vendor-class-identifier", item.dhcp_class.replace("\\", "\\\\")),
            ("dns", _list(servers)),
            ("dns-search", _list(item.search4)),
            ("ignore-auto-dns", "true" if item.ignore_dns4 else ""),
        ),
    ]


def _ipv6(item: Interface) -> Pairs:
    fixed = "/" in item.ipv6
    servers = [server for server in item.nameservers if ":" in server]
    return [
        ("method", "manual" if fixed else METHODS6.get(item.ipv6, "auto")),
        ("addr-gen-mode", "eui64"),
        *_given(
            ("address1", item.ipv6 if fixed else ""),
            ("gateway", item.ipv6_gateway),
            ("dns", _list(servers)),
            ("dns-search", _list(item.search6)),
            ("ignore-auto-dns", "true" if item.ignore_dns6 else ""),
        ),
    ]


def _given(*pairs: tuple[str, str]) -> Pairs:
    return [(name, value) for name, value in pairs if value]


def _list(values: Iterable[str]) -> str:
    return "".join(f"{value};" for value in values)


def _text(sections: Iterable[Section]) -> str:
    return "\n".join(
        "".join((f"[{name}]\n", *(f"{key}={value}\n" for key, value in pairs)))
        for name, pairs in sections
        if pairs or name == "bond"
    )
