"""What stays in the directory of an appliance when a new one takes its place, and what goes."""

import os
from pathlib import Path

import pytest

from appliance.bundle.model import Bundle
from appliance.errors import RequestError
from appliance.events import Event, Noted
from appliance.handover.export import Parcel, hand_over
from appliance.handover.form import Handover
from appliance.handover.leftovers import leftovers
from launching import shop


def bundle(*formats: str) -> Bundle:
    return shop(*formats, disks=1)


def handed(place: Path, *formats: str, include: tuple[Path, ...] = ()) -> list[str]:
    """Hand over the shop with an image in each of *formats* to the directory *place*; return what
    was said."""
    about, said = bundle(*formats), list[Event]()
    images: dict[str, Path] = {}
    for artifact in about.artifacts:
        images[artifact.path] = place / f"{artifact.path}.made"
        images[artifact.path].write_text(artifact.path)
    parcel = Parcel(about, lambda: about, images)
    handover = Handover(log=False, include=include)
    hand_over(parcel, handover, place / "out", cores=1, emit=said.append)
    return [event.text for event in said if isinstance(event, Noted)]


def test_own_files_stay_whatever_they_are(tmp_path: Path) -> None:
    assert not handed(tmp_path, "qcow2")
    place = tmp_path / "out/shop"
    (place / "notes.txt").write_text("mine")
    (place / "shop-mine.txt").write_text("mine, too")
    (place / "deep/er").mkdir(parents=True)
    (place / "deep/er/file").write_text("deep")
    (place / "link").symlink_to("notes.txt")
    (place / "directory").symlink_to("deep")
    (place / "dangling").symlink_to("nowhere")
    os.mkfifo(place / "pipe")
    before = (place / "notes.txt").stat().st_ino

    assert not handed(tmp_path, "qcow2")

    assert (place / "shop-mine.txt").read_text() == "mine, too"
    assert (place / "directory/er/file").read_text() == "deep"
    assert [(place / each).readlink() for each in ("link", "dangling")] == [
        Path("notes.txt"), Path("nowhere")
    ]  # fmt: skip
    assert (place / "pipe").is_fifo()
    assert (place / "notes.txt").stat().st_ino == before
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["shop"]


def test_what_the_build_before_made_and_this_one_does_not_is_said(tmp_path: Path) -> None:
    (tmp_path / "licences").mkdir()
    (tmp_path / "licences/GPL").write_text("text")
    handed(tmp_path, "qcow2", "vhdx", include=(tmp_path / "licences",))
    place = tmp_path / "out/shop"
    said = handed(tmp_path, "qcow2")
    assert said == [
        f"{place}: of the build before, GPL, shop-sda.vhdx, shop.hyper-v.ps1 are not made now: "
        "removed"
    ]
    assert not (place / "GPL").exists()
    assert not handed(tmp_path, "qcow2")


def test_a_file_that_would_be_replaced_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    handed(tmp_path, "qcow2")
    place = tmp_path / "out/shop"
    (place / "shop-sda.vhdx").write_text("mine")
    before = sorted(place.iterdir())
    with pytest.raises(RequestError, match=r"shop-sda\.vhdx was not made by a build"):
        handed(tmp_path, "qcow2", "vhdx")
    assert (place / "shop-sda.vhdx").read_text() == "mine"
    assert sorted(place.iterdir()) == before
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["shop"]


def test_without_checksums_it_is_the_name_that_counts(tmp_path: Path) -> None:
    for name in ("web.xml", "web-sda.raw", "README", "build.log"):
        (tmp_path / name).write_text("x")
    (tmp_path / "web.root/etc").mkdir(parents=True)
    (tmp_path / "web.root/etc/passwd").write_text("x")
    left = leftovers(tmp_path, "web")
    assert left.made == {"web.xml", "web-sda.raw", "build.log", "web.root"}
    assert left.own == ("README",)
    assert leftovers(tmp_path / "absent", "web").own == ()
