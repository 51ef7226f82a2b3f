"""Archives: the same files, the same bytes, whatever their times, owners and order."""

import os
import subprocess
from pathlib import Path

import pytest

from appliance.engine.archives import WRITERS, suffix


def tree(place: Path, *, moment: int) -> dict[str, Path]:
    place.mkdir()
    files = {"x/b.txt": b"b" * 1000, "x/a.xz": b"packed", "x/run": b"#!/bin/sh\n", "x/empty": b""}
    made = {}
    for number, (name, data) in enumerate(sorted(files.items(), key=hash)):
        path = place / str(number)
        path.write_bytes(data)
        path.chmod(0o700 if name.endswith("run") else 0o640)
        os.utime(path, (moment, moment))
        made[name] = path
    return made


@pytest.mark.parametrize("kind", WRITERS)
def test_the_same_files_are_the_same_bytes(tmp_path: Path, kind: str) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    WRITERS[kind](first, tree(tmp_path / "one", moment=1_000_000), 1_700_000_000)
    WRITERS[kind](second, dict(reversed(tree(tmp_path / "two", moment=2_000_000).items())),
                  1_700_000_000)  # fmt: skip
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("kind", WRITERS)
def test_others_read_them(tmp_path: Path, kind: str) -> None:
    archive = tmp_path / f"it{suffix(kind)}"
    WRITERS[kind](archive, tree(tmp_path / "one", moment=1), 0)  # before zip's first year
    place = tmp_path / "out"
    place.mkdir()
    words = ["unzip", "-q"] if archive.suffix == ".zip" else ["tar", "-xf"]
    subprocess.run([*words, archive], cwd=place, check=True)
    assert (place / "x/b.txt").read_bytes() == b"b" * 1000
    assert (place / "x/a.xz").read_bytes() == b"packed"
    assert (place / "x/run").stat().st_mode & 0o777 == 0o755
    assert (place / "x/b.txt").stat().st_mode & 0o777 == 0o644
