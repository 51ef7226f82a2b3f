"""What people bring and cannot be built as it is: the advice of each refusal is followed, and
works."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.creation.foresee import Foreseen, Launched, foresee
from appliance.packages.resolve import settle
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides
from appliance.recipe.reading.load import load
from appliance.recipe.repository_options import RepositoryOptions
from appliance.units import GIB

HEAD = "repo --name=rocky-9\nrootpw --lock\n"
ROOT = "part / --fstype=xfs --size=2000\n"
HASH = f"$6$salt${'a' * 86}"
LVM = "part pv.01 --size={size}\nvolgroup rl pv.01\nlogvol / --vgname=rl --name=root --size=15360"


@dataclass(frozen=True)
class Case:
    """Lines that are refused, how, and the same lines once somebody followed the advice."""

    lines: str
    problem: str
    advice: str
    then: str


CASES = [
    Case(
        LVM.format(size=15360),
        "the logical volumes of rl need 15360 MiB, the group has 15356 MiB",
        "4 MiB more in a pv. partition",
        LVM.format(size=15364),
    ),
    Case(f"{ROOT}bootc --source-imgref=x", "not of a container", "leave the line out", ROOT),
    Case(f"{ROOT}ostreecontainer --url=x", "not of a container", "list packages in", ROOT),
    Case(f"{ROOT}ostreesetup --url=x", "not of an OSTree commit", "leave the line out", ROOT),
    Case(f"{ROOT}liveimg --url=x", "not of another image", "leave the line out", ROOT),
    Case(f"{ROOT}rhsm --organization=x", "nothing is registered", "leave the line out", ROOT),
    Case(
        f"{ROOT}network --ipv6=soon",
        "network --ipv6: 'soon' is not such an address",
        "--ipv6=2001:db8::7/64, auto, dhcp or ignore",
        f"{ROOT}network --ipv6=2001:db8::7/64\nnetwork --ipv6=ignore --device=eth1",
    ),
    Case(
        f"{ROOT}network --bootproto=static --ip=300.1.1.1 --netmask=255.0.0.0",
        "network --ip: '300.1.1.1' is not such an address",
        "--ip=192.0.2.7",
        f"{ROOT}network --bootproto=static --ip=192.0.2.7 --netmask=255.0.0.0",
    ),
    Case(
        f"{ROOT}repo --name=x --baseurl=ftp://mirror.example.org/x/",
        "'ftp://mirror.example.org/x/': nothing is fetched here by ftp",
        "https://mirror.example.org/x/",
        f"{ROOT}repo --name=x --baseurl=https://mirror.example.org/x/",
    ),
    Case(
        "part / --fstype=xfs --size=2000 --label=system-of-mine",
        "--label=system-of-mine: a label has at most 12 bytes",
        "--label=system-of-mi",
        "part / --fstype=xfs --size=2000 --label=system-of-mi",
    ),
    Case(
        f"{ROOT}part /srv --fstype=xfs --size=20",
        "/srv: xfs needs 300 MiB",
        "--size=300, or --fstype=ext4",
        f"{ROOT}part /srv --fstype=xfs --size=300\npart /home --fstype=ext4 --size=20",
    ),
    Case(
        f"{ROOT}firewall --enabled --port=99999:tcp",
        "firewall --port=99999:tcp: no port",
        "--port=80:tcp,53:udp",
        f"{ROOT}firewall --enabled --port=80:tcp,53:udp",
    ),
    Case(
        f"{ROOT}sshkey --username=root 'my key'",
        "sshkey: not a public key",
        'sshkey --username=root "ssh-ed25519 AAAA',
        f'{ROOT}sshkey --username=root "ssh-ed25519 AAAAC3 me"',
    ),
    Case(
        f"{ROOT}rootpw {HASH}",
        "rootpw: a hash",
        "--iscrypted",
        f"{ROOT}rootpw --iscrypted {HASH}",
    ),
    Case(
        f"{ROOT}user --name=a --password={HASH}",
        "user: a hash",
        "--iscrypted",
        f"{ROOT}user --name=a --iscrypted --password={HASH}",
    ),
    Case(
        f"{ROOT}timezone Europe/Berln",
        "there is no time zone Europe/Berln",
        "timezone Europe/Berlin --utc",
        f"{ROOT}timezone Europe/Berlin --utc",
    ),
    Case(
        "part / --onpart=vda1 --fstype=xfs",
        "no %pre made vda1",
        "--size=MIB instead of --onpart",
        "part / --size=2000 --fstype=xfs",
    ),
    Case(
        f"{ROOT}%include /tmp/x.ks",
        "there is no file /tmp/x.ks, and no %pre that would write it",
        "--include-path DIRECTORY of x.ks",
        f"{ROOT}%include x.ks",
    ),
]  # fmt: skip


def foreseen(
    place: Path, lines: str, options: RepositoryOptions | None = None, **target: int
) -> Foreseen:
    file = place / "web.ks"
    file.write_text(f"{HEAD}{lines}\n%packages\n%end\n")
    launched = Launched(Target(disk_size=target.get("disk_size")))
    return foresee(file, Overrides(), options or RepositoryOptions(lenient=True), launched)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.problem[:40])
def test_it_is_refused_and_its_advice_works(tmp_path: Path, case: Case) -> None:
    (problem,) = foreseen(tmp_path, case.lines).problems

    assert case.problem in problem.problem
    assert case.advice in problem.hint
    assert problem.where, "no place"
    assert problem.where.line > 2

    (tmp_path / "x.ks").write_text("lang C.UTF-8\n")
    assert foreseen(tmp_path, case.then).problems == ()


def test_a_group_that_grows_is_as_large_as_its_volumes(tmp_path: Path) -> None:
    lines = LVM.format(size="100 --grow")

    assert foreseen(tmp_path, lines).problems == ()
    (small,) = foreseen(tmp_path, lines, disk_size=2 * GIB).problems
    assert small.hint.startswith("--disk-size 15363MiB")
    assert foreseen(tmp_path, lines, disk_size=15363 << 20).problems == ()


THIN = """\
part pv.01 --size=900
volgroup v pv.01
logvol none --vgname=v --name=pool --size=800 --thinpool --metadatasize=4 --chunksize=64
logvol / --vgname=v --name=root --size=600 --fstype=xfs --thin --poolname=pool"""
HONOURED = {
    THIN: "logvol root: a plain volume, which has all of its size at once",
    f"{ROOT}repo --name=x --baseurl=file:///run/install/repo/AppStream":
        "repo: there is no installation medium, where this repository would be",
    f"{ROOT}repo --name=x --baseurl=mirror.example.org/x": "repo --baseurl: write http:// before",
    f"{ROOT}%packages\n-grub\\*\n%end": "%packages -grub\\*: write -grub*",
}  # fmt: skip


@pytest.mark.parametrize("lines", HONOURED)
def test_it_is_honoured_and_said(tmp_path: Path, lines: str) -> None:
    found = foreseen(tmp_path, lines)

    assert found.problems == ()
    assert any(note.text.startswith(HONOURED[lines]) for note in found.notes)


SOURCES = ("", "cdrom\n", "url --url=https://mirror.example.org/os\n",
           "url --mirrorlist=https://mirror.example.org/list?repo=$releasever\n",
           "repo --name=rhel-9\n")  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("scheme", ["", " --type=lvm", " --type=btrfs", " --type=plain"])
@pytest.mark.parametrize("architecture", ["x86_64", "aarch64"])
def test_autopart_waits_for_no_repository(
    tmp_path: Path, source: str, scheme: str, architecture: str
) -> None:
    file = tmp_path / "auto.ks"
    file.write_text(f"{source}rootpw --lock\nautopart{scheme}\n%packages\n%end\n")

    launched = Launched(Target(architecture=architecture))
    found = foresee(file, Overrides(), RepositoryOptions(), launched)

    assert found.problems == ()
    assert found.open, "nothing says what a build would still have to be told"


ALONE = [
    "repo --name=updates",
    "repo --name=fedora\nrepo --name=updates",
    "url --url=https://h/x/os\nrepo --name=updates",
]


@pytest.mark.parametrize("lines", ALONE)
def test_a_repository_of_a_release_waits_for_the_release(tmp_path: Path, lines: str) -> None:
    file = tmp_path / "u.ks"
    file.write_text(f"{lines}\nrootpw --lock\nautopart\n%packages\n%end\n")
    found = foresee(file, Overrides(), RepositoryOptions(lenient=True), Launched(Target()))
    assert found.problems == ()
    assert found.open
    assert "--releasever VERSION" in found.open.hint

    told = RepositoryOptions(lenient=True, releasever="44")
    assert foresee(file, Overrides(), told, Launched(Target())).open is None


@pytest.mark.parametrize(
    "lines",
    ["repo --name=fedora-44\nrepo --name=updates", "repo --name=rocky-9\nrepo --name=baseos",
     "repo --name=fedora --baseurl=https://h/fedora/44/os\nrepo --name=updates"],
)  # fmt: skip
def test_a_repository_of_a_release_that_is_named_is_there_once(tmp_path: Path, lines: str) -> None:
    file = tmp_path / "u.ks"
    file.write_text(f"{lines}\nrootpw --lock\nautopart\n%packages\n%end\n")
    ask = settle(load(file), RepositoryOptions(lenient=True), Target(), tools="")

    names = [*ask.accesses()]
    assert len(names) == len(set(names)) == 2


def test_what_is_open_is_said_where_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.ks"
    file.write_text(
        f"{ROOT}rootpw --lock\n\nurl --url=https://mirror.example.org/os\n%packages\n%end\n"
    )
    found = foresee(file, Overrides(), RepositoryOptions(), Launched(Target()))

    assert [note.where.line for note in found.notes if "no key is known" in note.text] == [4]
    told = RepositoryOptions(unchecked=("url",))
    assert foresee(file, Overrides(), told, Launched(Target())).open is None
    wrong = RepositoryOptions(unchecked=("urk",))
    (problem,) = foresee(file, Overrides(), wrong, Launched(Target())).problems
    assert problem.hint == "--no-gpg-check url"
