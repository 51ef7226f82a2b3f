"""Moving data where a disk becomes full meanwhile; the disk is a stand-in."""

import errno
import os
from pathlib import Path

import pytest

from appliance.host import trees

BYTES = os.urandom(5000)
REAL = os.pwrite


def test_what_a_full_disk_took_half_of_is_written_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        trees.os, "pwrite", lambda number, data, place: REAL(number, data[:1234], place)
    )
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(BYTES)
    trees.move(source, target)
    assert target.read_bytes() == BYTES
    assert not source.exists()


def test_what_a_full_disk_refuses_stays_in_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pwrite(number: int, data: bytes, place: int) -> int:
        if place:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return REAL(number, data[:1234], place)

    monkeypatch.setattr(trees.os, "pwrite", pwrite)
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(BYTES)
    with pytest.raises(OSError, match="No space left"):
        trees.move(source, target)
    assert source.read_bytes() == BYTES
