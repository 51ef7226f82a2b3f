"""Files that a user names: whole, and nothing but files is ever replaced."""

import os
import stat
from pathlib import Path

import pytest

from appliance.errors import RequestError
from appliance.host.new_files import write_file


def test_a_file_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(b"old")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert [*tmp_path.iterdir()] == [path]


def test_what_is_no_file_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_file(pipe, b"told")
        assert os.read(reader, 9) == b"told"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("page.html")
    write_file(tmp_path / "link", b"new")
    assert (tmp_path / "page.html").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="nowhere/x: No such file or directory"):
        write_file(tmp_path / "nowhere" / "x", b"")
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(RequestError, match="cannot write .*round: "):
        write_file(tmp_path / "round", b"")
    assert not (tmp_path / "nowhere").exists()
