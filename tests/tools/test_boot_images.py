"""What can be started: real qemu-img, real XML."""

import hashlib
from pathlib import Path

import pytest

from appliance.boot.images import resolve, verify
from appliance.errors import RequestError
from appliance.host import command
from appliance.units import MIB

XML = """<?xml version='1.0'?>
<image>
  <name version='1.0'>web</name>
  <domain>
    <boot type='xen'><guest><arch>x86_64</arch></guest></boot>
    <boot type='hvm'>
      <guest><arch>x86_64</arch></guest>
      <drive disk='system'/><drive disk='data'/>{drives}
    </boot>
    <devices><vcpu>2</vcpu><memory>524288</memory><interface/><graphics/></devices>
  </domain>
  <storage>
    <disk id='data' file='data.raw' use='{use}' size='8' format='raw'/>
    <disk id='system' file='{file}' use='system' format='qcow2'>
      <checksum type='sha1'>0</checksum><checksum type='sha256'>{digest}</checksum>
    </disk>
  </storage>
</image>
"""


def bundle(place: Path, **words: str) -> Path:
    command.run(["qemu-img", "create", "-q", "-f", "qcow2", place / "web.qcow2", "16M"])
    digest = hashlib.sha256((place / "web.qcow2").read_bytes()).hexdigest()
    says = {"use": "user", "file": "web.qcow2", "digest": digest, "drives": "", **words}
    (place / "web.xml").write_text(XML.format(**says))
    return place


def test_a_bundle_is_a_machine_with_its_disks_in_order(tmp_path: Path) -> None:
    image = resolve(bundle(tmp_path))

    assert image.name == "web"
    assert [(disk.path.name, disk.disk_format) for disk in image.disks] == [
        ("web.qcow2", "qcow2"),
        ("data.raw", "raw"),
    ]
    assert image.disks[1].scratch == 8 * MIB
    assert (image.machine.memory, image.machine.cpus) == (512 * MIB, 2)
    assert image.machine.interfaces == 1
    assert image == resolve(tmp_path / "web.xml")
    xml = (tmp_path / "web.xml").read_bytes()
    assert verify(image) == hashlib.sha256(xml).hexdigest()


def test_other_xml_beside_it_does_not_disturb(tmp_path: Path) -> None:
    (bundle(tmp_path) / "domain.xml").write_text("<domain type='kvm'/>")

    assert resolve(tmp_path).path.name == "web.xml"


def test_a_changed_disk_is_noticed(tmp_path: Path) -> None:
    image = resolve(bundle(tmp_path))
    with (tmp_path / "web.qcow2").open("ab") as disk:
        disk.write(b"x")

    with pytest.raises(RequestError, match="sha256 differs"):
        verify(image)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"file": "../web.qcow2"}, "not a file of this bundle"),
        ({"file": "/etc/passwd"}, "not a file of this bundle"),
        ({"file": "gone.qcow2"}, "web.xml:14: the disk gone.qcow2 is not there"),
        ({"use": "system"}, "web.xml:13: the disk data.raw is not there"),
        ({"drives": "<drive disk='no'/>"}, "web.xml:8: no <disk> is called 'no'"),
        ({"drives": "<drive"}, "not well-formed XML"),
    ],
)
def test_bad_descriptions_say_where(tmp_path: Path, words: dict[str, str], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        resolve(bundle(tmp_path, **words))


def test_entities_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    bundle(tmp_path)
    text = (tmp_path / "web.xml").read_text()
    text = text.replace("<image>", f"<!DOCTYPE image [<!ENTITY s SYSTEM '{secret}'>]><image>")
    (tmp_path / "web.xml").write_text(text.replace(">web<", ">&s;<"))

    with pytest.raises(RequestError, match="web.xml:1: it declares entities"):
        resolve(tmp_path)


def test_an_image_is_recognised_by_its_content(tmp_path: Path) -> None:
    command.run(["qemu-img", "create", "-q", "-f", "vmdk", tmp_path / "disk", "4M"])

    image = resolve(tmp_path / "disk")

    assert image.disks[0].disk_format == "vmdk"
    assert verify(image) == hashlib.sha256((tmp_path / "disk").read_bytes()).hexdigest()


def test_what_cannot_be_started_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.raw.gz").touch()
    with pytest.raises(RequestError, match="gunzip"):
        resolve(tmp_path / "a.raw.gz")
    with pytest.raises(RequestError, match="there is no"):
        resolve(tmp_path / "none")
    with pytest.raises(RequestError, match="not a bundle"):
        resolve(tmp_path)


def test_a_bundle_that_only_uefi_starts_has_no_xml(tmp_path: Path) -> None:
    place = tmp_path / "web"
    place.mkdir()
    (place / "web.packages.json").write_text("{}")
    for name in ("web-sda.qcow2", "web-sdb.raw", "other.raw"):
        (place / name).touch()

    image = resolve(place)

    assert (image.name, image.path) == ("web", place / "web-sda.qcow2")
    assert [(disk.path.name, disk.disk_format) for disk in image.disks] == [
        ("web-sda.qcow2", "qcow2"),
        ("web-sdb.raw", "raw"),
    ]
