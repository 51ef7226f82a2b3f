"""Packages, unpacked by programs that we did not write."""

import subprocess
from pathlib import Path

import pytest

from appliance.backends import bundle_formats
from appliance.backends.bundle_formats.model import Member, Packing

FOLDERS = [name for name in bundle_formats.KNOWN if name.startswith(("zip", "tar"))]


@pytest.mark.parametrize("form", FOLDERS)
def test_others_read_them(tmp_path: Path, form: str) -> None:
    kind = bundle_formats.find(form)
    archive, disk, place = tmp_path / f"it{kind.suffix}", tmp_path / "disk", tmp_path / "out"
    with disk.open("wb") as file:
        file.write(b"a" * 70_000)
        file.seek(1 << 20)
        file.write(b"z")
        file.truncate(3 << 20)
    members = [
        Member("x/a.txt", data=b"text"),
        Member("x/disk.raw", disk),
        Member("x/run", data=b"#!/bin/sh\n", mode=0o755),
    ]
    kind.write(archive, members, Packing(0, 2))  # before zip's first year
    place.mkdir()
    words = ["unzip", "-q"] if kind.suffix == ".zip" else ["tar", "-xf"]
    subprocess.run([*words, archive], cwd=place, check=True)
    assert (place / "x/a.txt").read_bytes() == b"text"
    assert (place / "x/disk.raw").read_bytes() == disk.read_bytes()
    assert (place / "x/run").stat().st_mode & 0o777 == 0o755
    assert (place / "x/a.txt").stat().st_mode & 0o777 == 0o644
