"""What Anaconda's own kickstart tests look for in NetworkManager's profiles, in a built image;
docs/explanation/kickstart-tests.md has the table."""

import configparser

import pytest

from outcome_fixtures import Built, Make

PROFILES = "/etc/NetworkManager/system-connections"
NETWORK = """\
network --hostname=testhostname.example.com
network --device=eth1 --bootproto=dhcp --onboot=no --activate
network --device=eth2 --bootproto=static --ip=192.0.2.10 --netmask=255.255.255.0 \
--gateway=192.0.2.1 --onboot=no
network --device=eth3 --bootproto=static --ip=192.0.2.11 --netmask=255.255.255.0 \
--gateway=192.0.2.1 --nameserver=192.0.2.53
network --device=eth3 --bootproto=dhcp
network --device=eth4 --bootproto=dhcp --no-activate --onboot=yes --nameserver=192.0.2.53
network --device=eth5 --bootproto=dhcp --nodefroute
network --device=eth6 --bootproto=dhcp --mtu=9000
network --device=eth7 --bootproto=dhcp --dhcpclass=RHEL
network --device=eth8 --noipv4 --no-activate --onboot=yes
network --device=eth9 --noipv4 --noipv6 --activate --onboot=no
network --device=eth10 --bootproto=dhcp --ipv6=2001:db8::1/64
network --device=eth11 --ipv4-dns-search=example.org,example.com \
--ipv6-dns-search=whatever.example --ipv6-ignore-auto-dns
network --device=52:54:00:12:34:56 --bootproto=dhcp --bindto=mac
network --device=52:54:00:12:34:57 --bootproto=dhcp --ipv6=2001:db8::2/64
network --device=bond0 --bootproto=dhcp --bondslaves=eth20,eth21 \
--bondopts=mode=active-backup,primary=eth20 --activate --onboot=no
network --device=bond1 --bootproto=dhcp --bondslaves=eth22,eth23 \
--bondopts=mode=active-backup,primary=eth22,miimon=100,fail_over_mac=2
network --device=bond2 --bootproto=static --ip=192.0.2.20 --netmask=255.255.255.0 \
--gateway=192.0.2.1 --bondslaves=eth24,eth25 --bondopts=mode=active-backup,miimon=100 \
--vlanid=222 --onboot=no
network --device=bridge0 --bridgeslaves=eth30 --bootproto=dhcp --onboot=no
network --device=bridge1 --bridgeslaves=eth31 --bootproto=dhcp
network --device=bond3 --bondslaves=eth50,eth51 --bondopts=mode=balance-tlb --noipv4 --activate
network --device=bridge2 --bridgeslaves=bond3 --bootproto=dhcp --activate
network --device=eth40 --vlanid=104 --bootproto=dhcp --no-activate
network --device=eth41 --vlanid=107 --bootproto=dhcp --activate --onboot=no
network --device=eth42 --vlanid=1008 --bootproto=dhcp --interfacename=myvlan1008
network --device=link --bootproto=dhcp
network --bootproto=dhcp --device=bootif
"""
NOWHERE = (*range(20, 26), 30, 31, 40, 41, 42, 50, 51)  # devices without a profile of their name


@pytest.fixture(scope="module")
def networked(outcome: Make) -> Built:
    return outcome("networked", "NetworkManager", more=NETWORK)


@pytest.fixture(scope="module")
def profiles(networked: Built) -> dict[str, configparser.ConfigParser]:
    """Every profile, by the name of its file."""
    found = {}
    for name in networked.tree.names(PROFILES):
        parser = configparser.ConfigParser(interpolation=None, strict=True)
        parser.read_string(networked.tree.text(f"{PROFILES}/{name}"))
        found[name.removesuffix(".nmconnection")] = parser
    return found


def test_the_machine_has_its_name(networked: Built) -> None:
    assert networked.tree.text("/etc/hostname") == "testhostname.example.com\n"


def test_profiles_are_for_root_alone(networked: Built) -> None:
    found = networked.tree.names(PROFILES)

    assert {networked.tree.mode(f"{PROFILES}/{name}") for name in found} == {"0:0 600"}


VALUES = """eth1 connection autoconnect=false
eth1 ipv4 method=auto
eth1 ipv6 addr-gen-mode=eui64
eth2 ipv4 method=manual
eth2 ipv4 address1=192.0.2.10/24
eth2 ipv4 gateway=192.0.2.1
eth2 connection autoconnect=false
eth3 ipv4 method=auto
eth3 ipv4 address1=
eth3 ipv4 gateway=
eth4 connection autoconnect=
eth4 ipv4 dns=192.0.2.53;
eth5 ipv4 never-default=true
eth6 ethernet mtu=9000
eth6 ipv4 never-default=
eth7 ipv4 dhcp-vendor-class-identifier=RHEL
eth8 ipv4 method=disabled
eth8 connection autoconnect=
eth9 ipv4 method=disabled
eth9 ipv6 method=ignore
eth9 connection autoconnect=false
eth10 ipv6 address1=2001:db8::1/64
eth11 ipv4 dns-search=example.org;example.com;
eth11 ipv4 ignore-auto-dns=
eth11 ipv6 dns-search=whatever.example;
eth11 ipv6 ignore-auto-dns=true
ethernet-525400123456 ethernet mac-address=52:54:00:12:34:56
ethernet-525400123456 connection interface-name=
ethernet-525400123457 ethernet mac-address=52:54:00:12:34:57
ethernet-525400123457 ipv6 address1=2001:db8::2/64
bond0 connection type=bond
bond0 connection autoconnect=false
bond0 bond mode=active-backup
bond0 bond primary=eth20
bond0_slave_1 connection controller=bond0
bond0_slave_1 connection port-type=bond
bond0_slave_1 connection autoconnect=false
bond0_slave_2 connection controller=bond0
bond0_slave_2 connection autoconnect=false
bond1 connection autoconnect=
bond1 bond miimon=100
bond1_slave_1 connection autoconnect=
bond1_slave_2 connection controller=bond1
bond2 connection autoconnect=false
bond2 ipv4 method=disabled
bond2.222 vlan parent=bond2
bond2.222 vlan id=222
bond2.222 ipv4 address1=192.0.2.20/24
bond2.222 connection autoconnect=false
bond2_slave_1 connection autoconnect=false
bond2_slave_2 connection autoconnect=false
bond3 connection controller=bridge2
bond3 connection port-type=bridge
bond3 bond mode=balance-tlb
bond3_slave_1 connection controller=bond3
bridge0 connection type=bridge
bridge0 connection autoconnect=false
bridge0_slave_1 connection controller=bridge0
bridge0_slave_1 connection port-type=bridge
bridge0_slave_1 connection autoconnect=false
bridge1 connection autoconnect=
bridge1_slave_1 connection controller=bridge1
bridge1_slave_1 connection autoconnect=
eth40.104 connection type=vlan
eth40.104 vlan parent=eth40
eth40.104 vlan id=104
eth40.104 connection interface-name=
eth40.104 connection autoconnect=
eth41.107 connection autoconnect=false
myvlan1008 connection interface-name=myvlan1008
myvlan1008 vlan id=1008
"""


@pytest.mark.parametrize("line", VALUES.splitlines())
def test_a_profile_says(line: str, profiles: dict[str, configparser.ConfigParser]) -> None:
    name, section, said = line.split()
    key, _, value = said.partition("=")

    assert profiles[name].get(section, key, fallback="") == value


def test_what_comes_up_by_itself_has_no_profile(profiles: dict[str, object]) -> None:
    assert not {"link", "bootif", "ethernet", "bridge2_slave_1"} & set(profiles)
    assert not {f"eth{number}" for number in NOWHERE} & set(profiles)
    assert not [name for name in profiles if name.endswith("-1")]


@pytest.mark.parametrize("device", ["", "--device=bootif ", "--device=link "])
def test_what_comes_up_has_a_profile_if_more_is_said(device: str, outcome: Make) -> None:
    line = f"network {device}--bootproto=dhcp --ipv6=2001:db8::1/64\n"
    built = outcome("anywhere", "NetworkManager", more=line)
    (name,) = built.tree.names(PROFILES)
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(built.tree.text(f"{PROFILES}/{name}"))

    assert parser["ipv6"]["address1"] == "2001:db8::1/64"
    assert not parser["connection"].get("interface-name")
