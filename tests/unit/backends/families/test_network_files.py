"""The files of those who set a network up: read back by other parsers where there are any."""

import re
import shlex
import subprocess
from collections.abc import Callable
from configparser import ConfigParser
from dataclasses import replace

import pytest

from appliance.backends.families.shell import ifupdown, network_manager, networkd
from appliance.backends.families.shell.network import debian_network, rpm_network
from appliance.recipe.settings import Interface

ETH0 = Interface("eth0", "static", "192.0.2.7/24", "192.0.2.1", ("192.0.2.53", "2001:db8::53"))
FIXED6 = Interface("eth1", "none", ipv4=False, ipv6="2001:db8::7/64", ipv6_gateway="2001:db8::1")
BOND = Interface(
    "bond0", "dhcp", kind="bond", ports=("eth2", "eth3"),
    options=(("mode", "1"), ("miimon", "100"), ("primary", "eth3")),
)  # fmt: skip
VLAN = Interface("eth0.171", "dhcp", kind="vlan", vlan_id=171, parent="eth0")
BRIDGE = Interface(
    "br0", "dhcp", kind="bridge", ports=("eth4", "bond0"),
    options=(("stp", "no"), ("forward-delay", "2")),
)  # fmt: skip
REST = Interface(
    "eth5", "dhcp", mtu=9000, onboot=False, default_route=False, dhcp_class="laboratory",
    search4=("example.org", "example.com"), search6=("example.net",),
    ignore_dns4=True, ignore_dns6=True,
)  # fmt: skip


def keyfile(*items: Interface, name: str, recipe: str = "web") -> ConfigParser:
    """One keyfile, as somebody else's parser reads it."""
    files = network_manager.profiles(recipe, items)
    parser = ConfigParser(interpolation=None, delimiters=("=",))
    parser.read_string(files[f"/etc/NetworkManager/system-connections/{name}.nmconnection"])
    return parser


def test_whatever_comes_up_by_dhcp_needs_no_keyfile() -> None:
    assert network_manager.profiles("web", [Interface("", "dhcp")]) == {}


def test_whatever_comes_up_with_more_to_say_is_any_ethernet() -> None:
    read = keyfile(Interface("", "dhcp", mtu=1400), name="ethernet")
    assert read["connection"]["type"] == "ethernet"
    assert "interface-name" not in read["connection"]
    assert read["ethernet"]["mtu"] == "1400"


def test_a_static_address_is_in_the_keyfile() -> None:
    read = keyfile(ETH0, name="eth0")
    assert dict(read["connection"]) == {
        "id": "eth0", "type": "ethernet", "interface-name": "eth0",
        "uuid": read["connection"]["uuid"],
    }  # fmt: skip
    assert dict(read["ipv4"]) == {
        "method": "manual", "address1": "192.0.2.7/24", "gateway": "192.0.2.1",
        "dns": "192.0.2.53;",
    }  # fmt: skip
    assert dict(read["ipv6"]) == {
        "method": "auto", "addr-gen-mode": "eui64", "dns": "2001:db8::53;"
    }  # fmt: skip


def test_an_ipv6_address_without_ipv4_is_in_the_keyfile() -> None:
    read = keyfile(FIXED6, name="eth1")
    assert dict(read["ipv4"]) == {"method": "disabled"}
    assert dict(read["ipv6"]) == {
        "method": "manual", "addr-gen-mode": "eui64", "address1": "2001:db8::7/64",
        "gateway": "2001:db8::1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ipv6", "method"), [("", "auto"), ("auto", "auto"), ("dhcp", "dhcp"), ("none", "ignore")]
)
def test_the_method_of_ipv6_is_in_the_keyfile(ipv6: str, method: str) -> None:
    read = keyfile(Interface("eth0", "dhcp", ipv6=ipv6), name="eth0")
    assert (read["ipv4"]["method"], read["ipv6"]["method"]) == ("auto", method)


def test_the_rest_of_a_line_is_in_the_keyfile() -> None:
    read = keyfile(REST, name="eth5")
    assert read["connection"]["autoconnect"] == "false"
    assert dict(read["ethernet"]) == {"mtu": "9000"}
    assert dict(read["ipv4"]) == {
        "method": "auto", "never-default": "true", "dhcp-vendor-class-identifier": "laboratory",
        "dns-search": "example.org;example.com;", "ignore-auto-dns": "true",
    }  # fmt: skip
    assert read["ipv6"]["dns-search"] == "example.net;"
    assert read["ipv6"]["ignore-auto-dns"] == "true"


def test_a_device_known_by_its_hardware_address_has_no_name_in_the_keyfile() -> None:
    read = keyfile(Interface("", "dhcp", mac="52:54:00:ab:cd:ef"), name="ethernet-525400abcdef")
    assert read["ethernet"]["mac-address"] == "52:54:00:AB:CD:EF"
    assert "interface-name" not in read["connection"]


def test_a_bond_and_its_ports_have_keyfiles() -> None:
    bond = keyfile(BOND, name="bond0")
    assert bond["connection"]["type"] == "bond"
    assert dict(bond["bond"]) == {"mode": "1", "miimon": "100", "primary": "eth3"}
    for number, port in ((1, "eth2"), (2, "eth3")):
        read = keyfile(BOND, name=f"bond0_slave_{number}")
        assert read.sections() == ["connection"]
        assert read["connection"]["id"] == f"bond0_slave_{number}"
        assert read["connection"]["interface-name"] == port
        assert (read["connection"]["controller"], read["connection"]["port-type"]) == (
            "bond0", "bond",
        )  # fmt: skip
        assert (read["connection"]["master"], read["connection"]["slave-type"]) == (
            "bond0", "bond",
        )  # fmt: skip
    down = replace(BOND, onboot=False)
    assert keyfile(down, name="bond0_slave_1")["connection"]["autoconnect"] == "false"


def test_a_vlan_has_a_keyfile_with_its_number_and_parent() -> None:
    read = keyfile(VLAN, name="eth0.171")
    assert dict(read["vlan"]) == {"id": "171", "parent": "eth0"}
    assert "interface-name" not in read["connection"]  # NetworkManager's own name for it
    named = keyfile(replace(VLAN, device="vlan171"), name="vlan171")
    assert named["connection"]["interface-name"] == "vlan171"


def test_a_bridge_takes_a_bond_that_has_a_profile_as_it_is() -> None:
    files = network_manager.profiles("web", [BOND, BRIDGE])
    assert {path.rpartition("/")[2].partition(".nm")[0] for path in files} == {
        "bond0", "bond0_slave_1", "bond0_slave_2", "br0", "br0_slave_1",
    }  # fmt: skip
    bond = keyfile(BOND, BRIDGE, name="bond0")["connection"]
    assert (bond["controller"], bond["port-type"]) == ("br0", "bridge")
    assert dict(keyfile(BOND, BRIDGE, name="br0")["bridge"]) == {
        "stp": "false", "forward-delay": "2"
    }  # fmt: skip


def test_the_uuid_of_a_connection_is_the_same_in_every_build_and_no_other_recipes() -> None:
    uuids = [
        keyfile(BOND, name=name, recipe=recipe)["connection"]["uuid"]
        for recipe in ("web", "mail")
        for name in ("bond0", "bond0_slave_1", "bond0_slave_2")
    ]
    assert len(set(uuids)) == len(uuids)
    assert keyfile(BOND, name="bond0")["connection"]["uuid"] == uuids[0]


NETWORKD = {
    "10-bond0.netdev": (
        "[NetDev]\nName=bond0\nKind=bond\n\n[Bond]\nMode=active-backup\nMIIMonitorSec=100ms\n"
    ),
    "10-eth0.171.netdev": "[NetDev]\nName=eth0.171\nKind=vlan\n\n[VLAN]\nId=171\n",
    "10-br0.netdev": "[NetDev]\nName=br0\nKind=bridge\n\n[Bridge]\nSTP=no\nForwardDelaySec=2s\n",
    "10-eth0.network": (
        "[Match]\nName=eth0\n\n[Network]\nAddress=192.0.2.7/24\nGateway=192.0.2.1\n"
        "DNS=192.0.2.53\nDNS=2001:db8::53\nVLAN=eth0.171\n"
    ),
    "10-eth1.network": (
        "[Match]\nName=eth1\n\n[Network]\nAddress=2001:db8::7/64\nGateway=2001:db8::1\n"
    ),
    "10-bond0.network": "[Match]\nName=bond0\n\n[Network]\nDHCP=yes\nBridge=br0\n",
    "10-eth0.171.network": "[Match]\nName=eth0.171\n\n[Network]\nDHCP=yes\n",
    "10-br0.network": "[Match]\nName=br0\n\n[Network]\nDHCP=yes\n",
    "10-eth5.network": (
        "[Match]\nName=eth5\n\n[Network]\nDHCP=yes\nDomains=example.org example.com example.net\n"
        "\n[Link]\nMTUBytes=9000\nActivationPolicy=down\n"
        "\n[DHCPv4]\nUseDNS=no\nUseGateway=no\nVendorClassIdentifier=laboratory\n"
        "\n[DHCPv6]\nUseDNS=no\n\n[IPv6AcceptRA]\nUseDNS=no\n"
    ),
    "10-eth2.network": "[Match]\nName=eth2\n\n[Network]\nBond=bond0\n",
    "10-eth3.network": "[Match]\nName=eth3\n\n[Network]\nBond=bond0\nPrimarySlave=yes\n",
    "10-eth4.network": "[Match]\nName=eth4\n\n[Network]\nBridge=br0\n",
}


def test_systemd_networkd_has_a_file_for_each_device_and_what_makes_it() -> None:
    files = networkd.files([ETH0, FIXED6, BOND, VLAN, BRIDGE, REST])
    assert {path.removeprefix("/etc/systemd/network/"): text for path, text in files.items()} == (
        NETWORKD
    )


@pytest.mark.parametrize(
    ("option", "line"),
    [
        (("mode", "4"), "Mode=802.3ad"),
        (("lacp_rate", "1"), "LACPTransmitRate=fast"),
        (("fail_over_mac", "active"), "FailOverMACPolicy=active"),
        (("xmit_hash_policy", "1"), "TransmitHashPolicy=layer3+4"),
        (("arp_ip_target", "192.0.2.1,192.0.2.2"), "ARPIPTargets=192.0.2.1 192.0.2.2"),
        (("arp_validate", "3"), "ARPValidate=all"),
        (("updelay", "200"), "UpDelaySec=200ms"),
    ],
)
def test_systemd_networkd_has_its_own_words_for_a_bonds_options(
    option: tuple[str, str], line: str
) -> None:
    [text] = [
        text
        for path, text in networkd.files([replace(BOND, options=(option,))]).items()
        if path.endswith("bond0.netdev")
    ]
    assert text.endswith(f"[Bond]\n{line}\n")


def test_systemd_networkd_gives_what_only_carries_a_vlan_no_address() -> None:
    assert networkd.files([VLAN])["/etc/systemd/network/10-eth0.network"] == (
        "[Match]\nName=eth0\n\n[Network]\nVLAN=eth0.171\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n"
    )


@pytest.mark.parametrize(
    ("ipv6", "lines"),
    [
        ("auto", "DHCP=yes\n"),
        ("none", "DHCP=ipv4\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n"),
        ("dhcp", "DHCP=yes\nIPv6AcceptRA=no\n\n[DHCPv6]\nWithoutRA=solicit\n"),
    ],
)
def test_systemd_networkd_is_told_the_method_of_ipv6(ipv6: str, lines: str) -> None:
    [text] = networkd.files([Interface("", "dhcp", ipv6=ipv6)]).values()
    assert text == f"[Match]\nType=ether\n\n[Network]\n{lines}"


def test_systemd_networkd_finds_a_device_by_its_hardware_address() -> None:
    files = networkd.files([Interface("", "dhcp", mac="52:54:00:ab:cd:ef")])
    assert files["/etc/systemd/network/20-525400abcdef.network"].startswith(
        "[Match]\nType=ether\nMACAddress=52:54:00:ab:cd:ef\n"
    )


def test_ifupdown_has_a_file_for_each_device() -> None:
    fixed = replace(FIXED6, search6=("example.org",))
    files = ifupdown.files([ETH0, fixed, VLAN, replace(REST, ipv6="auto")])
    assert {path.rpartition("/")[2]: text for path, text in files.items()} == {
        "eth0": (
            "auto eth0\niface eth0 inet static\n    address 192.0.2.7/24\n"
            "    gateway 192.0.2.1\n    dns-nameservers 192.0.2.53 2001:db8::53\n"
        ),
        "eth1": (
            "auto eth1\niface eth1 inet manual\n    dns-search example.org\n"
            "iface eth1 inet6 static\n    address 2001:db8::7/64\n    gateway 2001:db8::1\n"
        ),
        "eth0.171": "auto eth0.171\niface eth0.171 inet dhcp\n",
        "eth5": (
            "iface eth5 inet dhcp\n    mtu 9000\n"
            "    dns-search example.org example.com example.net\niface eth5 inet6 auto\n"
        ),
    }


@pytest.mark.parametrize(
    "item", [BOND, BRIDGE, REST, Interface("", "dhcp"), replace(VLAN, device="storage")]
)
def test_ifupdown_is_not_asked_for_what_it_cannot_do(item: Interface) -> None:
    assert not ifupdown.can([ETH0, item])
    assert ifupdown.can([ETH0, VLAN, FIXED6])
    assert "/etc/network/interfaces.d" not in debian_network("web", [ETH0, item])


def tokens(script: str) -> None:
    """The shell itself says whether it can read a script."""
    subprocess.run(["dash", "-n"], input=script, text=True, check=True)
    assert shlex.split(script)


@pytest.mark.parametrize("write", [rpm_network, debian_network])
def test_the_shell_can_read_what_writes_the_files(write: object) -> None:
    assert callable(write)
    tokens(write("web", [ETH0, BOND, VLAN, BRIDGE, REST]))
    tokens(write("web", [ETH0]))
    tokens(write("web", [Interface("", "dhcp")]))
    assert write("web", []) == ""


def test_keyfiles_are_for_root_alone() -> None:
    script = rpm_network("web", [ETH0, BOND])
    written = re.findall(r"> (\S+nmconnection)\nchmod (\d+)", script)
    assert len(written) == 4
    assert {mode for _, mode in written} == {"600"}


@pytest.mark.parametrize("write", [rpm_network, debian_network])
@pytest.mark.parametrize("item", [ETH0, BOND, replace(VLAN, device="storage")])
def test_a_device_with_a_number_is_left_its_name(
    write: Callable[[str, list[Interface]], str], item: Interface
) -> None:
    assert "/etc/systemd/network/70-kernel-names.link" in write("web", [item])


@pytest.mark.parametrize("device", ["", "ens192", "lan0"])
def test_other_devices_are_called_as_udev_calls_them(device: str) -> None:
    assert "kernel-names" not in debian_network("web", [Interface(device, "dhcp")])
