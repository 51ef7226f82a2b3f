"""The one rule for raw disks, which no program needs to look at; the others: tests/tools."""

from pathlib import Path

import pytest

from appliance.errors import RequestError
from appliance.intake import trust

QCOW2 = b"QFI\xfb\0\0\0\3".ljust(1024, b"\0")


def test_a_name_says_the_format_where_it_can(tmp_path: Path) -> None:
    for name in ("a.raw", "a.img", "a", "a.iso"):
        (tmp_path / name).write_bytes(b"x" * 1024)
        image = trust.trusted(tmp_path / name)
        assert (image.driver, image.size, image.others) == ("raw", 1024, ())
    (tmp_path / "a.qcow2").write_bytes(b"x" * 1024)
    with pytest.raises(RequestError, match="is no qcow2 image"):
        trust.trusted(tmp_path / "a.qcow2")
    assert trust.trusted(tmp_path / "a.qcow2", "raw").driver == "raw"  # a description may differ


def test_a_raw_disk_is_never_taken_for_what_its_guest_wrote(tmp_path: Path) -> None:
    (tmp_path / "a.raw").write_bytes(QCOW2)
    for said in (None, "raw"):
        with pytest.raises(RequestError, match="is called raw, and begins as a qcow2 image does"):
            trust.trusted(tmp_path / "a.raw", said)


def test_a_raw_disk_may_be_encrypted_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "a.raw").write_bytes(b"LUKS\xba\xbe".ljust(1024))
    assert trust.trusted(tmp_path / "a.raw").driver == "raw"
    (tmp_path / "a.raw").rename(tmp_path / "a")
    with pytest.raises(RequestError, match="is a disk in the format luks"):
        trust.trusted(tmp_path / "a")


def test_no_disk_is_larger_than_any_format_can_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "LARGEST", 1000)
    (tmp_path / "a").write_bytes(bytes(1024))
    with pytest.raises(RequestError, match="is a disk of 1 KiB: none has more than 1000 bytes"):
        trust.trusted(tmp_path / "a")


@pytest.mark.parametrize("name", ["gone", ".", "/dev/null", "a\0b", "x" * 300])
def test_what_is_no_file(name: str, tmp_path: Path) -> None:
    with pytest.raises(RequestError):
        trust.check_file(tmp_path / name)
