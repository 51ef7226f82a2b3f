"""`appliance run`: what is refused before a machine starts."""

from pathlib import Path

import pytest
from as_typed import Typed


def test_an_image_that_is_not_there(typed: Typed) -> None:
    ended = typed("run", "web.qcow2")
    assert (ended.code, ended.out, ended.err) == (2, "", "appliance: there is no web.qcow2\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--hostname", "no/name"], "'no/name' is not a host name"),
        (["--credential", "a/b=c"], "'a/b' is not the name of a credential"),
        (["--cdrom", "web.qcow2/"], "--cdrom web.qcow2/: there is no web.qcow2"),
        (["--disk-bus", "floppy"], "--disk-bus floppy: this is not one of virtio, "),
    ],
)
def test_words_that_mean_nothing(typed: Typed, tmp_path: Path, words: list[str], says: str) -> None:
    (tmp_path / "web.raw").write_bytes(bytes(512))
    ended = typed("run", "web.raw", *words)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
    assert "Traceback" not in ended.err


def test_a_bundle_without_a_disk(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    ended = typed("run", "web")
    assert ended.code == 2
    assert ended.err.startswith("appliance: ")
