"""What is made of files and directories that somebody gave: real qemu-img, real XML."""

import hashlib
import lzma
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.bundle.manifest import description_text
from appliance.bundle.model import Artifact, Bundle, Machine
from appliance.errors import RequestError
from appliance.host import command
from appliance.intake.digests import verify
from appliance.intake.received import DISK, received
from appliance.units import MIB
from receiving import machine_in

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
    image = machine_in(bundle(tmp_path))

    assert image.name == "web"
    assert [(disk.path.name, disk.disk_format) for disk in image.disks] == [
        ("web.qcow2", "qcow2"),
        ("data.raw", "raw"),
    ]
    assert image.disks[1].scratch == 8 * MIB
    assert (image.machine.memory, image.machine.cpus) == (512 * MIB, 2)
    assert image.machine.interfaces == 1
    assert image == machine_in(tmp_path / "web.xml")
    xml = (tmp_path / "web.xml").read_bytes()
    assert verify(image) == hashlib.sha256(xml).hexdigest()


def test_other_xml_beside_it_does_not_disturb(tmp_path: Path) -> None:
    (bundle(tmp_path) / "domain.xml").write_text("<domain type='kvm'/>")

    assert machine_in(tmp_path).path.name == "web.xml"


def test_a_changed_disk_is_noticed(tmp_path: Path) -> None:
    image = machine_in(bundle(tmp_path))
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
        machine_in(bundle(tmp_path, **words))


def test_entities_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    bundle(tmp_path)
    text = (tmp_path / "web.xml").read_text()
    text = text.replace("<image>", f"<!DOCTYPE image [<!ENTITY s SYSTEM '{secret}'>]><image>")
    (tmp_path / "web.xml").write_text(text.replace(">web<", ">&s;<"))

    with pytest.raises(RequestError, match="web.xml:1: it declares entities"):
        machine_in(tmp_path)


def test_an_image_is_recognised_by_its_content(tmp_path: Path) -> None:
    command.run(["qemu-img", "create", "-q", "-f", "vmdk", tmp_path / "disk", "4M"])

    image = machine_in(tmp_path / "disk")

    assert image.disks[0].disk_format == "vmdk"
    assert verify(image) == hashlib.sha256((tmp_path / "disk").read_bytes()).hexdigest()


def test_what_cannot_be_started_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.raw.bz2").write_bytes(b"BZh")
    with pytest.raises(RequestError, match="bunzip2"):
        machine_in(tmp_path / "a.raw.bz2")
    with pytest.raises(RequestError, match="there is no"):
        machine_in(tmp_path / "none")
    with pytest.raises(RequestError, match="not a bundle"):
        machine_in(tmp_path)


def test_a_bundle_that_only_uefi_starts_has_no_xml(tmp_path: Path) -> None:
    place = tmp_path / "web"
    place.mkdir()
    (place / "web.packages.json").write_text("{}")
    command.run(["qemu-img", "create", "-q", "-f", "qcow2", place / "web-sda.qcow2", "1M"])
    for name in ("web-sdb.raw", "other.raw"):
        (place / name).write_bytes(bytes(512))

    image = machine_in(place)

    assert (image.name, image.path) == ("web", place / "web-sda.qcow2")
    assert [(disk.path.name, disk.disk_format) for disk in image.disks] == [
        ("web-sda.qcow2", "qcow2"),
        ("web-sdb.raw", "raw"),
    ]


def test_of_several_formats_of_a_disk_one_is_taken(tmp_path: Path) -> None:
    place = tmp_path / "two"
    place.mkdir()
    (place / "two.packages.json").write_text("{}")
    for kind in ("vmdk", "qcow2"):
        command.run(["qemu-img", "create", "-q", "-f", kind, place / f"two-sda.{kind}", "1M"])
    (place / "two-sda.raw.xz").write_bytes(lzma.compress(bytes(512)))
    (place / "two-sdb.raw.xz").write_bytes(lzma.compress(bytes(512)))
    (place / "two-disc.iso").write_bytes(bytes(512))

    names = [disk.path.name for disk in machine_in(place).disks]

    assert names == ["two-sda.qcow2", "two-sdb.raw.xz"]


def described(place: Path, *formats: str, **said: object) -> Path:
    """NAME.appliance.json of a bundle with one disk in *formats*."""
    artifacts = []
    for name in formats:
        file = place / f"web-sda.{name}"
        command.run(["qemu-img", "create", "-q", "-f", name, file, "16M"])
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        artifacts.append(
            Artifact("sda", file.name, name, size=16 * MIB, sha256=digest, file_size=1)
        )
    bundle = Bundle(
        name="web", version="1", release="1", family="debian", family_release="trixie", clock=0,
        plan_digest="", machine=Machine(memory=512 * MIB, disk_bus="pvscsi"), firmware=("bios",),
        artifacts=tuple(artifacts), packages=(),
    )  # fmt: skip
    (place / "web.appliance.json").write_text(description_text(replace(bundle, **said)))
    return place


def test_a_description_says_more_than_the_xml(tmp_path: Path) -> None:
    bundle(tmp_path)
    image = machine_in(described(tmp_path, "vmdk", "raw"))

    assert [(disk.path.name, disk.disk_format) for disk in image.disks] == [("web-sda.raw", "raw")]
    assert (image.machine.memory, image.machine.disk_bus) == (512 * MIB, "pvscsi")
    assert image.firmware == ("bios",)
    assert image == machine_in(tmp_path / "web.appliance.json")
    assert verify(image) == hashlib.sha256(image.path.read_bytes()).hexdigest()
    (tmp_path / "web-sda.raw").unlink()
    assert machine_in(tmp_path).disks[0].disk_format == "vmdk"
    (tmp_path / "web-sda.vmdk").unlink()
    with pytest.raises(RequestError, match="no disk that can be read here"):
        machine_in(tmp_path)


def test_what_a_description_may_not_say(tmp_path: Path) -> None:
    described(tmp_path, "raw", machine=Machine(architecture="s390x"))
    with pytest.raises(RequestError, match=r"web.appliance.json:1: an appliance for s390x"):
        machine_in(tmp_path)
    described(tmp_path, "raw")
    (tmp_path / "web-sda.raw").unlink()
    (tmp_path / "web-sda.raw").symlink_to("/etc/passwd")
    with pytest.raises(RequestError, match="not a file of this bundle"):
        machine_in(tmp_path)
    (tmp_path / "web.appliance.json").write_text("{")
    with pytest.raises(RequestError, match="does not describe an appliance"):
        machine_in(tmp_path)


def test_a_fixed_vhd_is_one(tmp_path: Path) -> None:
    words = ["-o", "subformat=fixed,force_size=on"]
    command.run(["qemu-img", "create", "-q", "-f", "vpc", *words, tmp_path / "a.vhd", "4M"])

    assert machine_in(tmp_path / "a.vhd").disks[0].disk_format == "vpc"


@pytest.mark.parametrize(
    "named",
    [
        "/etc/hostname",
        "../hostname",
        "file:/etc/hostname",
        'json:{"driver":"raw","file":{"driver":"file","filename":"/etc/hostname"}}',
        "nbd://127.0.0.1:1/x",
        "behind.qcow2",  # which names another one in turn
    ],
)
def test_no_file_of_the_host_is_shown_to_a_guest(tmp_path: Path, named: str) -> None:
    place = bundle(tmp_path)
    (tmp_path / "web.qcow2").unlink()
    create = ["qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F"]
    command.run([*create, "raw", "-b", "/etc/hostname", place / "behind.qcow2", "1M"])
    kind = "qcow2" if named == "behind.qcow2" else "raw"
    command.run([*create, kind, "-b", named, place / "web.qcow2", "1M"])
    with pytest.raises(RequestError, match="takes its bytes from another file of this machine"):
        machine_in(place)


def test_an_image_may_name_one_beside_it(tmp_path: Path) -> None:
    place = bundle(tmp_path)
    command.run(["qemu-img", "create", "-q", "-f", "qcow2", place / "base.qcow2", "1M"])
    words = ["qemu-img", "rebase", "-u", "-F", "qcow2", "-b"]
    command.run([*words, "base.qcow2", place / "web.qcow2"])
    assert machine_in(place).name == "web"
    command.run([*words, "web.qcow2", place / "base.qcow2"])  # each behind the other
    with pytest.raises(RequestError, match="images lie over one another without end"):
        machine_in(place)


@pytest.mark.parametrize("kind", ["monolithicFlat", "twoGbMaxExtentFlat"])
def test_an_extent_is_no_second_disk(kind: str, tmp_path: Path) -> None:
    words = ["-f", "vmdk", "-o", f"subformat={kind}", tmp_path / "web.vmdk", "4M"]
    command.run(["qemu-img", "create", "-q", *words])
    assert len(list(tmp_path.iterdir())) == 2
    found = received(tmp_path)
    assert (found.kind, found.image.disks[0].path) == (DISK, tmp_path / "web.vmdk")
    (tmp_path / "other.raw").write_bytes(b"x" * 512)
    with pytest.raises(
        RequestError, match=r"nothing says which is meant of other\.raw, web\.vmdk\n"
    ):
        received(tmp_path)


def test_what_an_overlay_lies_over_is_no_second_disk(tmp_path: Path) -> None:
    command.run(["qemu-img", "create", "-q", "-f", "raw", tmp_path / "base.raw", "4M"])
    words = ["-f", "qcow2", "-F", "raw", "-b", "base.raw", tmp_path / "over.qcow2"]
    command.run(["qemu-img", "create", "-q", *words])
    assert received(tmp_path).image.disks[0].path == tmp_path / "over.qcow2"
