"""What is handed to a machine, and how its answers are judged: values only."""

import base64
import json
from pathlib import Path

import pytest
from lxml import etree

from appliance.boot import ovmf
from appliance.boot.access import agree
from appliance.boot.console import FATAL, AcceleratorError, ShellAnswer
from appliance.boot.credentials import Credential, Identity, credentials, parse
from appliance.boot.emulated_instead import instead
from appliance.boot.emulator import Launch, MachineFiles, arguments
from appliance.boot.session import port
from appliance.bundle.model import Machine
from appliance.codec import decode
from appliance.errors import BootError, HostError, RequestError
from appliance.host.accelerator import Accelerator, boot_sector, kvm, tcg
from appliance.intake.images import Disk, Image
from appliance.trial import checks
from appliance.trial.report import PASSED, BootReport, Check, to_json, to_junit
from appliance.units import GIB, MIB

IMAGE = Image("web", Path("/w/a,b.raw"), (Disk(Path("/w/a,b.raw"), "raw"),), Machine())


def test_a_credential_survives_commas_newlines_and_equal_signs() -> None:
    said = Credential("motd", "a,b=c\n").smbios()

    name, _, value = said.removeprefix("io.systemd.credential.binary:").partition("=")
    assert name == "motd"
    assert base64.b64decode(value) == b"a,b=c\n"
    assert "," not in said


def test_identity_becomes_the_names_that_systemd_knows() -> None:
    found = credentials(Identity("ssh-ed25519 AAAA me", "$6$x", "web-1", (("motd", "hi"),)))

    values = {credential.name: credential.value for credential in found}
    assert values["passwd.hashed-password.root"] == "$6$x"
    assert values["ssh.authorized_keys.root"] == "ssh-ed25519 AAAA me\n"
    assert values["system.hostname"] == "web-1"
    assert values["motd"] == "hi"
    encoded = values["tmpfiles.extra"].split()[-1]
    assert base64.b64decode(encoded) == b"ssh-ed25519 AAAA me\n"


def test_no_identity_is_no_credential() -> None:
    assert credentials(Identity()) == ()


def test_the_authors_own_tmpfiles_are_kept_beside_the_key() -> None:
    found = credentials(Identity(ssh_key="k v", extra=(("tmpfiles.extra", "d /x\n"),)))

    text = next(item.value for item in found if item.name == "tmpfiles.extra")
    assert "authorized_keys" in text
    assert text.endswith("d /x\n")


@pytest.mark.parametrize(
    "identity",
    [
        Identity(hostname="under_score"),
        Identity(hostname="a" * 65),
        Identity(extra=(("../x", "v"),)),
        Identity(extra=(("big", "x" * 50_000),)),
    ],
)
def test_what_a_machine_cannot_be_told_is_refused(identity: Identity) -> None:
    with pytest.raises(RequestError):
        credentials(identity)


def test_a_credential_needs_a_name_and_a_value() -> None:
    assert parse("a=b=c") == ("a", "b=c")
    with pytest.raises(RequestError):
        parse("a")


def words(launch: Launch) -> str:
    place = MachineFiles(Path("/t"), Path("/t/log"))
    return " ".join(arguments(launch, place, accelerator=("-accel", "tcg")))


def test_disks_are_left_alone_unless_asked() -> None:
    launch = Launch(IMAGE, memory=512 * MIB, cpus=2)

    assert "snapshot=on,discard=unmap,file=/w/a,,b.raw" in words(launch)
    kept = words(Launch(IMAGE, memory=512 * MIB, cpus=2, persist=True))
    assert "snapshot=off,discard=unmap,file=/w/a,,b.raw" in kept
    assert "-m 512M" in kept
    assert "-smp 2" in kept


def test_secrets_are_not_on_the_command_line() -> None:
    launch = Launch(IMAGE, memory=GIB, cpus=1, credentials=(Credential("a", "secret"),))

    said = words(launch)
    assert "-smbios type=11,path=/t/credential-0" in said
    assert base64.b64encode(b"secret").decode() not in said


def test_ports_are_bound_to_this_machine_only() -> None:
    said = words(Launch(IMAGE, memory=GIB, cpus=1, ports=((8080, 80),)))

    assert "hostfwd=tcp:127.0.0.1:8080-:80" in said


@pytest.mark.parametrize("text", ["80", "a:80", "0:80", "80:65536", ":"])
def test_a_port_is_two_numbers(text: str) -> None:
    assert port("8080:80") == (8080, 80)
    with pytest.raises(RequestError):
        port(text)


def test_missing_firmware_names_its_package(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="ovmf"):
        ovmf.find(tmp_path)
    for name in ("OVMF_CODE.fd", "OVMF_VARS.fd"):
        file = tmp_path / "usr/share/edk2/ovmf" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert ovmf.find(tmp_path).code.name == "OVMF_CODE.fd"


def test_each_accelerator_has_one_successor_and_then_it_ends() -> None:
    failure = AcceleratorError("it died")
    tried: list[Accelerator] = [kvm()]
    while len(tried) < 3:
        tried.append(instead(tried[-1], failure))

    assert [item.name for item in tried] == ["kvm", "tcg", "tcg"]
    assert "max,-cx16" in tried[1].arguments
    assert "max" in tried[2].arguments
    with pytest.raises(BootError, match="it died"):
        instead(tried[-1], failure)
    assert tcg("slow").reason == "slow"


def test_the_probe_is_one_bootable_sector() -> None:
    sector = boot_sector()

    assert len(sector) == 512
    assert sector.endswith(b"\x55\xaa")


def test_who_logs_in() -> None:
    assert agree("me:a:b", None).password == "a:b"
    assert agree("", Path("k")).user == "root"
    assert agree("me", Path("k")).user == "me"
    assert agree("", None).one_time
    assert agree("", None).password != agree("", None).password
    with pytest.raises(RequestError):
        agree("me", None)


ROUTES = (
    "Iface Destination Gateway\n"
    "eth0 00000000 0202000A 0003 0 0 0 00000000 0 0 0\n"
    "address 10.0.2.15/24\n"
)
SIX = "0" * 32 + " 00 " + "0" * 32 + " 00 " + "f" * 32 + " 00000400 1 0 00040003 "


@pytest.mark.parametrize(
    ("output", "passed"),
    [
        (ROUTES, True),
        (SIX + "eth0", True),
        (SIX + "lo", False),
        ("eth0 0002000A 00000000 0001 0 0 0 00FFFFFF 0 0 0", False),
        ("", False),
    ],
)
def test_the_network_is_up_with_a_default_route(output: str, *, passed: bool) -> None:
    assert checks.has_route(ShellAnswer(0, output)).passed is passed


@pytest.mark.parametrize(
    ("output", "passed"),
    [
        ("filesystem=95\ndevice=100\nstart=1\ndisk=612", True),
        ("filesystem=50\ndevice=100\nstart=1\ndisk=612", False),
        ("filesystem=95\ndevice=100\nstart=1\ndisk=611", False),
        ("filesystem=95\ndevice=100\nstart=\ndisk=", True),
        ("filesystem=\ndevice=\n", False),
    ],
)
def test_the_root_filesystem_fills_its_partition(output: str, *, passed: bool) -> None:
    assert checks.fills_its_place(ShellAnswer(0, output)).passed is passed


@pytest.mark.parametrize(("kind", "passed"), [("erofs", True), ("squashfs", True), ("ext4", False)])
def test_what_nobody_writes_to_need_not_fill_its_partition(kind: str, passed: bool) -> None:
    output = f"kind={kind}\nfilesystem=82915328\ndevice=734003200\n"
    verdict = checks.fills_its_place(ShellAnswer(0, output))
    assert verdict.passed is passed
    assert "79.07 MiB on 700 MiB" in verdict.evidence


def test_units_and_states() -> None:
    assert checks.started(ShellAnswer(0, "running\n")).passed
    assert checks.started(ShellAnswer(1, "degraded\n")).passed
    assert not checks.started(ShellAnswer(1, "maintenance\n")).passed
    assert checks.no_unit_failed(ShellAnswer(0, "\n")).passed
    assert not checks.no_unit_failed(ShellAnswer(0, "x.service - X\n")).passed
    assert "disk" in checks.ended_well(ShellAnswer(3, "disk")).evidence


def test_a_missing_check_is_told_before_the_boot(tmp_path: Path) -> None:
    with pytest.raises(RequestError):
        checks.author_check(tmp_path / "no.sh")


def test_phrases_do_not_hide_each_other() -> None:
    phrases = [phrase.words for phrase in FATAL]

    assert len(set(phrases)) == len(phrases)
    assert not [a for a in phrases for b in phrases if a != b and a in b]


def test_reports_are_read_back() -> None:
    bad = Check("network", 1.5, passed=False, evidence="no default route\n\x1b[1m<&")
    report = BootReport(
        "ab", "bios", (Check("login", 2.0, passed=True, evidence="x"), bad), "c", PASSED
    )

    assert decode(BootReport, json.loads(to_json((report,)))["reports"][0]) == report
    suite = etree.fromstring(to_junit("web", (report,)))[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("time")) == ("2", "1", "3.500")
    assert suite.find("testcase/failure").get("message") == "no default route"
