"""OVAs and boxes, unpacked: the machine that they name is the one that is started."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends.launchers.ovf import Ovf
from appliance.backends.launchers.vmware import os_type
from appliance.bundle.model import Artifact, Bundle, Machine
from appliance.errors import RequestError
from appliance.host import command
from appliance.intake.digests import verify
from appliance.units import GIB, MIB
from receiving import machine_in

OTHERS = """\
<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
    xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References><File ovf:href="{file}" ovf:id="file1"/></References>
  <DiskSection><Disk ovf:diskId="one" ovf:fileRef="file1" ovf:capacity="1"/></DiskSection>
  <VirtualSystem ovf:id="x"><VirtualHardwareSection>
    <Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType>
      <rasd:VirtualQuantity>{cpus}</rasd:VirtualQuantity></Item>
    <Item><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType>
      <rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits>
      <rasd:VirtualQuantity>512</rasd:VirtualQuantity></Item>
    <Item><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceType>{controller}</rasd:ResourceType>
      <rasd:ResourceSubType>{subtype}</rasd:ResourceSubType></Item>
    <Item><rasd:HostResource>{resource}</rasd:HostResource><rasd:InstanceID>4</rasd:InstanceID>
      <rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
    <Item><rasd:InstanceID>5</rasd:InstanceID><rasd:ResourceType>10</rasd:ResourceType>
      <rasd:ResourceSubType>PCNet32</rasd:ResourceSubType></Item>
    {more}
  </VirtualHardwareSection></VirtualSystem>
</Envelope>
"""


def vmdk(place: Path, name: str) -> str:
    """An empty disk; its SHA-256."""
    command.run(["qemu-img", "create", "-q", "-f", "vmdk", place / name, "4M"])
    return hashlib.sha256((place / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("bus", ["pvscsi", "lsilogic", "sata", "ide", "nvme"])
@pytest.mark.parametrize(("card", "firmware"), [("vmxnet3", "bios"), ("e1000e", "uefi")])
def test_our_own_ovf_is_read_as_it_was_meant(
    bus: str, card: str, firmware: str, tmp_path: Path
) -> None:
    artifacts = []
    for disk in ("sda", "sdb"):
        name = f"web-{disk}.stream.vmdk"
        artifacts.append(
            Artifact(disk, name, "vmdk-stream", size=4 * MIB, sha256=vmdk(tmp_path, name))
        )
    machine = Machine(
        memory=2 * GIB, cpus=3, interfaces=2, firmware=firmware, disk_bus=bus, network_card=card
    )
    bundle = Bundle(
        name="web", version="1", release="1", family="debian", family_release="trixie", clock=0,
        plan_digest="0", machine=machine, firmware=("bios", "uefi"), artifacts=tuple(artifacts),
        packages=(),
    )  # fmt: skip
    for name, text in Ovf().files(bundle).items():
        (tmp_path / name).write_text(text)
    manifest = "".join(f"SHA256({each.path})= {each.sha256}\n" for each in artifacts)
    (tmp_path / "web.mf").write_text(manifest)

    image = machine_in(tmp_path)

    assert image.machine == replace(machine, os_type=os_type(bundle))
    assert [disk.path.name for disk in image.disks] == [each.path for each in artifacts]
    assert {disk.disk_format for disk in image.disks} == {"vmdk"}
    assert image.firmware == (firmware,)
    assert image == machine_in(tmp_path / "web.ovf")
    verify(image)
    with (tmp_path / "web-sdb.stream.vmdk").open("ab") as file:
        file.write(b"x")
    with pytest.raises(RequestError, match=r"web-sdb.stream.vmdk is not the disk"):
        verify(machine_in(tmp_path))


def others(place: Path, **said: str) -> Path:
    words = {
        "file": "d.vmdk", "cpus": "2", "controller": "6", "subtype": "lsilogicsas", "more": "",
        "resource": "ovf:/disk/one", **said,
    }  # fmt: skip
    (place / "x.ovf").write_text(OTHERS.format(**words))
    return place


@pytest.mark.parametrize(
    ("controller", "subtype", "bus"),
    [
        ("6", "lsilogicsas", "lsilogic"),
        ("6", "buslogic", "lsilogic"),
        ("6", "VirtualSCSI", "pvscsi"),
        ("5", "PIIX4", "ide"),
        ("20", "AHCI", "sata"),
        ("20", "vmware.nvme.controller", "nvme"),
    ],
)
def test_what_others_write(controller: str, subtype: str, bus: str, tmp_path: Path) -> None:
    vmdk(tmp_path, "d.vmdk")

    image = machine_in(others(tmp_path, controller=controller, subtype=subtype))

    assert (image.machine.disk_bus, image.machine.network_card) == (bus, "e1000")
    assert (image.machine.memory, image.machine.cpus) == (512 * MIB, 2)
    assert (image.machine.firmware, image.disks[0].sha256) == ("bios", "")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"file": "../d.vmdk"}, r"x.ovf:\d+: '../d.vmdk' is not a file of this bundle"),
        ({"file": "gone.vmdk"}, "the disk gone.vmdk is not there"),
        ({"resource": "ovf:/disk/two"}, r"x.ovf:\d+: no file is 'disk/two'"),
        ({"cpus": "many"}, r"x.ovf:\d+: 'many' is not a number"),
        ({"more": "</VirtualHardwareSection></VirtualSystem><VirtualSystem>"
          "<VirtualHardwareSection>"}, "2 virtual systems, not one"),
        ({"more": "<Item>"}, "not well-formed"),
    ],
)  # fmt: skip
def test_what_cannot_be_started(said: dict[str, str], message: str, tmp_path: Path) -> None:
    vmdk(tmp_path, "d.vmdk")

    with pytest.raises(RequestError, match=message):
        machine_in(others(tmp_path, **said))


def test_a_description_of_ours_says_more_than_the_ovf(tmp_path: Path) -> None:
    vmdk(tmp_path, "d.vmdk")
    others(tmp_path)
    (tmp_path / "x.xml").write_text(
        "<image><domain><boot type='hvm'><drive disk='d.vmdk'/></boot></domain>"
        "<storage><disk file='d.vmdk' format='vmdk'/></storage></image>"
    )

    assert machine_in(tmp_path).path.name == "x.xml"


def test_a_box_for_libvirt_is_its_one_disk(tmp_path: Path) -> None:
    command.run(["qemu-img", "create", "-q", "-f", "qcow2", tmp_path / "box.img", "4M"])
    (tmp_path / "metadata.json").write_text("{}")

    (disk,) = machine_in(tmp_path).disks

    assert disk == replace(disk, path=tmp_path / "box.img", disk_format="qcow2")


def test_a_box_whose_disk_is_only_a_part_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "box"
    place.mkdir()
    command.run(["qemu-img", "create", "-q", "-f", "raw", tmp_path / "secret", "4M"])
    command.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-b", tmp_path / "secret", "-F", "raw",
         place / "box.img"]
    )  # fmt: skip

    with pytest.raises(RequestError, match="takes its bytes from another file"):
        machine_in(place)
