"""The words that QEMU is started with, for each kind of machine."""

import base64
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from appliance.boot import controllers
from appliance.boot.credentials import Credential
from appliance.boot.emulator import Launch, MachineFiles, arguments
from appliance.boot.ovmf import Ovmf
from appliance.bundle.model import DISK_BUSES, NETWORK_CARDS, Machine
from appliance.errors import RequestError
from appliance.intake.images import Disk, Image
from appliance.units import GIB, MIB

IMAGE = Image("web", Path("/w/a,b.raw"), (Disk(Path("/w/a,b.raw"), "raw"),), Machine())
TWO = replace(IMAGE, disks=(Disk(Path("/w/a.qcow2"), "qcow2"), Disk(Path("/w/b.raw"), "raw")))
PLACE = MachineFiles(Path("/t"), Path("/t/log"))


def said(launch: Launch) -> list[str]:
    return arguments(launch, PLACE, accelerator=("-accel", "tcg"))


def words(launch: Launch) -> str:
    return " ".join(said(launch))


def after(option: str, launch: Launch) -> list[str]:
    """All values of *option*."""
    found = said(launch)
    return [value for word, value in pairwise(found) if word == option]


def machine(**kinds: object) -> Launch:
    image = replace(TWO, machine=replace(TWO.machine, **kinds))  # type: ignore[arg-type]
    return Launch(image, memory=GIB, cpus=1)


def test_disks_are_left_alone_unless_asked() -> None:
    launch = Launch(IMAGE, memory=512 * MIB, cpus=2)

    assert "snapshot=on,discard=unmap,file=/w/a,,b.raw" in words(launch)
    kept = words(Launch(IMAGE, memory=512 * MIB, cpus=2, persist=True))
    assert "snapshot=off,discard=unmap,file=/w/a,,b.raw" in kept
    assert "-m 512M" in kept
    assert "-smp 2" in kept


def test_memory_is_never_nothing() -> None:
    assert after("-m", Launch(IMAGE, memory=1, cpus=1)) == ["1M"]


def test_secrets_are_not_on_the_command_line() -> None:
    launch = Launch(IMAGE, memory=GIB, cpus=1, credentials=(Credential("a", "secret"),))

    assert after("-smbios", launch) == ["type=11,path=/t/credential-0"]
    assert base64.b64encode(b"secret").decode() not in words(launch)
    assert "secret" not in words(launch)


def test_ports_are_bound_to_this_machine_only_and_lead_to_the_first_card() -> None:
    launch = replace(machine(interfaces=2), ports=((8080, 80), (2222, 22)))

    assert after("-netdev", launch) == [
        "user,id=net0,hostfwd=tcp:127.0.0.1:8080-:80,hostfwd=tcp:127.0.0.1:2222-:22",
        "user,id=net1",
    ]


@pytest.mark.parametrize("disk_bus", DISK_BUSES)
@pytest.mark.parametrize("network_card", NETWORK_CARDS)
def test_each_machine_has_its_disks_and_cards(disk_bus: str, network_card: str) -> None:
    launch = machine(disk_bus=disk_bus, network_card=network_card)
    kind = controllers.BUSES[disk_bus]

    devices = after("-device", launch)

    disks = [device for device in devices if "drive=disk" in device]
    assert [device.split(",")[0] for device in disks] == [kind.disk] * 2
    assert [device.rsplit(",", 1)[1] for device in disks] == ["bootindex=1", "bootindex=2"]
    assert devices.count(kind.controller) == bool(kind.controller)
    cards = [device for device in devices if "netdev=" in device]
    assert cards == [f"{controllers.CARDS[network_card]},netdev=net0,romfile="]
    assert after("-machine", launch) == [f"{kind.machine},graphics=off"]


def test_a_machine_without_a_network_has_no_card() -> None:
    assert "net" not in " ".join(after("-device", machine(interfaces=0)))
    assert after("-netdev", machine(interfaces=0)) == []


def test_what_is_made_at_launch_lies_in_the_machines_own_directory() -> None:
    packed = Disk(Path("/w/a.raw.xz"), "raw", packed=True)
    empty = Disk(Path("/w/data.vmdk"), "vmdk", scratch=GIB)
    launch = Launch(replace(IMAGE, disks=(packed, empty)), memory=GIB, cpus=1)

    assert after("-drive", launch) == [
        "if=none,id=disk0,format=raw,snapshot=off,discard=unmap,file=/t/scratch-0",
        "if=none,id=disk1,format=raw,snapshot=off,discard=unmap,file=/t/scratch-1",
    ]


def test_firmware_is_read_and_its_variables_are_the_machines_own() -> None:
    ovmf = Ovmf(Path("/f/code,1"), Path("/f/variables"), "qcow2")

    flash = after("-drive", Launch(IMAGE, memory=GIB, cpus=1, ovmf=ovmf))[:2]

    assert flash == [
        "if=pflash,format=qcow2,unit=0,readonly=on,file=/f/code,,1",
        "if=pflash,format=qcow2,unit=1,file=/t/variables",
    ]


def test_discs_are_only_read() -> None:
    launch = replace(machine(disk_bus="ide"), discs=(Path("/d/seed.iso"),))

    assert after("-drive", launch)[-1] == (
        "if=none,id=disc0,format=raw,readonly=on,file=/d/seed.iso"
    )
    assert "ide-cd,bus=ide.1,unit=1,drive=disc0" in after("-device", launch)


def test_a_window_and_a_monitor_only_if_asked() -> None:
    plain = Launch(IMAGE, memory=GIB, cpus=1)
    both = replace(plain, graphics=True, monitor=True)

    assert after("-display", plain) == ["none"]
    assert after("-display", both) == ["gtk"]
    assert after("-machine", both) == ["q35,graphics=on"]
    assert "-mon" not in said(plain)
    assert after("-mon", both) == ["chardev=console,mode=readline"]
    assert "mux=off" in after("-chardev", plain)[0]
    assert "mux=on" in after("-chardev", both)[0]


def test_nothing_of_this_machine_is_taken_along() -> None:
    assert {"-nodefaults", "-no-user-config"} <= set(said(machine()))


def test_a_name_with_an_equals_sign_is_a_name() -> None:
    launch = Launch(replace(IMAGE, name="a=b,c"), memory=GIB, cpus=1)
    assert after("-name", launch) == ["guest=a=b,,c"]


@pytest.mark.parametrize(("memory", "cpus"), [(9999999999 << 40, 0), (0, 1025)])
def test_no_machine_is_larger_than_machines_are(memory: int, cpus: int) -> None:
    with pytest.raises(RequestError, match=r"64 TiB|1 to 1024 processors") as caught:
        IMAGE.sized(memory=memory, cpus=cpus)
    assert caught.value.exit_code == 2
