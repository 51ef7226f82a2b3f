"""What is made of paths where no program has to look."""

import errno
import gzip
import tarfile
from pathlib import Path

import pytest

from appliance.difference.disks import differences
from appliance.errors import RequestError
from appliance.intake import compressed_disks
from appliance.intake.received import (
    BUNDLE,
    DISK,
    OVF,
    VIRT_IMAGE,
    VMX,
    received,
    to_start,
    virt_image_of,
)

XML = (
    "<image><domain><boot type='{kind}'><guest><arch>{arch}</arch></guest>"
    "<drive disk='a.raw'/></boot></domain><storage><disk file='a.raw'/></storage></image>"
)
VMX_TEXT = 'ide0:0.present = "TRUE"\nide0:0.deviceType = "disk"\nide0:0.fileName = "a.raw"\n'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "a.raw").write_bytes(b"x" * 512)
    return tmp_path


def xml(place: Path, name: str = "a.xml", *, kind: str = "hvm", arch: str = "x86_64") -> Path:
    (place / name).write_text(XML.format(kind=kind, arch=arch))
    return place / name


def test_a_directory_is_what_says_the_most_in_it(place: Path) -> None:
    assert received(place).kind == received(place / "a.raw").kind == DISK
    (place / "a.vmx").write_text(VMX_TEXT)
    assert (received(place).kind, received(place).source) == (VMX, place)
    assert received(place / "a.vmx").image == received(place).image
    xml(place)
    assert received(place).kind == received(place / "a.xml").kind == VIRT_IMAGE
    (place / "a.appliance.json").write_text("{")
    with pytest.raises(RequestError, match="does not describe an appliance"):
        received(place)
    assert {BUNDLE, OVF}.isdisjoint({received(place / "a.xml").kind})


def test_what_is_not_clear_is_asked(place: Path) -> None:
    (place / "b.img").write_bytes(b"x")
    with pytest.raises(RequestError, match=r"nothing says which is meant of a\.raw, b\.img"):
        received(place)
    xml(place)
    xml(place, "b.xml")
    with pytest.raises(RequestError, match=r"holds several appliances: a\.xml, b\.xml"):
        received(place)


def test_a_bundle_file_is_unpacked_by_whoever_may(place: Path) -> None:
    bundle = place / "a.zip"
    bundle.write_bytes(b"PK")
    with pytest.raises(RequestError, match="is a bundle file"):
        received(bundle)
    (place / "out").mkdir()
    (place / "a.raw").rename(place / "out/a.raw")
    given = received(bundle, unpack=lambda path: path.parent / "out")
    assert given.source == place / "out"


@pytest.mark.parametrize(("name", "kind"), [("A.VMX", VMX), ("A.Xml", VIRT_IMAGE)])
def test_a_suffix_says_the_same_in_capitals(name: str, kind: str, place: Path) -> None:
    text = VMX_TEXT if kind == VMX else XML.format(kind="hvm", arch="x86_64")
    (place / name).write_text(text)

    assert received(place / name).kind == received(place).kind == kind


def test_a_description_in_capitals_is_no_disk(place: Path) -> None:
    for name in ("A.OVF", "A.Appliance.JSON"):
        (place / name).write_text("<a/>")
        with pytest.raises(RequestError, match=r":1: (it|this) d"):
            received(place / name)


def test_packed_disks_in_capitals_are_unpacked(place: Path) -> None:
    (place / "B.RAW.GZ").write_bytes(gzip.compress(bytes(512)))
    assert received(place / "B.RAW.GZ").image.disks[0].packed
    compressed_disks.unpack(place / "B.RAW.GZ", place / "b")
    assert (place / "b").read_bytes() == bytes(512)
    (place / "a.raw").unlink()
    (place / "b").unlink()
    assert received(place).image.path == place / "B.RAW.GZ"


@pytest.mark.parametrize(
    ("kind", "arch", "said"),
    [("xen", "x86_64", "nothing in it starts on"), ("hvm", "s390x", "an appliance for s390x")],
)
def test_what_is_read_need_not_start_here(kind: str, arch: str, said: str, place: Path) -> None:
    given = received(xml(place, kind=kind, arch=arch))

    assert given.image.disks[0].path == place / "a.raw"
    with pytest.raises(RequestError, match=rf"a\.xml:1: {said}"):
        to_start(given)


@pytest.mark.parametrize(
    "text",
    [
        "<comps>" + "<group><a><b/></a></group>" * 100 + "</comps>",
        "<!-- " + "x" * 5000 + "-->\n<domain><os></domain>",
        "no XML at all",
        "<?xml version='1.0' encoding='none-such'?><image/>",
        "",
        "<!DOCTYPE a [<!ENTITY a SYSTEM '/etc/passwd'>]><a>&a;</a>",
        "<a" + " " * 2_000_000,
    ],
)
def test_other_xml_may_be_anything(text: str, place: Path) -> None:
    (place / "other.xml").write_text(text)

    assert received(place).kind == DISK
    xml(place)
    assert received(place).kind == VIRT_IMAGE


def test_a_broken_description_is_not_passed_over(place: Path) -> None:
    (place / "a.xml").write_text("<image><domain></image>")

    with pytest.raises(RequestError, match=r"a\.xml:1: not well-formed XML"):
        received(place)


@pytest.mark.parametrize("name", ["x" * 256, "y" * 256 + ".xml", "a\0"])
def test_a_path_that_no_file_has_is_one_message(name: str, tmp_path: Path) -> None:
    for read in (received, virt_image_of, lambda path: differences(path, tmp_path)):
        with pytest.raises(RequestError, match="^cannot read "):
            read(tmp_path / name)


def test_a_directory_that_nobody_may_enter_is_one_message(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **words: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refuse)  # root may enter all
    with pytest.raises(RequestError, match=r"cannot read .*a\.raw: Permission denied"):
        received(place / "a.raw")


def test_what_is_wrong_in_a_bundle_file_is_said_of_that_file(tmp_path: Path) -> None:
    """And not of the directory in the store that it was unpacked to."""
    unpacked = tmp_path / "store/results/1234"
    unpacked.mkdir(parents=True)
    with tarfile.open(tmp_path / "web.ova", "w") as archive:
        (tmp_path / "web.ovf").write_text("<Envelope>\n<no-end>")
        archive.add(tmp_path / "web.ovf", "web.ovf")
    (unpacked / "web.ovf").write_text("<Envelope>\n<no-end>")
    with pytest.raises(RequestError) as caught:
        received(tmp_path / "web.ova", unpack=lambda path: unpacked)
    assert "store" not in str(caught.value)
    assert f"{tmp_path}/web.ova/web.ovf" in str(caught.value)
