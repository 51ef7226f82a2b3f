"""What --include adds, and which archive is replaced."""

import os
from pathlib import Path

import pytest

from appliance.backends import bundle_formats
from appliance.backends.bundle_formats.model import Member, Packing
from appliance.errors import RequestError
from appliance.handover.export import check_places
from appliance.handover.form import FOLDER, Handover, holding, included

PACKED = ("zip", "tar")


def test_a_link_to_its_own_parent_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert included((tmp_path,), set()) == {"a": tmp_path / "a"}
    (tmp_path / "loop").symlink_to(tmp_path)
    with pytest.raises(RequestError, match="loop is a directory that is there already"):
        included((tmp_path,), set())


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "closed").touch(mode=0)
    with pytest.raises(RequestError, match="closed cannot be read"):
        included((tmp_path / "closed",), set())


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_directory_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(RequestError, match="closed cannot be read: Permission denied"):
        included((tmp_path,), set())


def test_a_name_of_the_appliance_is_refused_as_a_directory_too(tmp_path: Path) -> None:
    (tmp_path / "aos.xml").mkdir()
    (tmp_path / "aos.xml/file").touch()
    with pytest.raises(RequestError, match=r"has a aos.xml of its own"):
        included((tmp_path,), {"aos.xml"})


@pytest.mark.parametrize("form", [name for name in bundle_formats.KNOWN if name.startswith(PACKED)])
def test_only_an_archive_of_ours_is_replaced(tmp_path: Path, form: str) -> None:
    handover, kind = Handover(forms=(form,)), bundle_formats.find(form)
    (place,) = check_places(tmp_path, "aos", handover).values()
    kind.write(place, [Member("aos/aos.packages.json", data=b"{}")], Packing(0))
    assert list(check_places(tmp_path, "aos", handover).values()) == [place]
    kind.write(place, [Member("aos/holidays.jpg", data=b"")], Packing(0))
    with pytest.raises(RequestError, match="no build made it"):
        check_places(tmp_path, "aos", handover)
    for content in (b"", b"no archive", b"PK\x03\x04" * 40):
        place.write_bytes(content)
        with pytest.raises(RequestError, match="no build made it"):
            check_places(tmp_path, "aos", handover)


def test_two_forms_are_two_files(tmp_path: Path) -> None:
    places = check_places(tmp_path, "aos", Handover(forms=(FOLDER, "zip")))
    assert list(places.values()) == [tmp_path / "aos", tmp_path / "aos.zip"]
    with pytest.raises(RequestError, match="asked for twice"):
        check_places(tmp_path, "aos", Handover(forms=("zip", "zip.64")))


def test_two_inclusions_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "README").touch()
    with pytest.raises(RequestError, match="would be one file"):
        included((tmp_path / "one", tmp_path / "two"), set())


@pytest.mark.parametrize(
    ("forms", "formats", "described", "there"),
    [
        ((), (), (), (FOLDER,)),
        (("gcp",), (), (), ("gcp",)),
        (("gcp",), ("vmdk-stream", "vhd-fixed", "qcow2"), (), (FOLDER, "gcp")),
        (("ova",), ("qcow2", "vmdk", "vhdx"), (), (FOLDER, "ova")),
        (("ova",), ("vmdk-stream",), ("ovf",), ("ova",)),
        (("ova",), (), ("ovf", "xen"), (FOLDER, "ova")),
        (("ova", "zip"), ("qcow2",), ("xen",), ("ova", "zip")),
        (("ova", FOLDER), ("qcow2",), (), ("ova", FOLDER)),
        (("ova", "gcp"), ("vmdk-stream", "raw"), (), ("ova", "gcp")),
    ],
)
def test_whatever_is_asked_for_is_in_one_of_the_forms(
    forms: tuple[str, ...],
    formats: tuple[str, ...],
    described: tuple[str, ...],
    there: tuple[str, ...],
) -> None:
    assert holding(forms, formats, described) == there
