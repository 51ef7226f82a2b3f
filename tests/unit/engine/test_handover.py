"""What --include adds, and which archive is replaced."""

import os
from pathlib import Path

import pytest

from appliance.engine import archives
from appliance.engine.export import check_place
from appliance.engine.handover import Handover, included
from appliance.errors import RequestError


def test_a_link_to_its_own_parent_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert included(tmp_path, set()) == {"a": tmp_path / "a"}
    (tmp_path / "loop").symlink_to(tmp_path)
    with pytest.raises(RequestError, match="loop is a directory that is there already"):
        included(tmp_path, set())


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_directory_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(RequestError, match="closed cannot be read: Permission denied"):
        included(tmp_path, set())


def test_a_name_of_the_appliance_is_refused_as_a_directory_too(tmp_path: Path) -> None:
    (tmp_path / "aos.xml").mkdir()
    (tmp_path / "aos.xml/file").touch()
    with pytest.raises(RequestError, match=r"has a aos.xml of its own"):
        included(tmp_path, {"aos.xml"})


@pytest.mark.parametrize("kind", archives.WRITERS)
def test_only_an_archive_of_ours_is_replaced(tmp_path: Path, kind: str) -> None:
    handover = Handover(archive=kind)
    place = check_place(tmp_path, "aos", handover)
    file = tmp_path / "file"
    file.write_text("text")
    archives.WRITERS[kind](place, {"aos/aos-sda.raw": file, "aos/aos.packages.json": file}, 0)
    assert check_place(tmp_path, "aos", handover) == place
    archives.WRITERS[kind](place, {"aos/holidays.jpg": file}, 0)
    with pytest.raises(RequestError, match="no build made it"):
        check_place(tmp_path, "aos", handover)
    for content in (b"", b"no archive", b"PK\x03\x04" * 40):
        place.write_bytes(content)
        with pytest.raises(RequestError, match="no build made it"):
            check_place(tmp_path, "aos", handover)
