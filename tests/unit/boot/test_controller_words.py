"""Where each disk hangs, on each bus; what QEMU makes of it, tests/tools/test_controllers.py."""

import pytest

from appliance.boot.controllers import BUSES, bus, card, disc_devices, disk_devices
from appliance.errors import RequestError


@pytest.mark.parametrize("name", BUSES)
def test_no_two_disks_are_in_one_place(name: str) -> None:
    kind = BUSES[name]
    devices = disk_devices(name, [f"d{number}" for number in range(kind.places)])[1::2]
    if kind.controller:
        assert devices.pop(0) == kind.controller

    places = [device.split(",drive=")[0] for device in devices]
    assert len(places) == kind.places
    if kind.shared:
        assert len(set(places)) == kind.places
    with pytest.raises(RequestError, match=f"room for {kind.places} disks"):
        disk_devices(name, ["d"] * (kind.places + 1))


@pytest.mark.parametrize("name", ["sata", "ide"])
def test_the_last_place_is_the_cd_drives(name: str) -> None:
    disks = disk_devices(name, [f"d{number}" for number in range(BUSES[name].places)])
    _, disc = disc_devices(name, ["disc0"])

    taken = {word.partition(",")[2].partition(",drive=")[0] for word in disks[1::2]}
    assert disc.partition(",")[2].partition(",drive=")[0] not in taken
    with pytest.raises(RequestError, match="one CD drive"):
        disc_devices(name, ["disc0", "disc1"])


def test_other_buses_have_cd_drives_on_a_controller_of_their_own() -> None:
    assert disc_devices("nvme", ["a", "b"]) == [
        *("-device", "virtio-scsi-pci,id=discs"),
        *("-device", "scsi-cd,bus=discs.0,scsi-id=0,drive=a"),
        *("-device", "scsi-cd,bus=discs.0,scsi-id=1,drive=b"),
    ]


@pytest.mark.parametrize("name", BUSES)
def test_no_disks_need_no_controller(name: str) -> None:
    assert disk_devices(name, []) == []
    assert disc_devices(name, []) == []


def test_nothing_said_is_virtio() -> None:
    assert (bus(""), card("")) == (BUSES["virtio"], "virtio-net-pci")
