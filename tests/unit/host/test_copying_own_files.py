"""What counts of files that are brought into an image, and what becomes of it there."""

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.errors import CommandError, RequestError
from appliance.host.own_files import Target, amount, copy, searchable

CLOCK = 1_700_000_000


def digest(source: Path) -> str:
    return amount(source, devices=True).digest


def target(place: Path, mode: int | None = None) -> Target:
    return Target(place.joinpath, place.joinpath, None, mode, CLOCK)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    made = tmp_path / "source"
    (made / "dir").mkdir(parents=True)
    (made / "dir/file").write_text("text\n")
    (made / "link").symlink_to("./dir//file")
    (made / "twin").hardlink_to(made / "dir/file")
    os.mkfifo(made / "pipe")
    return made


def _rename(source: Path) -> None:
    (source / "dir").rename(source / "dirt")


def _retarget(source: Path) -> None:
    (source / "link").unlink()
    (source / "link").symlink_to("dir/file")


def _part(source: Path) -> None:
    (source / "twin").unlink()
    (source / "twin").write_text("text\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda source: (source / "dir/file").write_text("test\n"),
        lambda source: (source / "dir/file").chmod(0o600),
        lambda source: (source / "dir").chmod(0o700),
        lambda source: (source / "empty").mkdir(),
        lambda source: (source / "pipe").unlink(),
        _rename,
        _retarget,
        _part,
    ],
)
def test_whatever_changes_a_copy_changes_the_digest(
    source: Path, change: Callable[[Path], object]
) -> None:
    before = digest(source)
    change(source)
    assert digest(source) != before


def test_times_places_and_whose_they_are_change_nothing(source: Path, tmp_path: Path) -> None:
    before = digest(source)
    os.utime(source / "dir/file", (1, 1))
    if os.geteuid() == 0:
        os.chown(source / "dir/file", 7, 7)
    source.rename(tmp_path / "elsewhere")
    assert digest(tmp_path / "elsewhere") == before


def test_a_copy_is_what_was_looked_at(source: Path, tmp_path: Path) -> None:
    with (source / "holes").open("wb") as file:
        file.truncate(50 << 20)
        file.seek(20 << 20)
        file.write(b"middle")
    (source / os.fsdecode(b"\xff")).write_text("odd name\n")
    place = tmp_path / "new/place"

    assert copy(source, target(place)) == digest(source) == digest(place)
    assert os.readlink(place / "link") == "./dir//file"  # noqa: PTH115 - as it was written
    assert (place / "twin").samefile(place / "dir/file")
    assert stat.S_ISFIFO((place / "pipe").stat().st_mode)
    assert (place / "holes").stat().st_blocks * 512 < 1 << 20
    assert {path.lstat().st_mtime for path in (place, *place.rglob("*"))} == {CLOCK}


def test_how_much_it_is(source: Path) -> None:
    found = amount(source, devices=True)
    assert (found.files, found.size) == (4, 10)


def test_a_mode_is_for_files_and_lets_directories_be_searched(source: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    copy(source, target(place, 0o640))

    assert stat.S_IMODE((place / "dir/file").stat().st_mode) == 0o640
    assert stat.S_IMODE((place / "dir").stat().st_mode) == 0o750
    assert [searchable(mode) for mode in (0o644, 0o600, 0o444, 0o000)] == [
        0o755, 0o700, 0o555, 0,
    ]  # fmt: skip


def test_what_is_there_stays_or_is_replaced(source: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    (place / "dir").mkdir(parents=True)
    (place / "dir").chmod(0o711)
    (place / "dir/other").write_text("other\n")
    (tmp_path / "outside").write_text("outside\n")
    (place / "dir/file").symlink_to(tmp_path / "outside")
    copy(source, target(place))

    assert stat.S_IMODE((place / "dir").stat().st_mode) == 0o711
    assert (place / "dir/other").read_text() == "other\n"
    assert (place / "dir/file").read_text() == "text\n"
    assert (tmp_path / "outside").read_text() == "outside\n"


def test_what_is_in_the_way_is_told(source: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    (place / "link").mkdir(parents=True)
    with pytest.raises(CommandError, match="link cannot be copied: there is a directory") as error:
        copy(source, target(place))
    assert "slash" in error.value.hint
    (place / "link").rmdir()
    (place / "dir/file").unlink()
    (place / "dir").rmdir()
    (place / "dir").write_text("")
    with pytest.raises(CommandError, match="dir cannot be copied: there is a file where"):
        copy(source, target(place))
    with pytest.raises(CommandError, match="source cannot be copied: there is a file where"):
        copy(source, target(place / "dir/below"))


def test_a_file_takes_no_place_of_a_link_to_a_directory(source: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    (place / "usr/bin").mkdir(parents=True)
    (place / "bin").symlink_to("usr/bin")
    with pytest.raises(CommandError, match="file cannot be copied: there is a directory"):
        copy(source / "dir/file", target(place / "bin"))
    assert (place / "bin").is_symlink()
    copy(source / "link", target(place / "bin"))
    assert os.readlink(place / "bin") == "./dir//file"  # noqa: PTH115 - as it was written


def test_a_path_that_becomes_too_long_is_told(source: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="longer than the image can have"):
        copy(source, target(tmp_path / ("a" * 256)))


def test_a_socket_and_what_is_gone_are_refused(source: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(source / "s"))
        with pytest.raises(RequestError, match="s is a socket"):
            digest(source)
    with pytest.raises(RequestError, match="gone cannot be read: No such file"):
        digest(source / "gone")


def test_a_device_is_for_images_only() -> None:
    null = Path("/dev/null")
    assert amount(null, devices=True).files == 1
    with pytest.raises(RequestError, match="/dev/null is a device: scripts see none"):
        amount(null, devices=False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_told_without_reading_it(source: Path) -> None:
    (source / "dir/file").chmod(0)
    for content in (True, False):
        with pytest.raises(RequestError, match="file cannot be read: Permission denied"):
            amount(source, devices=True, content=content)


def test_where_builds_write_is_left_out(source: Path) -> None:
    before = digest(source)
    (source / "out").mkdir()
    (source / "out/disk.raw").write_text("large\n")
    assert amount(source, devices=True, without=(str(source / "out"),)).digest == before
