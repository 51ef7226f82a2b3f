"""One image, and all the virtual hardware that QEMU has of other hypervisors."""

import json
from pathlib import Path

import pytest
from tests.boot.conftest import PASSWORD, Build, appliance

import waiting

# Every disk bus and every network card once, and UEFI on those buses for which Debian's OVMF has
# drivers: it has none for PVSCSI and LSI.
HARDWARE = [
    ("virtio", "vmxnet3", "bios"),
    ("virtio-scsi", "e1000", "bios"),
    ("sata", "e1000e", "bios"),
    ("ide", "e1000", "bios"),
    ("nvme", "virtio", "bios"),
    ("pvscsi", "vmxnet3", "bios"),
    ("lsilogic", "e1000", "bios"),
    ("sata", "e1000", "uefi"),
    ("nvme", "e1000e", "uefi"),
    ("virtio-scsi", "vmxnet3", "uefi"),
]


def boots(place: Path, tmp_path: Path, *, bus: str, card: str, firmware: str = "bios") -> None:
    """Start it there; the disk is found, the network is up, and nothing failed."""
    done = appliance(
        *("test", place, "--login", f"root:{PASSWORD}", "--output", tmp_path / "report"),
        *("--disk-bus", bus, "--network-card", card, "--firmware", firmware),
    )
    waiting.well(done)
    (report,) = json.loads((tmp_path / "report/report.json").read_text())["reports"]
    assert {"network", "no unit failed"} <= {check["name"] for check in report["checks"]}


@pytest.mark.slow
@pytest.mark.parametrize(("bus", "card", "firmware"), HARDWARE)
def test_the_generic_kernel_starts_on_everything(
    bus: str, card: str, firmware: str, build: Build, tmp_path: Path
) -> None:
    boots(build("aos-debian-generic"), tmp_path, bus=bus, card=card, firmware=firmware)


@pytest.mark.slow
def test_the_newer_cloud_kernel_drives_ahci(build: Build, tmp_path: Path) -> None:
    """Which backends/families/debian_kernels.py says, and not of the older one."""
    boots(build("aos-debian", "--releasever", "trixie"), tmp_path, bus="sata", card="virtio")


@pytest.mark.slow
def test_the_matrix_of_a_bundle_is_remembered(build: Build, tmp_path: Path) -> None:
    place = build("aos-debian", "--releasever", "trixie", "--format", "qcow2,vmdk")
    words = ("test", place, "--matrix", "--login", f"root:{PASSWORD}", "--json")
    where = ("--store", tmp_path / "store", "--output", tmp_path / "report")

    first = appliance(*words, *where)
    waiting.well(first)
    again = appliance(*words, *where)

    cells = json.loads(again.stdout)["matrix"]
    assert {(cell["disk_format"], cell["firmware"]) for cell in cells} >= {
        (name, firmware) for name in ("qcow2", "vmdk") for firmware in ("bios", "uefi")
    }
    assert all(cell["kept"] and cell["verdict"] == "passed" for cell in cells)
    assert not any(cell["kept"] for cell in json.loads(first.stdout)["matrix"])
