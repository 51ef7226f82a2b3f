"""The day of a build is forgotten; the days of an author stay."""

from pathlib import Path

from appliance.engine import own_day

CLOCK = 19700 * own_day.DAY + 7
TODAY = 20788
BEFORE = f"""\
root:*:{TODAY}:0:99999:7:::
daemon:*:{TODAY + 1}:0:99999:7:::
anna:$6$x$y:0:0:99999:7:::
bert:!:19737:0:90:7:::
carl:!::0:99999:7:::
dora:{TODAY}:{TODAY}:{TODAY}:90:7::{TODAY}:
odd line
"""
AFTER = f"""\
root:*:19700:0:99999:7:::
daemon:*:19700:0:99999:7:::
anna:$6$x$y:0:0:99999:7:::
bert:!:19737:0:90:7:::
carl:!::0:99999:7:::
dora:{TODAY}:19700:{TODAY}:90:7::{TODAY}:
odd line
"""


def test_only_the_days_of_the_build_are_replaced(tmp_path: Path) -> None:
    shadow = tmp_path / "etc/shadow"
    shadow.parent.mkdir()
    shadow.write_text(BEFORE)

    own_day.forget(tmp_path.joinpath, range(TODAY, TODAY + 2), CLOCK)

    assert shadow.read_text() == AFTER


def test_a_file_without_such_days_is_not_touched(tmp_path: Path) -> None:
    shadow = tmp_path / "etc/shadow"
    shadow.parent.mkdir()
    shadow.write_text(AFTER)
    shadow.chmod(0o400)
    before = shadow.stat()

    own_day.forget(tmp_path.joinpath, range(TODAY, TODAY + 1), CLOCK)

    assert shadow.stat().st_mtime_ns == before.st_mtime_ns


def test_an_image_may_have_no_such_file(tmp_path: Path) -> None:
    own_day.forget(tmp_path.joinpath, range(1, 2), CLOCK)
    (tmp_path / "etc/shadow").mkdir(parents=True)
    own_day.forget(tmp_path.joinpath, range(1, 2), CLOCK)
