"""What is at a path, asked once for everybody."""

import os
import stat
from pathlib import Path

import pytest

from appliance.errors import RequestError
from appliance.host.status import status_of


def test_what_is_there_and_what_is_not(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "dangling").symlink_to("nowhere")
    link = status_of(tmp_path / "link")
    assert link
    assert stat.S_ISDIR(link.st_mode)
    for name in ("absent", "file/below", "dangling"):
        assert status_of(tmp_path / name) is None


def test_what_nobody_can_tell_is_said(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for path, reason in (
        (tmp_path / "loop", "Too many levels of symbolic links"),
        (tmp_path / ("x" * 300), "File name too long"),
        (Path("a\0b"), "embedded null byte"),
    ):
        with pytest.raises(RequestError, match=f"^cannot read .*: {reason}"):
            status_of(path)
        with pytest.raises(RequestError, match=f"^--repo x: {reason}"):
            status_of(path, "--repo x")


@pytest.mark.skipif(os.geteuid() == 0, reason="root enters everything")
def test_a_directory_that_nobody_may_enter(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(RequestError, match="Permission denied"):
        status_of(tmp_path / "closed/file")
