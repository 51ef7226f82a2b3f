"""The words of virt-image, and what they mean."""

from pathlib import Path

import pytest

from appliance.boot.on_libvirt import domain
from appliance.boot.on_libvirt.daemon import Connection
from appliance.boot.on_libvirt.domain import Cpus, Graphics, Network, targets
from appliance.boot.on_libvirt.virt_image_run import Choices
from appliance.cli.virt_image import choices, parser
from appliance.errors import RequestError, Where
from appliance.intake.virt_image import Boot, Drive, StoredDisk
from appliance.units import MIB

HERE = Where(Path("a.xml"), 1)


def typed(*words: str) -> Choices:
    return choices(parser().parse_args(["a.xml", *words]))


def test_nothing_said_is_the_images_choice() -> None:
    assert typed() == Choices()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-n", "web", "--connect", "xen:///"], Choices(name="web", uri="xen:///")),
        (["-r", "256"], Choices(memory=256 * MIB)),
        (["--vcpus", "2"], Choices(cpus=Cpus(2))),
        (["--vcpus", "4,cores=4,maxvcpus=4"], Choices(cpus=Cpus(4, (1, 4, 1)))),
        (["-w", "bridge:br0"], Choices(networks=(Network("bridge", "br0"),))),
        (["-b", "br0"], Choices(networks=(Network("bridge", "br0"),))),
        (["-w", "network=a,model=ne2k"], Choices(networks=(Network("network", "a", "", "ne2k"),))),
        (["-w", "user", "-w", "user"], Choices(networks=(Network("user"),) * 2)),
        (["--nonetworks"], Choices(networks=())),
        (["-m", "52:54:00:AB:00:01", "-m", "RANDOM"], Choices(macs=("52:54:00:ab:00:01", ""))),
        (["--vnc", "--vncport", "5901"], Choices(graphics=Graphics("vnc", port="5901"))),
        (["-k", "de"], Choices(graphics=Graphics("vnc", keymap="de"))),
        (["--sdl"], Choices(graphics=Graphics("sdl"))),
        (["--nographics"], Choices(graphics=Graphics("none"))),
        (["--graphics", "vnc,listen=::"], Choices(graphics=Graphics("vnc", listen="::"))),
        (["--noacpi", "--noapic"], Choices(off=("acpi", "apic"))),
        (["--paravirt", "--boot", "1"], Choices(kind="xen", boot=1)),
        (["--hvm", "--replace", "--noreboot"], Choices(kind="hvm", replace=True, start=False)),
        (["--skip-checksum", "--in-place"], Choices(checksums=False, in_place=True)),
        (["--os-type", "Windows", "--os-variant", "win2k"], Choices(windows=True)),
        (["-d", "-q", "--prompt", "--force"], Choices()),
        (["--check-cpu", "--cpuset", "1"], Choices(check_cpu=True, cpuset="1")),
        (["--cpu", "host"], Choices(model="host")),
        (["-u", "0123456789ABCDEF" * 2], Choices(uuid="01234567-89ab-cdef-0123-456789abcdef")),
    ],
)  # fmt: skip
def test_each_word_has_its_meaning(words: list[str], said: Choices) -> None:
    assert typed(*words) == said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-u", "1234"], "'1234' is no UUID"),
        (["-m", "5254"], "'5254' is no MAC address"),
        (["-w", "wifi:home"], "'wifi:home' is no network"),
        (["-w", "bridge"], "'bridge' is no network"),
        (["-w", "user,rate=1"], "nothing knows 'rate'"),
        (["--graphics", "hologram"], "'hologram' is no kind of graphics"),
        (["--vnc", "--sdl"], "one kind of graphics"),
        (["--vcpus", "0"], "a machine has at least one processor"),
        (["--vcpus", "4,sockets=3"], "are not 4 processors"),
        (["-b", "br0", "--nonetworks"], "--nonetworks and networks"),
    ],
)
def test_words_without_meaning_are_refused(words: list[str], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        typed(*words)


@pytest.mark.parametrize(
    ("kind", "drives", "expected"),
    [
        ("hvm", [("raw", ""), ("raw", "")], ("hda", "hdb")),
        ("hvm", [("raw", "hda"), ("iso", ""), ("raw", "")], ("hda", "hdc", "hdb")),
        ("hvm", [("iso", "hdc"), ("iso", "")], ("hdc", "hda")),
        ("hvm", [("raw", ""), ("raw", "vda")], ("vdb", "vda")),
        ("xen", [("raw", ""), ("iso", "xvda")], ("xvdb", "xvda")),
    ],
)
def test_drives_without_target_take_what_is_free(
    kind: str, drives: list[tuple[str, str]], expected: tuple[str, ...]
) -> None:
    made = tuple(
        Drive(StoredDisk("a", "a", "system", disk_format, 0, "", "", HERE), target, HERE)
        for disk_format, target in drives
    )
    boot = Boot(kind, "x86_64", (), "hd", pygrub=False, kernel="", initrd="", cmdline="",
                drives=made, where=HERE)  # fmt: skip

    assert targets(boot) == expected


@pytest.mark.parametrize(
    ("uri", "local", "session"),
    [
        ("qemu:///system", True, False),
        ("qemu:///session", True, True),
        ("test:///default", True, False),
        ("qemu+unix:///session?socket=/x", True, True),
        ("qemu+ssh://root@host/system", False, False),
    ],
)
def test_addresses_say_where_a_libvirt_is(uri: str, local: bool, session: bool) -> None:
    assert (Connection(uri).is_local, Connection(uri).is_session) == (local, session)


def test_uuids_are_written_as_libvirt_does() -> None:
    plain = "01234567-89ab-cdef-0123-456789abcdef"
    assert domain.uuid(plain) == plain
