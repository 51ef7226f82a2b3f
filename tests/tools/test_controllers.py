"""Every bus and card that a bundle may name: QEMU itself takes our words, and starts from there."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from test_boot_machine import speaker

from appliance.boot import controllers
from appliance.boot.emulator import Launch, MachineFiles, arguments
from appliance.boot.machine import RunningMachine
from appliance.bundle.model import DISK_BUSES, NETWORK_CARDS, Machine
from appliance.errors import RequestError
from appliance.host import accelerator, command
from appliance.intake import compressed_disks as compressed
from appliance.intake.images import Disk, Image
from appliance.units import MIB
from receiving import machine_in


def test_all_that_a_bundle_may_name_is_known() -> None:
    assert set(controllers.BUSES) == set(DISK_BUSES)
    assert set(controllers.CARDS) == set(NETWORK_CARDS)


@pytest.mark.parametrize("bus", DISK_BUSES)
def test_the_bios_starts_the_first_of_two_disks_on_each_bus(bus: str, tmp_path: Path) -> None:
    speaker(tmp_path / "first.raw", "first login: ")
    speaker(tmp_path / "second.raw", "second login: ")
    disks = tuple(Disk(tmp_path / f"{name}.raw", "raw") for name in ("first", "second"))
    (tmp_path / "empty.iso").write_bytes(bytes(MIB))
    card = NETWORK_CARDS[DISK_BUSES.index(bus) % len(NETWORK_CARDS)]
    machine = Machine(disk_bus=bus, network_card=card, interfaces=2)
    launch = Launch(
        Image("two", tmp_path, disks, machine),
        memory=64 * MIB,
        cpus=1,
        discs=(tmp_path / "empty.iso",),
    )

    with RunningMachine(launch, accelerator.tcg("for a test"), log=tmp_path / "log") as running:
        running.console.wait_for("first login: ", seconds=2)
        drives = running.ask("query-block")

    assert [each["device"] for each in drives] == ["disk0", "disk1", "disc0"]  # type: ignore[attr-defined]


def test_too_many_disks_for_a_bus(tmp_path: Path) -> None:
    disks = tuple(Disk(tmp_path / str(number), "raw") for number in range(4))
    launch = Launch(Image("many", tmp_path, disks, Machine(disk_bus="ide")), memory=MIB, cpus=1)

    with pytest.raises(RequestError, match="room for 3 disks on ide, not 4"):
        arguments(launch, MachineFiles(tmp_path, tmp_path / "log"), accelerator=())


@pytest.mark.parametrize(
    ("disk_bus", "network_card", "said"),
    [("floppy", "", "unknown disk bus 'floppy'"), ("", "ne2k", "unknown network card 'ne2k'")],
)
def test_a_bus_that_nobody_knows(disk_bus: str, network_card: str, said: str) -> None:
    image = Image("odd", Path(), (), Machine(disk_bus=disk_bus, network_card=network_card))
    with pytest.raises(RequestError, match=said):
        arguments(
            Launch(image, memory=MIB, cpus=1),
            MachineFiles(Path("/t"), Path("/t/log")),
            accelerator=(),
        )


FORMATS = {
    "vmdk": ["-O", "vmdk"],
    "stream.vmdk": ["-O", "vmdk", "-o", "subformat=streamOptimized"],
    "vdi": ["-O", "vdi"],
    "vhd": ["-O", "vpc", "-o", "force_size=on"],
    "fixed.vhd": ["-O", "vpc", "-o", "subformat=fixed,force_size=on"],
    "vhdx": ["-O", "vhdx"],
    "qcow2": ["-O", "qcow2"],
    "raw.zst": ["zstd", "-q"],
    "raw.gz": ["gzip", "-k", "-S"],
    "raw.xz": ["xz", "-k"],
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disk of 40 MiB that says something, with a hole in it."""
    disk = speaker(tmp_path_factory.mktemp("plain") / "disk.raw", "hello login: ")
    with disk.open("r+b") as file:
        file.seek(39 * MIB)
        file.write(b"end")
        file.truncate(40 * MIB)
    return disk


def in_format(plain: Path, place: Path, suffix: str) -> Path:
    image = place / f"disk.{suffix}"
    words = FORMATS[suffix]
    if words[0] == "-O":
        command.run(["qemu-img", "convert", "-f", "raw", *words, plain, image])
    else:
        with image.open("wb") as file:
            subprocess.run([words[0], "-c", plain], stdout=file, check=True)
    return image


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_starts_and_stays_as_it_was(suffix: str, plain: Path, tmp_path: Path) -> None:
    file = in_format(plain, tmp_path, suffix)
    before = file.read_bytes()
    image = machine_in(file)
    image = replace(image, machine=Machine(disk_bus="ide", interfaces=0))

    start = Launch(image, memory=64 * MIB, cpus=1)
    with RunningMachine(start, accelerator.tcg("for a test"), log=tmp_path / "log") as running:
        running.console.wait_for("hello login: ", seconds=2)

    assert file.read_bytes() == before


@pytest.mark.parametrize("suffix", ["raw.zst", "raw.gz"])
def test_what_is_packed_is_unpacked_with_its_holes(
    suffix: str, plain: Path, tmp_path: Path
) -> None:
    file = in_format(plain, tmp_path, suffix)

    compressed.unpack(file, tmp_path / "again")

    assert (tmp_path / "again").read_bytes() == plain.read_bytes()
    assert (tmp_path / "again").stat().st_blocks * 512 < 5 * MIB
    facts = json.loads(command.run(["qemu-img", "info", "--output=json", tmp_path / "again"]))
    assert facts["virtual-size"] == 40 * MIB


@pytest.mark.parametrize("suffix", ["raw.zst", "raw.gz"])
def test_what_is_packed_and_damaged_is_refused(suffix: str, plain: Path, tmp_path: Path) -> None:
    file = in_format(plain, tmp_path, suffix)
    content = file.read_bytes()
    for bad in (content[:-20], content[:40] + b"????" + content[44:], b"no such thing"):
        file.write_bytes(bad)
        with pytest.raises(RequestError, match=f"disk.{suffix} cannot be unpacked"):
            compressed.unpack(file, tmp_path / "again")
        assert not (tmp_path / "again").exists()


def test_archives_are_no_disks(tmp_path: Path) -> None:
    assert not compressed.is_packed(tmp_path / "web.tar.gz")
    assert not compressed.is_packed(tmp_path / "web.qcow2")
    assert compressed.is_packed(tmp_path / "web.raw.zst")
