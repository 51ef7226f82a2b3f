"""Which partition of an image holds its root: sfdisk's and debugfs's words, made up."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from appliance.errors import RequestError
from appliance.inspection.inside import ROOT_TYPES, Reader

ROOT, LINUX, MBR = ROOT_TYPES[:3]
ESP = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"


def reader(shown: Path) -> Reader:
    (shown / "disk").write_bytes(bytes(16 * 2048 * 512))
    return Reader(Path("web.raw"), shown=shown, root=Path("root"))


def disk(
    monkeypatch: pytest.MonkeyPatch, *partitions: tuple[str, int], roots: Sequence[int] = ()
) -> list[int]:
    """A disk with *partitions* (type, first sector), of which those at *roots* have an /etc.
    Returns where debugfs has looked, in sectors."""
    looked: list[int] = []
    listed = [{"start": start, "size": 8, "type": kind} for kind, start in partitions]
    table = {"partitiontable": {"label": "gpt", **({"partitions": listed} if listed else {})}}

    def run(_: Reader, words: Sequence[str | Path]) -> str:
        if words[0] == "sfdisk":
            return json.dumps(table)
        looked.append(int(str(words[-1]).partition("?offset=")[2]) // 512)
        found = looked[-1] in roots
        return "Inode: 12   Type: directory" if found else "/etc: File not found by ext2_lookup"

    monkeypatch.setattr(Reader, "run", run)
    return looked


def test_a_root_by_its_type_comes_before_other_linux_partitions(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    looked = disk(monkeypatch, (ESP, 2048), (LINUX, 4096), (ROOT, 8192), roots=(4096, 8192))

    assert reader(tmp_path).root_area().start == 8192 * 512
    assert looked == [8192]


def test_of_several_the_first_with_an_etc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    looked = disk(monkeypatch, (LINUX, 2048), (LINUX, 4096), (LINUX, 8192), roots=(4096, 8192))

    assert reader(tmp_path).root_area().start == 4096 * 512
    assert looked == [2048, 4096]


@pytest.mark.parametrize("kind", [MBR, ROOT.lower(), LINUX.lower()])
def test_types_as_sfdisk_may_write_them(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    disk(monkeypatch, (kind, 2048), roots=(2048,))

    assert reader(tmp_path).root_area().start == 2048 * 512


def test_a_disk_without_a_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    disk(monkeypatch, (ESP, 2048), (LINUX, 4096))
    with pytest.raises(RequestError, match="no partition of web.raw holds a root"):
        reader(tmp_path).root_area()
    disk(monkeypatch)
    with pytest.raises(RequestError, match="no partition of web.raw holds a root"):
        reader(tmp_path).root_area()
