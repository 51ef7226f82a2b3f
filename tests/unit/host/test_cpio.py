"""What a kernel is given to unpack, read back field by field."""

import stat
from pathlib import Path

from appliance.host import cpio


def read_back(data: bytes) -> dict[str, tuple[int, int, int, bytes]]:
    """The entries of a newc file: mode, and the device's numbers, and the content, by the name."""
    found, place = {}, 0
    while True:
        assert data[place : place + 6] == b"070701"
        fields = [int(data[place + 6 + 8 * i : place + 14 + 8 * i], 16) for i in range(13)]
        begin = place + 110
        name = data[begin : begin + fields[11] - 1].decode()
        begin += fields[11] + -(110 + fields[11]) % 4
        assert begin % 4 == 0
        content = data[begin : begin + fields[6]]
        if name == cpio.LAST:
            assert len(data) == begin
            return found
        assert fields[2:4] == [0, 0]  # root's
        assert fields[5] == 0  # without a history
        found[name] = (fields[1], fields[9], fields[10], content)
        place = begin + fields[6] + -fields[6] % 4


def test_entries_come_back(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"\x7fELF and more")
    entries = {
        "bin/true": cpio.file(program, 0o755),
        "init": cpio.file(b"#!/bin/true\n", 0o755),
        "sbin": cpio.link("bin"),
        "dev/console": cpio.console(),
    }

    cpio.write(tmp_path / "root", entries)

    found = read_back((tmp_path / "root").read_bytes())
    assert list(found) == sorted(found) == ["bin", "bin/true", "dev", "dev/console", "init", "sbin"]
    assert found["bin/true"] == (stat.S_IFREG | 0o755, 0, 0, b"\x7fELF and more")
    assert found["sbin"] == (stat.S_IFLNK | 0o777, 0, 0, b"bin")
    assert found["dev/console"] == (stat.S_IFCHR | 0o600, 5, 1, b"")
    assert found["bin"][0] == stat.S_IFDIR | 0o755


def test_the_order_in_which_entries_are_named_changes_nothing(tmp_path: Path) -> None:
    one = {"a": cpio.file(b"1"), "b/c": cpio.file(b"2")}
    cpio.write(tmp_path / "one", one)
    cpio.write(tmp_path / "two", dict(reversed(one.items())))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
