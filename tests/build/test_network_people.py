"""The network, people, certificates and repositories of a kickstart are in the image: built, and
read back with debugfs and openssl."""

import configparser
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import building
import tiny_distribution as tiny
from building import Yard
from mirror import Mirror
from outcome_tree import Tree, same_password
from rpm_distribution.repository import publish, ready
from rpm_distribution.rpm_file import directory, regular
from rpm_distribution.system import own
from rpm_distribution.world import World
from rpm_fixtures import RpmYard
from tiny_distribution import Entry, Package

PEM = "-----BEGIN CERTIFICATE-----\nMIIBjTCC/+=\n-----END CERTIFICATE-----\n"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAnna"
HASH = "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1"  # noqa: E501
PEOPLE = f"""\
rootpw --plaintext --allow-ssh topsecret
group --name=operators --gid=3000
group --name=audio2
group --name=tty --gid=99
user --name=anna --uid=2001 --gid=2500 --groups=operators,wheel2(4000),new --homedir=/srv/anna \
--shell=/bin/sh --gecos="Anna Example,,," --password=hushhush --plaintext
user --name=anna --uid=2002 --homedir=/srv/other
user --name=bert --iscrypted --password={HASH}
user --name=clara --lock --password=hushhush --plaintext
user --name=dora
user --name=emil --gid=3000 --homedir=/opt/people/emil
user --name=audio2
sshkey --username=anna "{KEY} anna"
sshkey --username=anna "{KEY}2 anna"
sshkey --username=root "{KEY} root"
sshkey --username=keeper "{KEY} keeper"
"""
NETWORK = """\
network --bootproto=static --device=eth0 --ip=192.0.2.10 --netmask=255.255.255.0 \
--gateway=192.0.2.1 --nameserver=192.0.2.53 --ipv6=2001:db8::10/64 --ipv6gateway=2001:db8::1 \
--hostname=static.example.org
network --device=eth1 --bootproto=dhcp --noipv6 --mtu=9000 --onboot=off
"""
MADE_OF_OTHERS = """\
network --device=bond0 --bondslaves=eth2,eth3 --bondopts=mode=active-backup,miimon=100 --noipv4
network --device=eth0 --vlanid=171 --interfacename=storage.171 --bootproto=dhcp
"""
CERTIFICATES = f"""\
%certificate --filename=early.pem --dir=/etc/pki/new
{PEM}%end
%certificate --filename=ca.pem --type=anchor
{PEM}%end
"""
BEFORE = """\
%pre-install
mkdir -p /mnt/sysimage/srv/anna/deep
echo kept > /mnt/sysimage/srv/anna/deep/before
echo daemon > /mnt/sysimage/srv/anna/foreign
chown 7:8 /mnt/sysimage/srv/anna/foreign
%end
"""
SEES_CERTIFICATE = "cp /etc/pki/new/early.pem /var/lib/seen; rm /etc/pki/new/early.pem"
KEEPER = "useradd -r -m -d /var/lib/keeper -s /usr/sbin/nologin keeper"
TRUSTS = "#!/bin/sh\ncat /usr/local/share/ca-certificates/*.crt > /etc/trusted\n"
SYSTEMCTL = '#!/bin/sh\necho "$@" >> /var/lib/systemctl\n'


@dataclass(frozen=True)
class Built:
    """The root in an image, and what was said while it was built."""

    tree: Tree
    said: str

    def keyfile(self, name: str) -> configparser.ConfigParser:
        parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
        place = f"/etc/NetworkManager/system-connections/{name}.nmconnection"
        parser.read_string(self.tree.text(place))
        return parser


def _program(path: str, text: str = "#!/bin/sh\n") -> Entry:
    return Entry(path, text.encode(), 0o755)


PACKAGES = (
    Package("apt", (Entry("etc/apt/sources.list.d", None),)),
    Package("keeper", scripts={"postinst": KEEPER}, depends="tiny-base"),
    Package("watcher", scripts={"postinst": SEES_CERTIFICATE}),
    Package("ca-certificates", (_program("usr/sbin/update-ca-certificates", TRUSTS),)),
    Package("network-manager", (_program("usr/sbin/NetworkManager"),)),
    Package("ifupdown", (_program("usr/sbin/ifup"),)),
    Package("dhcp-client", (_program("usr/sbin/dhclient"),)),
    Package("systemd", (_program("usr/lib/systemd/systemd-networkd"),
                        _program("usr/bin/systemctl", SYSTEMCTL))),
)  # fmt: skip


@pytest.fixture(scope="module")
def debian(
    server: Mirror, archives: Path, open_place: Path
) -> Iterator[Callable[[str, str, str], Built]]:
    """Build a system of packages named in one line, with *lines* and sections of a kickstart."""
    place = Path(tempfile.mkdtemp(prefix="people-", dir=open_place))
    place.chmod(0o755)
    server.behave()
    yard = Yard(place, building.root(), server, open_place / "trusted.gpg", open_place / "store")

    def build(packages: str, lines: str, sections: str) -> Built:
        name = f"people{len(list(place.glob('*.ks')))}"
        url = f"{server.url}/people/dists/stable?signed-by={place}/signer.gpg"
        more = f"repo --name=people --install --baseurl={url}\n{lines}{sections}"
        recipe = yard.recipe("apt", *packages.split(), more=more, name=name)
        said = yard.build(recipe, "-f", "raw").said
        return Built(Tree(yard.image(name)), said)

    with tiny.signer(place / "signer") as (words, _):
        (place / "signer.gpg").chmod(0o644)
        tiny.publish(archives / "people", PACKAGES, sign=words)
        yield build
    shutil.rmtree(archives / "people")
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def people(debian: Callable[[str, str, str], Built]) -> Built:
    packages = "keeper watcher ca-certificates network-manager ifupdown"
    return debian(packages, PEOPLE + NETWORK + MADE_OF_OTHERS, CERTIFICATES + BEFORE)


def shadow(built: Built, name: str) -> list[str]:
    return built.tree.entry("/etc/shadow", name)


def test_a_user_has_the_ids_home_shell_and_description_of_the_line(people: Built) -> None:
    fields = ["anna", "x", "2001", "2500", "Anna Example,,,", "/srv/anna", "/bin/sh"]
    assert people.tree.entry("/etc/passwd", "anna") == fields


def test_an_id_of_a_group_that_nobody_has_makes_a_group_of_the_users_name(people: Built) -> None:
    assert people.tree.entry("/etc/group", "anna") == ["anna", "x", "2500", ""]
    assert people.tree.entry("/etc/passwd", "emil")[3] == "3000"
    assert people.tree.entry("/etc/group", "emil") == []


def test_groups_have_their_ids_and_members(people: Built) -> None:
    assert people.tree.entry("/etc/group", "operators") == ["operators", "x", "3000", "anna"]
    assert people.tree.entry("/etc/group", "wheel2") == ["wheel2", "x", "4000", "anna"]
    assert people.tree.entry("/etc/group", "new")[3] == "anna"


def test_a_group_of_a_package_stays_as_it_is(people: Built) -> None:
    assert people.tree.entry("/etc/group", "tty")[2] == "5"
    assert "group tty: a package made it, with the id 5; it stays so" in people.said


def test_a_user_joins_the_group_of_the_same_name(people: Built) -> None:
    [_, _, group, _] = people.tree.entry("/etc/group", "audio2")
    assert people.tree.entry("/etc/passwd", "audio2")[3] == group


def test_a_duplicate_user_is_skipped(people: Built) -> None:
    assert not people.tree.exists("/srv/other")
    names = [line.split(":")[0] for line in people.tree.text("/etc/passwd").splitlines()]
    assert names.count("anna") == 1


def test_a_plain_password_is_hashed(people: Built) -> None:
    for name, password in (("root", "topsecret"), ("anna", "hushhush")):
        assert same_password(password, shadow(people, name)[1])


def test_a_hash_is_in_shadow_as_it_is_written(people: Built) -> None:
    assert shadow(people, "bert")[1] == HASH


def test_a_locked_user_keeps_the_password_behind_a_mark(people: Built) -> None:
    locked = shadow(people, "clara")[1]
    assert locked[0] == "!"
    assert same_password("hushhush", locked[1:])


NAMES = {"70-kernel-names.link"}  # since devices are called eth0


def test_a_user_without_a_password_is_locked(people: Built) -> None:
    assert shadow(people, "dora")[1] == "!"


def test_no_user_has_to_change_the_password_at_the_first_login(people: Built) -> None:
    lines = [line.split(":") for line in people.tree.text("/etc/shadow").splitlines()]
    assert "0" not in {fields[2] for fields in lines}


def test_root_is_let_in_over_ssh_with_the_password_where_the_line_says_so(people: Built) -> None:
    place = "/etc/ssh/sshd_config.d/01-permitrootlogin.conf"
    assert "\nPermitRootLogin yes\n" in people.tree.text(place)
    assert people.tree.mode(place) == "0:0 600"


def test_a_home_that_is_there_becomes_the_users_but_for_what_is_somebody_elses(
    people: Built,
) -> None:
    assert people.tree.text("/srv/anna/deep/before") == "kept\n"
    for path in ("/srv/anna", "/srv/anna/deep", "/srv/anna/deep/before"):
        assert people.tree.mode(path).startswith("2001:2500 ")
    assert people.tree.mode("/srv/anna/foreign").startswith("7:8 ")


def test_a_home_in_a_new_directory_is_made(people: Built) -> None:
    uid = people.tree.entry("/etc/passwd", "emil")[2]
    assert people.tree.mode("/opt/people/emil").startswith(f"{uid}:3000 ")
    assert people.tree.mode("/opt/people") == "0:0 755"


def test_keys_are_where_sshd_trusts_them(people: Built) -> None:
    keeper = people.tree.entry("/etc/passwd", "keeper")
    for home, owner, keys in (
        ("/srv/anna", "2001:2500", f"{KEY} anna\n{KEY}2 anna\n"),
        ("/root", "0:0", f"{KEY} root\n"),
        ("/var/lib/keeper", f"{keeper[2]}:{keeper[3]}", f"{KEY} keeper\n"),
    ):
        assert people.tree.text(f"{home}/.ssh/authorized_keys") == keys
        assert people.tree.mode(f"{home}/.ssh") == f"{owner} 700"
        assert people.tree.mode(f"{home}/.ssh/authorized_keys") == f"{owner} 600"


def test_a_key_for_nobody_is_an_error(debian: Callable[[str, str, str], Built]) -> None:
    with pytest.raises(AssertionError, match="the image has no user nobody-here with a home"):
        debian("", f'sshkey --username=nobody-here "{KEY} x"\n', "")


def test_a_certificate_is_there_before_packages_and_again_after_them(people: Built) -> None:
    assert people.tree.text("/var/lib/seen") == PEM
    assert people.tree.text("/etc/pki/new/early.pem") == PEM


def test_an_anchor_is_trusted_by_the_distributions_own_program(people: Built) -> None:
    assert people.tree.text("/usr/local/share/ca-certificates/ca.crt") == PEM
    assert people.tree.text("/etc/trusted") == PEM


def test_apt_is_told_of_a_repository_that_is_installed(people: Built) -> None:
    text = people.tree.text("/etc/apt/sources.list.d/people.sources")
    assert text.startswith("Types: deb\nURIs: http://127.0.0.1:")
    assert "/people\nSuites: stable\nComponents: main\nSigned-By: /" in text
    assert "repo --install people: the image has no /" in people.said


def test_network_manager_is_told_where_it_is_there(people: Built) -> None:
    assert people.tree.text("/etc/hostname") == "static.example.org\n"
    eth0 = people.keyfile("eth0")
    assert eth0["ipv4"]["address1"] == "192.0.2.10/24"
    assert eth0["ipv6"]["gateway"] == "2001:db8::1"
    assert people.keyfile("eth1")["connection"]["autoconnect"] == "false"
    assert people.keyfile("bond0_slave_2")["connection"]["controller"] == "bond0"
    assert people.keyfile("storage.171")["vlan"]["parent"] == "eth0"
    place = "/etc/NetworkManager/system-connections"
    modes = {people.tree.mode(f"{place}/{name}") for name in people.tree.names(place)}
    assert modes == {"0:0 600"}
    assert people.tree.names("/etc/systemd/network") == NAMES
    assert people.tree.names("/etc/network/interfaces.d") == set()


def test_ifupdown_is_told_where_it_is_there_and_can(
    debian: Callable[[str, str, str], Built],
) -> None:
    built = debian("ifupdown dhcp-client systemd", NETWORK, "")
    assert built.tree.names("/etc/network/interfaces.d") == {"eth0", "eth1"}
    text = built.tree.text("/etc/network/interfaces.d/eth0")
    assert "iface eth0 inet static\n    address 192.0.2.10/24\n    gateway 192.0.2.1\n" in text
    assert built.tree.names("/etc/systemd/network") == NAMES


def test_systemd_networkd_is_told_of_what_ifupdown_cannot(
    debian: Callable[[str, str, str], Built],
) -> None:
    built = debian("ifupdown dhcp-client systemd", NETWORK + MADE_OF_OTHERS, "")
    assert built.tree.names("/etc/network/interfaces.d") == set()
    assert built.tree.names("/etc/systemd/network") - NAMES == {
        "10-bond0.netdev", "10-bond0.network", "10-eth0.network", "10-eth1.network",
        "10-eth2.network", "10-eth3.network", "10-storage.171.netdev", "10-storage.171.network",
    }  # fmt: skip
    assert "VLAN=storage.171\n" in built.tree.text("/etc/systemd/network/10-eth0.network")
    assert built.tree.text("/etc/resolv.conf") == "nameserver 192.0.2.53\n"
    assert "enable systemd-networkd\n" in built.tree.text("/var/lib/systemctl")


def test_ifupdown_is_not_told_where_it_has_no_program_that_asks_for_an_address(
    debian: Callable[[str, str, str], Built],
) -> None:
    built = debian("ifupdown systemd", NETWORK, "")
    assert built.tree.names("/etc/network/interfaces.d") == set()
    assert (
        built.tree.names("/etc/systemd/network") == {"10-eth0.network", "10-eth1.network"} | NAMES
    )


def test_an_image_without_a_program_for_the_network_is_made_and_said(
    debian: Callable[[str, str, str], Built],
) -> None:
    built = debian("", "network --bootproto=dhcp\n", "")
    assert "network: the image has no program that reads its settings" in built.said
    assert "DHCP=yes" in built.tree.text("/etc/systemd/network/80-ethernet.network")


@pytest.fixture(scope="module")
def rpm(
    rpm_server: Mirror,
    tiny_rpm_world: World,
    open_place: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Built]:
    """A system of the RPM family whose network systemd-networkd sets up."""
    place = Path(tempfile.mkdtemp(prefix="people-", dir=open_place))
    networkd = own("systemd-networkd", "Sets the network up")
    networkd.files = [
        directory("/usr/lib/systemd"),
        regular("/usr/lib/systemd/systemd-networkd", "#!/bin/sh\n", 0o755),
        regular("/usr/bin/systemctl", SYSTEMCTL, 0o755),
    ]
    trust = own("ca-certificates", "Trusts")
    anchors = TRUSTS.replace(
        "/usr/local/share/ca-certificates/*.crt", "/etc/pki/ca-trust/source/anchors/*"
    )
    trust.files = [regular("/usr/bin/update-ca-trust", anchors, 0o755)]
    watcher = own("watcher", "Sees a certificate")
    watcher.shell("post", SEES_CERTIFICATE)
    watcher.require("coreutils")
    keeper = own("keeper", "Has an account")
    keeper.shell("post", KEEPER)
    keeper.require("shadow-utils")
    publish(rpm_server.place / "people", ready([networkd, trust, watcher, keeper]), None)
    rpm_server.behave()
    yard = RpmYard(place, building.root(), rpm_server, tiny_rpm_world.key, open_place / "rpm-store")
    lines = f"repo --name=base --baseurl={rpm_server.url}/base\n"
    lines += f"repo --name=people --baseurl={rpm_server.url}/people --install --cost=7\n"
    packages = ("shadow-utils", "glibc-common", "systemd-networkd", "watcher", "keeper")
    recipe = yard.recipe(
        *packages, name="people", lines=lines + PEOPLE + NETWORK + MADE_OF_OTHERS,
        more=CERTIFICATES + BEFORE,
    )  # fmt: skip
    said = yard.build(recipe, "-f", "raw", "--no-gpg-check", "people").said
    yield Built(Tree(yard.image("people")), said)
    shutil.rmtree(rpm_server.place / "people")
    shutil.rmtree(place)


def test_people_are_the_same_in_an_rpm_system(rpm: Built) -> None:
    assert rpm.tree.entry("/etc/passwd", "anna")[2:4] == ["2001", "2500"]
    assert rpm.tree.entry("/etc/group", "wheel2") == ["wheel2", "x", "4000", "anna"]
    assert same_password("topsecret", shadow(rpm, "root")[1])
    assert shadow(rpm, "dora")[1:3] == ["!", ""]
    assert rpm.tree.mode("/srv/anna/deep/before").startswith("2001:2500 ")
    assert rpm.tree.text("/var/lib/keeper/.ssh/authorized_keys") == f"{KEY} keeper\n"
    assert rpm.tree.mode("/srv/anna/.ssh/authorized_keys") == "2001:2500 600"


def test_certificates_are_the_same_in_an_rpm_system(rpm: Built) -> None:
    assert rpm.tree.text("/var/lib/seen") == PEM
    assert rpm.tree.text("/etc/pki/new/early.pem") == PEM
    assert rpm.tree.text("/etc/pki/ca-trust/source/anchors/ca.pem") == PEM
    assert rpm.tree.text("/etc/trusted") == PEM


def test_dnf_is_told_of_a_repository_that_is_installed(rpm: Built) -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(rpm.tree.text("/etc/yum.repos.d/people.repo"))
    assert parser["people"]["baseurl"].endswith("/people")
    assert (parser["people"]["enabled"], parser["people"]["cost"]) == ("1", "7")
    assert not rpm.tree.exists("/etc/yum.repos.d/base.repo")


def test_systemd_networkd_is_told_where_there_is_no_network_manager(rpm: Built) -> None:
    assert not rpm.tree.exists("/etc/NetworkManager")
    text = rpm.tree.text("/etc/systemd/network/10-eth0.network")
    assert "Address=192.0.2.10/24\nGateway=192.0.2.1\n" in text
    assert "Mode=active-backup\n" in rpm.tree.text("/etc/systemd/network/10-bond0.netdev")
    assert "enable systemd-networkd\n" in rpm.tree.text("/var/lib/systemctl")
