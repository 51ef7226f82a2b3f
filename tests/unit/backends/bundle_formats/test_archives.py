"""Archives: the same files, the same bytes, whatever their times, owners, order and holes."""

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from appliance.backends import bundle_formats
from appliance.backends.bundle_formats.model import Member, Packing, in_folder
from appliance.backends.bundle_formats.tar import GRAIN, write_tar
from appliance.bundle.model import Bundle, Machine
from appliance.errors import RequestError

CLOCK = 1_700_000_000
FOLDERS = [name for name in bundle_formats.KNOWN if name.startswith(("zip", "tar"))]
AOS = Bundle(
    name="aos",
    version="1",
    release="1",
    family="debian",
    family_release="trixie",
    clock=CLOCK,
    plan_digest="p" * 64,
    machine=Machine(),
    firmware=("bios",),
    artifacts=(),
    packages=(),
)


def tree(place: Path, *, moment: int) -> dict[str, Path]:
    place.mkdir()
    files = {"b.txt": b"b" * 1000, "a.xz": b"packed", "run": b"#!/bin/sh\n", "empty": b""}
    made = {}
    for number, (name, data) in enumerate(sorted(files.items(), key=hash)):
        path = place / str(number)
        path.write_bytes(data)
        path.chmod(0o700 if name.endswith("run") else 0o640)
        os.utime(path, (moment, moment))
        made[name] = path
    return made


def holed(path: Path, *, written: bool) -> bytes:
    """A file of data, a hole, data and a hole; *written*: with zeros instead of holes."""
    whole = b"a" * GRAIN + bytes(3 * GRAIN) + b"b" * 100 + bytes(2 * GRAIN)
    with path.open("wb") as file:
        if written:
            file.write(whole)
        else:
            file.write(b"a" * GRAIN)
            file.seek(3 * GRAIN, os.SEEK_CUR)
            file.write(b"b" * 100)
            file.truncate(len(whole))
    return whole


@pytest.mark.parametrize("form", FOLDERS)
@pytest.mark.parametrize("cores", [1, 3])
def test_the_same_files_are_the_same_bytes(tmp_path: Path, form: str, cores: int) -> None:
    kind, first, second = bundle_formats.find(form), tmp_path / "first", tmp_path / "second"
    one, two = tree(tmp_path / "one", moment=1_000_000), tree(tmp_path / "two", moment=2_000_000)
    kind.write(first, in_folder(AOS, one), Packing(CLOCK))
    kind.write(second, in_folder(AOS, dict(reversed(two.items()))), Packing(CLOCK, cores))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("written", [False, True])
def test_holes_are_sparse_members_however_the_filesystem_keeps_them(
    tmp_path: Path, written: bool
) -> None:
    disk, archive = tmp_path / "disk", io.BytesIO()
    whole = holed(disk, written=written)
    write_tar(archive, [Member("disk.raw", disk), Member("next", data=b"x")], clock=CLOCK)
    assert len(archive.getvalue()) < 2 * GRAIN + 10_000
    with tarfile.open(fileobj=io.BytesIO(archive.getvalue())) as tar:
        (found, last) = tar.getmembers()
        assert (found.name, found.size, found.issparse()) == ("disk.raw", len(whole), True)
        said = tar.extractfile(found)
        assert said is not None
        assert said.read() == whole
        assert last.name == "next"


def test_many_runs_and_long_names(tmp_path: Path) -> None:
    disk, archive, name = tmp_path / "disk", io.BytesIO(), "aos/" + "n" * 150
    with disk.open("wb") as file:
        for number in range(60):
            file.seek(number * 4 * GRAIN)
            file.write(bytes((number + 1,)) * GRAIN)
    write_tar(archive, [Member(name, disk)], clock=CLOCK)
    with tarfile.open(fileobj=io.BytesIO(archive.getvalue())) as tar:
        (found,) = tar.getmembers()
        said = tar.extractfile(found)
        assert (found.name, said and said.read()) == (name, disk.read_bytes())


def test_nothing_but_a_hole(tmp_path: Path) -> None:
    disk, archive = tmp_path / "disk", io.BytesIO()
    with disk.open("wb") as file:
        file.truncate(9 * 1024**3)  # more than octal digits can say
    write_tar(archive, [Member("disk.raw", disk)], clock=CLOCK)
    with tarfile.open(fileobj=io.BytesIO(archive.getvalue())) as tar:
        assert [each.size for each in tar.getmembers()] == [9 * 1024**3]


def test_a_zip_stores_what_is_packed(tmp_path: Path) -> None:
    target = tmp_path / "aos.zip"
    bundle_formats.find("zip").write(
        target, in_folder(AOS, tree(tmp_path / "x", moment=1)), Packing(0)
    )
    with zipfile.ZipFile(target) as zipped:
        kinds = {each.filename: each.compress_type for each in zipped.infolist()}
    assert kinds["aos/a.xz"] == zipfile.ZIP_STORED
    assert kinds["aos/b.txt"] == zipfile.ZIP_DEFLATED


def test_an_unknown_package_is_told_the_nearest() -> None:
    with pytest.raises(RequestError) as caught:
        bundle_formats.find("tgz")
    assert "tar.gz" in caught.value.hint
