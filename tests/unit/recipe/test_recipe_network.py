"""`network` lines: what each option becomes, what is said of it, and what is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.recipe.model import Recipe
from appliance.recipe.reading.load import load, problems
from appliance.recipe.settings import Interface

STATIC = "--bootproto=static --ip=192.0.2.7 --netmask=255.255.255.0"
ETH0 = Interface("eth0", "dhcp")
BOND = Interface("bond0", "dhcp", kind="bond", ports=("eth1", "eth2"))
BRIDGE = Interface("br0", "dhcp", kind="bridge", ports=("eth1",))
VLAN = Interface("eth0.171", "dhcp", kind="vlan", vlan_id=171, parent="eth0")


def recipe_of(place: Path, *lines: str) -> Recipe:
    file = place / "x.ks"
    file.write_text("\n".join(("part / --size=1024", *lines)) + "\n")
    return load(file)


def interfaces(place: Path, *lines: str) -> tuple[Interface, ...]:
    return recipe_of(place, *lines).settings.interfaces


LINES: list[tuple[str, Interface]] = [
    ("--device=eth0", ETH0),
    ("--device=eth0 --bootproto=bootp", ETH0),
    ("--device=eth0 --onboot=off", replace(ETH0, onboot=False)),
    ("--device=eth0 --mtu=9000", replace(ETH0, mtu=9000)),
    ("--device=eth0 --nodefroute", replace(ETH0, default_route=False)),
    ("--device=eth0 --noipv4", replace(ETH0, method="none", ipv4=False)),
    ("--device=eth0 --noipv6", replace(ETH0, ipv6="none")),
    ("--device=eth0 --ipv6=auto", replace(ETH0, ipv6="auto")),
    ("--device=eth0 --ipv6=dhcp", replace(ETH0, ipv6="dhcp")),
    ("--device=eth0 --ipv6=2001:DB8::7", replace(ETH0, ipv6="2001:db8::7/64")),
    ("--device=eth0 --ipv6=2001:db8::7/48 --ipv6gateway=2001:db8::1",
     replace(ETH0, ipv6="2001:db8::7/48", ipv6_gateway="2001:db8::1")),
    ("--device=eth0 --dhcpclass=laboratory", replace(ETH0, dhcp_class="laboratory")),
    ("--device=eth0 --nameserver=192.0.2.53,2001:db8::53",
     replace(ETH0, nameservers=("192.0.2.53", "2001:db8::53"))),
    ("--device=eth0 --nodns", replace(ETH0, ignore_dns4=True, ignore_dns6=True)),
    ("--device=eth0 --ipv4-ignore-auto-dns", replace(ETH0, ignore_dns4=True)),
    ("--device=eth0 --ipv6-ignore-auto-dns", replace(ETH0, ignore_dns6=True)),
    ("--device=eth0 --ipv4-dns-search=example.org,example.com",
     replace(ETH0, search4=("example.org", "example.com"))),
    ("--device=eth0 --ipv6-dns-search=example.org", replace(ETH0, search6=("example.org",))),
    (f"--device=eth0 {STATIC} --gateway=192.0.2.1",
     replace(ETH0, method="static", address="192.0.2.7/24", gateway="192.0.2.1")),
    ("--device=eth0 --bootproto=static --ip=192.0.2.7/25",
     replace(ETH0, method="static", address="192.0.2.7/25")),
    ("--device=eth0 --bootproto=static --ip=192.0.2.7 --netmask=25",
     replace(ETH0, method="static", address="192.0.2.7/25")),
    ("--device=52:54:00:AB:CD:EF", Interface("", "dhcp", mac="52:54:00:ab:cd:ef")),
    ("--device=52:54:00:ab:cd:ef --bindto=mac", Interface("", "dhcp", mac="52:54:00:ab:cd:ef")),
    ("--device=bond0 --bondslaves=eth1,eth2", BOND),
    ("--device=bond0 --bondslaves=eth1,eth2 --bondopts=mode=1,miimon=100",
     replace(BOND, options=(("mode", "1"), ("miimon", "100")))),
    ("--device=bond0 --bondslaves=eth1,eth2 --bondopts=mode=1;arp_ip_target=192.0.2.1,192.0.2.2",
     replace(BOND, options=(("mode", "1"), ("arp_ip_target", "192.0.2.1,192.0.2.2")))),
    ("--device=br0 --bridgeslaves=eth1", BRIDGE),
    ("--device=br0 --bridgeslaves=eth1 --bridgeopts=stp=no,forward-delay=2",
     replace(BRIDGE, options=(("stp", "no"), ("forward-delay", "2")))),
    ("--device=eth0 --vlanid=171", VLAN),
    ("--device=eth0 --vlanid=171 --interfacename=vlan171", replace(VLAN, device="vlan171")),
    ("--device=eth0 --vlanid=171 --interfacename=storage.171",
     replace(VLAN, device="storage.171")),
    ("--device=eth0 --vlanid=171 --interfacename=storage", replace(VLAN, device="storage")),
]  # fmt: skip


@pytest.mark.parametrize(("options", "expected"), LINES)
def test_an_option_is_in_the_recipe(options: str, expected: Interface, tmp_path: Path) -> None:
    assert interfaces(tmp_path, f"network {options}") == (expected,)


@pytest.mark.parametrize(
    "device", ["", "--device=link", "--device=bootif", "--device=ibft", "--device=none"]
)
def test_a_device_that_only_an_installer_knows_is_whatever_comes_up(
    device: str, tmp_path: Path
) -> None:
    assert interfaces(tmp_path, f"network {device} --bootproto=dhcp") == (Interface("", "dhcp"),)


def test_a_vlan_on_a_bond_is_two_devices_and_the_bond_has_no_address(tmp_path: Path) -> None:
    line = f"network --device=bond0 --bondslaves=eth1,eth2 --vlanid=222 {STATIC}"
    bond, vlan = interfaces(tmp_path, line)
    assert bond == replace(BOND, method="none", ipv4=False, ipv6="disabled")
    assert (vlan.device, vlan.parent, vlan.address) == ("bond0.222", "bond0", "192.0.2.7/24")


def test_a_host_name_alone_configures_no_device(tmp_path: Path) -> None:
    settings = recipe_of(tmp_path, "network --hostname=web.example.org --no-activate").settings
    assert (settings.hostname, settings.interfaces) == ("web.example.org", ())


def test_the_last_line_of_a_device_wins(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, "network --device=eth0 --mtu=1400", "network --device=eth0")
    assert recipe.settings.interfaces == (ETH0,)
    assert "network: replaces the earlier line for eth0" in [note.text for note in recipe.notes]


NOTES: list[tuple[str, str]] = [
    ("--activate", "network --activate: for an installer only"),
    ("--device=eth0 --ethtool='speed 100'", "network --ethtool: nothing sets it today"),
    ("--device=eth0 --bindto=mac", "network --bindto: nobody knows the hardware address"),
    ("--device=eth0 --bootproto=ibft", "network --bootproto=ibft: nobody to ask in an image"),
    ("--device=eth0 --ip=192.0.2.7", "network --ip: the address comes from a server"),
    ("--device=eth0 --gateway=192.0.2.1", "network --gateway: only beside --bootproto=static"),
    ("--device=eth0 --ipv6gateway=::1", "network --ipv6gateway: only beside --ipv6=ADDRESS"),
]


@pytest.mark.parametrize(("options", "text"), NOTES)
def test_what_has_no_effect_is_said(options: str, text: str, tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, f"network {options}")
    assert [note for note in recipe.notes if note.text.startswith(text) and note.where.line == 2]


WRONG: list[tuple[str, str]] = [
    ("--device=eth0 --bootproto=static", "needs an address"),
    ("--device=eth0 --bootproto=static --ip=192.0.2.7", "needs an address"),
    ("--device=eth0 --bootproto=static --ip=192.0.2.700 --netmask=24", "192.0.2.700"),
    ("--device=eth0 --bootproto=static --ip=192.0.2.7 --netmask=255.0.255.0", "netmask"),
    ("--device=eth0 --bootproto=static --ip=192.0.2.7 --netmask=33", "33"),
    (f"--device=eth0 {STATIC} --gateway=2001:db8::1", "2001:db8::1"),
    ("--device=eth0 --ipv6=192.0.2.7", "192.0.2.7"),
    ("--device=eth0 --ipv6=2001:db8::7/200", "200"),
    ("--device=eth0 --ipv6=fe80::7%eth0", "without the name of a device"),
    ("--device=eth0 --ipv6=2001:db8::7 --ipv6gateway=here", "here"),
    ("--device=eth0 --nameserver=192.0.2.53,dns", "'dns'"),
    ("--device=eth0 --mtu=-1", "--mtu=-1 is not a number"),
    ("--device=eth0 --ipv4-dns-search=-x", "'-x' is not a domain"),
    ("--device=a-name-that-is-long", "is not the name of a network device"),
    ("--device=eth0 --vlanid=0", "--vlanid=0 is not the number of a vlan"),
    ("--device=eth0 --vlanid=4095", "--vlanid=4095 is not the number of a vlan"),
    ("--device=eth0 --vlanid=some", "--vlanid=some is not the number of a vlan"),
    ("--vlanid=171", "--vlanid needs the name of a device"),
    ("--device=eth0 --interfacename=vlan171", "no --vlanid says which"),
    ("--device=eth0 --vlanid=171 --interfacename=vlan17", "ends with the number of its vlan"),
    ("--device=eth0 --vlanid=171 --interfacename=a.b", "ends with the number of its vlan"),
    ("--bondslaves=eth1,eth2", "--bondslaves needs the name of a device"),
    ("--device=link --bridgeslaves=eth1", "--bridgeslaves needs the name of a device"),
    ("--device=bond0 --bondslaves=bond0,eth1", "bond0 cannot be made of itself"),
    ("--device=bond0 --bondslaves=eth1 --bondopts=mode=fast", "'mode=fast' is no option"),
    ("--device=bond0 --bondslaves=eth1 --bondopts=speed=1", "'speed=1' is no option of a bond"),
    ("--device=br0 --bridgeslaves=eth1 --bridgeopts=stp=maybe", "'stp=maybe' is no option"),
    ("--device=br0 --bridgeslaves=eth1 --bridgeopts=max-age=99", "'max-age=99' is no option"),
    ("--device=team0 --teamslaves=eth1,eth2", "teams are not supported"),
    ("--device=wlan0 --essid=home --wpakey=secret", "wireless networks are not configured"),
    ("--device=eth0 --speed=1", "unknown option '--speed' of network"),
]


@pytest.mark.parametrize(("options", "words"), WRONG)
def test_what_is_wrong_is_refused_with_its_line(options: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "x.ks"
    file.write_text(f"part / --size=1024\nnetwork {options}\n")
    found, recipe = problems(file)
    assert recipe is None
    assert words in found[0].problem
    assert found[0].where is not None
    assert (found[0].where.path.name, found[0].where.line) == ("x.ks", 2)


def test_no_key_of_a_wireless_network_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "x.ks"
    file.write_text("part / --size=1024\nnetwork --device=wlan0 --essid=home --wpakey=hush-hush\n")
    shown: list[Any] = [str(each) for each in problems(file)[0]]
    assert "hush-hush" not in "".join(shown)


def test_names_that_cannot_be_together_are_told(tmp_path: Path) -> None:
    mixed = recipe_of(tmp_path, "network --device=eth0", "network --device=ens192")
    alone = recipe_of(tmp_path, "network --device=ens192", "network --device=ens224")

    assert "network --device=ens192: udev names no card" in mixed.notes[-1].text
    assert not [note for note in alone.notes if "udev" in note.text]
