"""Formats are told by the bytes of the file, and by nothing else."""

from pathlib import Path

import pytest

from appliance.intake import signatures


@pytest.mark.parametrize(
    ("head", "driver"),
    [
        (b"QFI\xfb\0\0\0\2", "qcow2"),
        (b"QFI\xfb\0\0\0\3", "qcow2"),
        (b"QFI\xfb\0\0\0\1", "qcow"),
        (b"KDMV\1\0\0\0", "vmdk"),
        (b"# Disk DescriptorFile\nversion=1\n", "vmdk"),
        (b"# anything\n\n#\r\nversion=3\n", "vmdk"),
        (b"version=1\n", "vmdk"),
        (b"version=9\n", ""),
        (b"# anything\nelse\nversion=1\n", ""),
        (b"vhdxfile", "vhdx"),
        (b"conectix", "vpc"),
        (bytes(0x40) + b"\x7f\x10\xda\xbe", "vdi"),
        (bytes(0x41) + b"\x7f\x10\xda\xbe", ""),
        (b"LUKS\xba\xbe\0\2", "luks"),
        (b" QFI\xfb\0\0\0\3", ""),
        (b"", ""),
        (b"\n" * signatures.HEAD, ""),
    ],
)
def test_formats(head: bytes, driver: str, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(head)

    assert signatures.driver_in(head) == signatures.driver_of(tmp_path / "f") == driver


def test_a_fixed_vhd_says_so_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(bytes(1024) + b"conectix".ljust(512, b"\0"))
    assert signatures.has_footer(tmp_path / "f")
    (tmp_path / "f").write_bytes(bytes(1024) + b"conectix".ljust(513, b"\0"))
    assert not signatures.has_footer(tmp_path / "f")
    (tmp_path / "f").write_bytes(b"short")
    assert not signatures.has_footer(tmp_path / "f")
