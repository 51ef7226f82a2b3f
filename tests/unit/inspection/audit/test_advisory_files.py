"""The files that the user names are read, packed or not, and refused by name."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from appliance.errors import RequestError
from appliance.inspection.audit import files

TRACKER = b'{"curl": {"CVE-1": {"releases": {"trixie": {"status": "open"}}}}}'


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zstandard.compress]
)
def test_packed_or_not(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(pack(TRACKER))
    (found,) = files.read(tmp_path / "data", "trixie", "deb")
    assert (found.name, found.package) == ("CVE-1", "curl")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>", "no data about vulnerabilities that is known here"),
        (gzip.compress(TRACKER)[:-10], "cannot unpack|cannot read"),
        (b"\xfd7zXZ\0 and more", "cannot unpack"),
        (TRACKER[:-3], "read as debian-tracker"),
        (TRACKER.replace(b"{}", b"[]").replace(b'{"status": "open"}', b"3"), "is damaged"),
        (b"\xff".join([TRACKER[:60], TRACKER[60:]]), "read as debian-tracker"),
    ],
)
def test_what_is_wrong_is_said_with_the_path(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(content)
    with pytest.raises(RequestError, match=said) as error:
        files.read(tmp_path / "data", "trixie", "deb")
    assert str(tmp_path / "data") in error.value.problem


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 1000)
    (tmp_path / "data").write_bytes(gzip.compress(bytes(10_000)))
    with pytest.raises(RequestError, match="larger than 1000 bytes"):
        files.read(tmp_path / "data", "trixie", "deb")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="No such file"):
        files.read(tmp_path / "none", "trixie", "deb")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TRACKER.replace(b'"open"', b'"resolved", "fixed_version": 7'), "is damaged"),
        (b"VERSION 1\nCVE-1,,about it\n\ncurl,0,SH F,9,\n", "ends in the middle"),
        (b"VERSION 1\nCVE-1,,about it\n\ncurl,0,SH F,9\n\n", "none of its kind: 'curl,0,SH F,9'"),
        (b"VERSION 1\nCVE-1,,about it\n\ncurl,one,SH F,9,\n\n", "none of its kind"),
    ],
)
def test_damage_is_not_taken_for_nothing_known(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(content)
    with pytest.raises(RequestError, match=said):
        files.read(tmp_path / "data", "trixie", "deb")


def test_data_about_packages_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"<updates/>")
    with pytest.raises(RequestError, match="about rpm packages; the appliance has deb") as error:
        files.read(tmp_path / "data", "trixie", "deb")
    assert "security-tracker.debian.org" in error.value.hint
    (tmp_path / "data").write_bytes(b'<other><updates type="security"/></other>')
    with pytest.raises(RequestError, match="no element <updates> around"):
        files.read(tmp_path / "data", "44", "rpm")
