"""Differences made on purpose in real filesystems are found, by name."""

import json
from pathlib import Path

import pytest

from appliance.cli import main
from appliance.difference.disks import differences
from appliance.errors import RequestError
from appliance.host import command
from hostile_images import xml

UUID = "0b6c1f0e-5f0a-4d5e-9d57-6a7d1f0c4a01"
CLOCK = {"E2FSPROGS_FAKE_TIME": "1700000000", "SOURCE_DATE_EPOCH": "1700000000"}
ESP, ROOT = 1 << 20, 41 << 20  # bytes from the disk's beginning
TABLE = f"""\
label: gpt
label-id: {UUID}
start=2048, size=81920, type=uefi, uuid={UUID[:-1]}2
start=83968, size=40960, type=linux, uuid={UUID[:-1]}3
"""


def make_disk(place: Path) -> Path:
    """A small appliance: ESP with a loader, root with some files."""
    tree = place / "tree"
    (tree / "etc").mkdir(parents=True)
    (tree / "etc/hostname").write_text("hydrogen\n")
    (tree / "etc/motd").write_bytes(b"welcome\n" * 2000)
    disk = place / "web.raw"
    with disk.open("wb") as file:
        file.truncate(64 << 20)
    command.run(["sfdisk", "--quiet", disk], stdin=TABLE)
    command.run(
        [
            *("mkfs.vfat", "--invariant", "-I", "-F", "32", "-s", "1", "-i", "12345678"),
            *("--offset", str(ESP // 512), str(disk), str(40 << 10)),
        ]
    )
    command.run(["mmd", "-i", f"{disk}@@{ESP}", "::/EFI"])
    command.run(["mcopy", "-i", f"{disk}@@{ESP}", str(tree / "etc/motd"), "::/EFI/BOOT.EFI"])
    options = f"hash_seed={UUID},offset={ROOT},root_owner=0:0,nodiscard"
    command.run(
        [
            *("mke2fs", "-q", "-F", "-t", "ext4", "-U", UUID, "-E", options),
            *("-d", str(tree), str(disk), "20480k"),
        ],
        env=CLOCK,
    )
    return disk


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_disk(tmp_path_factory.mktemp("original"))


@pytest.fixture
def disks(original: Path, tmp_path: Path) -> tuple[Path, Path]:
    left, right = tmp_path / "web.raw", tmp_path / "other.raw"
    for copy in (left, right):
        command.run(["cp", "--sparse=always", original, copy])
    return left, right


def debugfs(disk: Path, *commands: str) -> None:
    command.run(
        ["debugfs", "-w", "-f", "-", f"{disk}?offset={ROOT}"],
        stdin="".join(f"{line}\n" for line in commands),
        env=CLOCK,
    )


def overwrite(disk: Path, old: bytes, new: bytes, start: int) -> None:
    """Change bytes behind the filesystem's back, where *old* is found from *start* on."""
    content = disk.read_bytes()
    at = content.index(old, start)
    with disk.open("r+b") as file:
        file.seek(at)
        file.write(new)


def said(left: Path, right: Path) -> list[str]:
    return [f"{item.place}: {item.what}" for item in differences(left, right)]


def test_equal_disks_are_equal(disks: tuple[Path, Path]) -> None:
    assert differences(*disks) == []


def test_a_changed_file_is_named_with_its_bytes(disks: tuple[Path, Path]) -> None:
    overwrite(disks[1], b"hydrogen\n", b"nitrogen\n", ROOT)
    (found,) = differences(*disks)
    assert found.place == "partition 2"
    assert found.what.startswith("file /etc/hostname: 1 blocks from ")
    assert found.left.startswith("'hydrogen\\n' at byte ")
    assert found.right == "'nitrogen\\n'"


def test_changed_times_and_owners_are_named(disks: tuple[Path, Path]) -> None:
    debugfs(
        disks[1],
        "set_inode_field /etc/motd mtime @1700000001",
        "set_inode_field /etc/motd uid 70000",
        "set_inode_field /etc mode 040700",
    )
    found = [item for item in differences(*disks) if "superblock" not in item.what]
    says = {item.what.split(" ", 2)[2]: (item.left, item.right) for item in found}
    assert says.pop("/etc/motd: mtime")[1] == "1700000001"
    assert says.pop("/etc/motd: uid")[1] == "70000"
    assert says.pop("/etc: mode") == ("0o40755", "0o40700")
    assert not says


def test_a_new_file_changes_directory_bitmaps_and_descriptors(
    disks: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "new").write_text("new\n")
    debugfs(disks[1], f"write {tmp_path / 'new'} new")
    text = "\n".join(said(*disks))
    assert "directory /: 1 blocks" in text
    assert "/new: size" in text
    assert "partition 2: file /new: 1 blocks" in text
    for what in ("block bitmap", "inode bitmap", "group descriptors"):
        assert f"{what}: 1 blocks" in text


def test_a_changed_superblock_field_is_named(disks: tuple[Path, Path]) -> None:
    debugfs(disks[1], "set_super_value volume_name data")
    assert "partition 2: superblock: filesystem volume name" in said(*disks)


def test_a_changed_file_of_the_esp_is_named(disks: tuple[Path, Path]) -> None:
    overwrite(disks[1], b"welcome\n", b"WELCOME\n", ESP)
    assert said(*disks) == ["partition 1: file /EFI/BOOT.EFI: 1 sectors"]


def test_other_parts_of_the_esp_are_named(disks: tuple[Path, Path]) -> None:
    command.run(["mdel", "-i", f"{disks[1]}@@{ESP}", "::/EFI/BOOT.EFI"])
    text = "\n".join(said(*disks))
    assert "partition 1: file allocation table:" in text
    assert "partition 1: file /EFI: 1 sectors" in text


def test_boot_code_and_partition_ids_are_named(disks: tuple[Path, Path]) -> None:
    with disks[1].open("r+b") as file:
        file.write(b"boot")
    command.run(["sfdisk", "--quiet", "--part-uuid", disks[1], "2", UUID])
    text = "\n".join(said(*disks))
    assert "partition table: partition 2, uuid" in text
    assert "outside partitions: boot code: bytes 0 to 440" in text
    assert "outside partitions: GPT: bytes" in text
    assert "outside partitions: backup of the GPT" in text


def test_disks_of_other_sizes(disks: tuple[Path, Path]) -> None:
    with disks[1].open("r+b") as file:
        file.truncate(65 << 20)
    assert said(*disks)[0] == "disk: size in bytes"


def test_another_size_of_inodes_is_a_layout_and_a_header(tmp_path: Path) -> None:
    left, right = tmp_path / "a.raw", tmp_path / "b.raw"
    for path, size in ((left, "128"), (right, "256")):
        options = f"hash_seed={UUID}"
        command.run(
            ["mke2fs", "-q", "-t", "ext4", "-U", UUID, "-I", size, "-E", options, path, "20M"],
            env=CLOCK,
        )
    text = said(left, right)
    assert "disk: superblock: inode size" in text
    assert text[-1].startswith("disk: layout: the filesystems are divided in other ways")


def test_files_in_another_order_are_compared_by_name(tmp_path: Path) -> None:
    texts = {"apple": "red\n" * 3000, "pear": "green\n", "plum": "blue\n"}
    sides = tmp_path / "a.raw", tmp_path / "b.raw"
    for side, names in zip(sides, (["apple", "pear"], ["plum", "pear", "apple"]), strict=True):
        options = f"hash_seed={UUID},root_owner=0:0"
        command.run(
            ["mke2fs", "-q", "-t", "ext4", "-U", UUID, "-E", options, side, "20M"], env=CLOCK
        )
        for name in names:
            (tmp_path / name).write_text(texts[name])
        script = "".join(f"write {tmp_path / name} {name}\n" for name in names)
        command.run(["debugfs", "-w", "-f", "-", side], stdin=script, env=CLOCK)
    assert not [line for line in said(*sides) if "content" in line]
    assert "disk: /plum: only here" in said(*sides)
    overwrite(sides[1], b"green\n", b"brown\n", 0)
    text = said(*sides)
    assert any("inode numbers: the files were put in in another order" in line for line in text)
    assert [line for line in text if "content" in line] == ["disk: /pear: content"]


@pytest.mark.parametrize("kind", ["ext4", "ext3"])
def test_files_that_only_lie_elsewhere_are_not_different(kind: str, tmp_path: Path) -> None:
    """A longer file before them moves all the others; one is in more pieces then."""
    sides = tmp_path / "a.raw", tmp_path / "b.raw"
    for side, length in zip(sides, (1000, 90_000), strict=True):
        words = ["-q", "-t", kind, "-b", "1024", "-O", "^resize_inode", "-U", UUID]
        command.run(
            ["mke2fs", *words, "-E", f"hash_seed={UUID},root_owner=0:0", side, "20M"], env=CLOCK
        )
        (tmp_path / "first").write_bytes(b"x" * length)
        (tmp_path / "same").write_bytes(bytes(range(256)) * 2000)
        for name in ("first", "same"):
            script = f"write {tmp_path / name} {name}\n"
            command.run(["debugfs", "-w", "-f", "-", side], stdin=script, env=CLOCK)
    text = said(*sides)
    assert "disk: inode 12 /first: size" in text
    assert [line for line in text if "file /" in line] == [
        line for line in text if line.startswith("disk: file /first: ")
    ]
    assert "disk: layout: the same data lies elsewhere, 1 files" in text


@pytest.mark.parametrize("name", ["we?b.raw", "we@@b.raw", "a b'c.raw", "-x.raw"])
def test_no_letter_of_a_name_means_anything(
    name: str, disks: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    overwrite(disks[1], b"hydrogen\n", b"nitrogen\n", ROOT)
    overwrite(disks[1], b"welcome\n", b"WELCOME\n", ESP)
    monkeypatch.chdir(disks[1].parent)
    disks[1].rename(name)
    text = said(disks[0], Path(name))
    assert [line.split(":")[0] for line in text] == ["partition 1", "partition 2"]
    assert "file /etc/hostname" in text[1]


def test_qcow2_is_compared_as_the_guest_sees_it(
    disks: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    overwrite(disks[1], b"hydrogen\n", b"nitrogen\n", ROOT)
    image = disks[1].with_suffix(".qcow2")
    command.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", disks[1], image])
    assert main(["diff", str(disks[0]), str(image)]) == 1
    assert "file /etc/hostname" in capsys.readouterr().out
    assert main(["diff", str(disks[1]), str(disks[1])]) == 0
    assert capsys.readouterr().out == ""


def test_bundles_are_compared_file_by_file(
    disks: tuple[Path, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    overwrite(disks[1], b"hydrogen\n", b"nitrogen\n", ROOT)
    sides = tmp_path / "a", tmp_path / "b"
    for side, disk, text in zip(sides, disks, ("<a/>", "<b/>"), strict=True):
        side.mkdir()
        disk.rename(side / "web.raw")
        (side / "web.xml").write_text(text)
    (sides[1] / "SHA256SUMS").write_text("")
    assert main(["diff", "--json", str(sides[0]), str(sides[1])]) == 1
    found = json.loads(capsys.readouterr().out)["differences"]
    assert [item["place"] for item in found] == [
        "SHA256SUMS",
        "web.raw: partition 2",
        "web.xml: file",
    ]
    assert found[2]["left"] == "'a/>' at byte 1"


def test_the_format_that_a_description_states_counts(tmp_path: Path) -> None:
    """Beside a description the suffix says nothing: web.bin is a qcow2, of the same bytes."""
    sides = tmp_path / "a", tmp_path / "b"
    for side, cluster in zip(sides, ("64k", "4k"), strict=True):
        side.mkdir()
        words = ["-o", f"cluster_size={cluster}", side / "web.bin", "1M"]
        command.run(["qemu-img", "create", "-q", "-f", "qcow2", *words])
        xml("web.bin", "qcow2")(side)

    assert [item.what for item in differences(*sides)] == [
        "the same for a guest, but the image files differ"
    ]
    (sides[1] / "web.bin").write_bytes(bytes(1 << 20))
    with pytest.raises(RequestError, match=r"evil\.xml:1: web\.bin is no qcow2 image"):
        differences(*sides)


def test_what_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="there is no"):
        differences(tmp_path / "a", tmp_path)
    (tmp_path / "f").write_text("x")
    with pytest.raises(RequestError, match="one is a directory"):
        differences(tmp_path / "f", tmp_path)


@pytest.mark.parametrize(
    ("start", "damage"), [(ESP + 11, bytes(4)), (ROOT + 1024 + 24, b"\xff" * 8)]
)
def test_a_damaged_filesystem_is_compared_by_sectors(
    start: int, damage: bytes, tmp_path: Path
) -> None:
    disk = make_disk(tmp_path)
    other = tmp_path / "broken.raw"
    other.write_bytes(disk.read_bytes())
    for path, more in ((disk, b""), (other, b"\x01")):
        with path.open("r+b") as file:
            file.seek(start)
            file.write(damage)
            file.seek(start - 11 + 600 if start < ROOT else start + 4096)
            file.write(more)
    found = differences(disk, other)
    assert any("damaged" in each.what for each in found), found
    assert any("sectors" in each.what for each in found), found


def test_disks_without_a_root_are_told_by_their_bits_alone(
    disks: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    sides = [str(disk) for disk in disks]
    debugfs(disks[1], "set_inode_field /etc/hostname uid 7")
    assert main(["diff", *sides]) == 1
    assert capsys.readouterr().out.startswith("partition 2: inode 13 /etc/hostname")
    assert main(["diff", *sides, "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert [note.partition(":")[0] for note in said["notes"]] == [
        "there is no root that can be read"
    ] * 2
    assert main(["diff", *sides, "--section", "disks"]) == 0
    assert main(["diff", *sides, "--changelog"]) == 2
    assert "no root that can be read is on its disks" in capsys.readouterr().err
