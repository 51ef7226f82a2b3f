"""A real disk as raw.xz: made by the step, and taken by everything of ours that takes disks."""

import lzma
import os
import subprocess
from pathlib import Path

import pytest

from appliance.backends import disk_formats
from appliance.boot.emulator import Launch, MachineFiles, arguments
from appliance.boot.session import Wishes, run_image
from appliance.cli import main
from appliance.difference.disks import differences
from appliance.engine.hands import Hands, Tree
from appliance.errors import RequestError
from appliance.events import Event, Progress
from appliance.host import command
from appliance.intake import compressed_disks as compressed
from appliance.intake.digests import verify
from appliance.intake.disk_images import unpacked
from appliance.intake.images import Disk
from appliance.steps.convert_disk import ConvertDisk
from appliance.store.results import Store
from appliance.units import MIB
from appliance.work.results import DiskImage
from receiving import machine_in

START = MIB  # byte at which the filesystem begins
UUID = "0b6c1f0e-5f0a-4d5e-9d57-6a7d1f0c4a01"
STEP = ConvertDisk("sda", "raw.xz", (("xz", "5"),))


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disk of 300 MiB with a filesystem of programs; nearly all of it is a hole."""
    place = tmp_path_factory.mktemp("disk")
    tree = place / "tree"
    (tree / "etc").mkdir(parents=True)
    (tree / "etc/hostname").write_text("hydrogen\n")
    (tree / "bin").mkdir()
    for name in ("bash", "tar", "sed"):
        (tree / "bin" / name).write_bytes(Path("/bin", name).read_bytes())
    raw = place / "web.raw"
    with raw.open("wb") as file:
        file.truncate(300 * MIB)
    command.run(["sfdisk", "--quiet", raw], stdin="label: gpt\nstart=2048, type=linux\n")
    options = f"hash_seed={UUID},offset={START},root_owner=0:0,nodiscard"
    command.run(["mke2fs", "-q", "-F", "-E", options, "-d", tree, raw, "100M"])
    return raw


def convert(disk: Path, place: Path, *, cores: int) -> tuple[Path, list[Event]]:
    """Run the step as a build does; return the image and what was told meanwhile."""
    store, events = Store(place / "store"), list[Event]()
    store.open()
    kept = store.path("d1")
    kept.mkdir()
    (kept / "data").symlink_to(disk)
    draft = place / "draft"
    draft.mkdir()
    hands = Hands(
        clock=0, cores=cores, gives=STEP.gives, digests={DiskImage("sda"): "d1"}, scratch=place,
        draft=draft, passing=Path(), layers=Tree(place / "root", store, cores), emit=events.append,
    )  # fmt: skip
    STEP.run(hands)
    return draft / "data", events


@pytest.fixture
def image(disk: Path, tmp_path: Path) -> Path:
    made = tmp_path / "web.raw.xz"
    convert(disk, tmp_path, cores=2)[0].rename(made)
    return made


def test_the_step_packs_the_disk_whatever_the_cores(disk: Path, tmp_path: Path) -> None:
    made = []
    for cores in (1, 2, 3):
        (tmp_path / str(cores)).mkdir()
        image, events = convert(disk, tmp_path / str(cores), cores=cores)
        made.append(image.read_bytes())
        told = [event for event in events if isinstance(event, Progress)]
        assert told[-1] == Progress("image:sda.raw.xz", 300 * MIB, 300 * MIB, "bytes")

    assert made[0] == made[1] == made[2]
    assert lzma.decompress(made[0]) == disk.read_bytes()


def test_xz_reads_it_with_all_its_blocks(disk: Path, image: Path, tmp_path: Path) -> None:
    subprocess.run(["xz", "--test", image], check=True)
    said = subprocess.check_output(["xz", "--robot", "--list", image], text=True)
    assert said.splitlines()[1].split("\t")[1:3] == ["1", "38"]  # streams, blocks of 8 MiB

    compressed.unpack(image, tmp_path / "again.raw")

    assert (tmp_path / "again.raw").read_bytes() == disk.read_bytes()
    assert (tmp_path / "again.raw").stat().st_blocks * 512 < 100 * MIB
    assert not (tmp_path / "again.raw.xz").is_symlink()


def test_it_is_not_much_larger_than_what_xz_makes(disk: Path, image: Path) -> None:
    theirs = len(subprocess.check_output(["xz", "-T1", "-6", "-c", disk]))

    assert image.stat().st_size < 1.15 * theirs


def test_what_is_cut_off_or_damaged_is_refused(image: Path, tmp_path: Path) -> None:
    content = image.read_bytes()
    for name, bad in (("cut", content[:-100]), ("bent", content[:500] + b"?" + content[501:])):
        (tmp_path / f"{name}.raw.xz").write_bytes(bad)
        with pytest.raises(RequestError, match=f"{name}.raw.xz cannot be unpacked") as refusal:
            compressed.unpack(tmp_path / f"{name}.raw.xz", tmp_path / "out")
        assert f"{tmp_path}/{name}.raw.xz: " in refusal.value.tail[-1]
        assert not (tmp_path / "out").exists()
        assert not os.path.lexists(tmp_path / "out.xz")


@pytest.mark.parametrize("tool", ["xz", "zstd", "gzip"])
def test_what_becomes_too_large_is_refused(
    tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "a.raw"
    plain.write_bytes(b"x" * 3 * MIB)
    subprocess.run([tool, "-q", plain], check=True)
    plain.unlink(missing_ok=True)
    (packed,) = tmp_path.iterdir()
    monkeypatch.setattr(compressed, "MOST_BYTES", 3 * MIB)
    compressed.unpack(packed, tmp_path / "out")
    (tmp_path / "out").unlink()

    monkeypatch.setattr(compressed, "MOST_BYTES", 2 * MIB)
    with pytest.raises(RequestError, match=rf"{packed.name} holds more than 2 MiB"):
        compressed.unpack(packed, tmp_path / "out")

    assert list(tmp_path.iterdir()) == [packed]


def test_what_is_unpacked_and_refused_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.img.xz").write_bytes(lzma.compress(bytes(512)))

    with pytest.raises(RequestError, match="what is in .*a.img.xz is no qcow2 image") as refusal:
        unpacked(Disk(tmp_path / "a.img.xz", "qcow2", packed=True), tmp_path / "out")

    assert refusal.value.hint.endswith("name it .raw")
    assert not (tmp_path / "out").exists()


def test_it_is_started_from_a_copy_of_its_own(image: Path, tmp_path: Path) -> None:
    found = machine_in(image)
    verify(found)
    launch = Launch(found, memory=1 << 30, cpus=1)
    words = arguments(launch, MachineFiles(tmp_path / "run", tmp_path / "log"), accelerator=())

    assert (found.name, found.disks[0].disk_format, found.disks[0].packed) == ("web", "raw", True)
    drive = next(word for word in words if word.startswith("if=none"))
    assert "format=raw" in drive
    assert f"file={tmp_path}/run/scratch-0" in drive
    assert "snapshot=off" in drive
    with pytest.raises(RequestError, match="nothing can be kept in it"):
        run_image(found, Wishes(persist=True), say=print)


def test_a_bundle_may_name_it(image: Path, tmp_path: Path) -> None:
    (tmp_path / "web.xml").write_text(
        "<image><domain><boot type='hvm'><drive disk='web.raw.xz'/></boot></domain>"
        "<storage><disk file='web.raw.xz' format='raw' use='system'/></storage></image>"
    )

    (disk,) = machine_in(tmp_path).disks

    assert (disk.path, disk.disk_format, disk.packed) == (image, "raw", True)


def test_it_is_compared_as_the_guest_sees_it(
    disk: Path, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "changed.raw"
    command.run(["cp", "--sparse=always", disk, changed])
    command.run(
        ["debugfs", "-w", "-R", "set_inode_field /etc/hostname uid 7", f"{changed}?offset={START}"]
    )

    assert [item.what for item in differences(disk, image)] == [
        "the same for a guest, but the image files differ"
    ]
    assert differences(image, image) == []
    assert main(["diff", str(image), str(changed)]) == 1
    assert "/etc/hostname: uid" in capsys.readouterr().out
    sides = tmp_path / "a", tmp_path / "b"
    for side, words in zip(sides, (["-2"], ["-1"]), strict=True):
        side.mkdir()
        with (side / "web.raw.xz").open("wb") as file:
            subprocess.run(["xz", "-T1", *words, "-c", disk], stdout=file, check=True)
    (found,) = differences(*sides)
    assert found.place == "web.raw.xz: disk"
    assert "the same for a guest" in found.what


def test_images_are_found_by_their_names(image: Path, tmp_path: Path) -> None:
    for name in ("web.xml", "web.qcow2", "web.raw", "raw.xz", "web.tar.xz"):
        (tmp_path / name).touch()

    names = [path.name for path in disk_formats.images(image.parent)]

    assert names == ["web.qcow2", "web.raw", "web.raw.xz"]
