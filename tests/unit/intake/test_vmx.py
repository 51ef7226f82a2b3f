"""Machines of VMware Workstation: ours, other people's, and what is none."""

from pathlib import Path

import pytest

from appliance.bundle.model import Machine
from appliance.errors import RequestError
from appliance.intake import vmx
from appliance.units import MIB

OTHERS = """\
#!/usr/bin/vmware
.encoding = "UTF-8"

displayName = "A|22web|22"
memsize = "512"
numvcpus = "2"
FIRMWARE = "efi"
scsi0.present = "TRUE"
scsi0.virtualDev = "pvscsi"
scsi0:1.present = "TRUE"
scsi0:1.fileName = "second.vmdk"
scsi0:0.present = "TRUE"
scsi0:0.fileName = "disks/first.vmdk"
scsi0:2.fileName = "absent.vmdk"
scsi0:3.present = "FALSE"
scsi0:3.fileName = "absent.vmdk"
ide1:0.present = "TRUE"
ide1:0.deviceType = "cdrom-image"
ide1:0.fileName = "/usr/share/tools.iso"
sata0:1.present = "TRUE"
sata0:1.deviceType = "cdrom-raw"
sata0:1.fileName = "auto detect"
ethernet0.present = "TRUE"
ethernet0.virtualDev = "vmxnet3"
ethernet1.present = "FALSE"
"""


def written(place: Path, text: str) -> Path:
    (place / "disks").mkdir(exist_ok=True)
    for name in ("second.vmdk", "disks/first.vmdk"):
        (place / name).touch()
    (place / "web.vmx").write_text(text)
    return place / "web.vmx"


def test_what_others_write(tmp_path: Path) -> None:
    found = vmx.read(written(tmp_path, OTHERS))

    assert found.machine == Machine(
        memory=512 * MIB, cpus=2, interfaces=1, firmware="uefi", disk_bus="pvscsi",
        network_card="vmxnet3",
    )  # fmt: skip
    assert [str(file.path.relative_to(tmp_path)) for file in found.files] == [
        "disks/first.vmdk",
        "second.vmdk",
    ]
    assert (found.name, found.files[0].where.line) == ("web", 13)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('"disks/first.vmdk"', '"/etc/hostname"', "web.vmx:13: '/etc/hostname' is not"),
        ('"disks/first.vmdk"', '"../first.vmdk"', "web.vmx:13: '../first.vmdk' is not a file of"),
        ('"disks/first.vmdk"', '"gone.vmdk"', "web.vmx:13: the disk gone.vmdk is not there"),
        ('"disks/first.vmdk"', '"a|00b.vmdk"', "is not a file of this bundle"),
        ('"512"', '"-1"', "web.vmx:5: '-1' is not a number above 0"),
        ('"512"', '"9999999999"', "is not a number above 0"),
        ('memsize = "512"', "memsize = 512", 'web.vmx:5: this is not KEY = "VALUE"'),
        ('memsize = "512"', "#" * 300_000, "longer than 256 KiB"),
        ("vmdk", "raw", r"the disk disks/first.raw is not there"),
        ("scsi", "nothing", "its machine has no disk"),
    ],
)
def test_what_cannot_be_read(was: str, now: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=said):
        vmx.read(written(tmp_path, OTHERS.replace(was, now)))


def test_there_is_a_limit_to_disks(tmp_path: Path) -> None:
    lines = [
        f'scsi{bus}:{place}.present = "TRUE"\nscsi{bus}:{place}.fileName = "second.vmdk"\n'
        for bus in range(5)
        for place in range(16)
    ]
    with pytest.raises(RequestError, match="more than 64 disks"):
        vmx.read(written(tmp_path, "".join(lines)))
