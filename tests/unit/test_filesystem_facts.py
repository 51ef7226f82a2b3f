"""One row of facts for every filesystem, one maker for every row, and no third place that knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import house
from appliance.backends import filesystems
from appliance.filesystem_facts import (
    BARE,
    FILESYSTEMS,
    HEAD,
    HELD,
    NOTHING,
    USUAL,
    companions,
    facts,
    grub_modules,
    recognised,
)

# Names that nobody takes for anything else. `efi`, `swap` and `lvm` are words of firmware,
# kickstarts and volume groups, too.
NAMES = sorted({*FILESYSTEMS} - {"efi", "swap"})
WORD = re.compile(rf"(?<![\w.-])({'|'.join(NAMES)})(?![\w-])")
ALLOWED = ("filesystem_facts.py", "backends/filesystems/")
# Who chooses one filesystem for its users, or speaks of a command or a program of the same name.
CHOSEN = {
    ("backends/families/fedora.py", "btrfs"): "what Fedora's installer chooses",
    ("backends/families/rpm.py", "xfs"): "what RHEL's installer chooses",
    ("host/tools.py", "btrfs"): "the program",
    **{
        ("intake/trees/superblocks.py", name): "who reads its superblock"
        for name in ("erofs", "squashfs", "vfat", "xfs")
    },
    **{
        ("intake/trees/ext_layout.py", name): "which of them a superblock is"
        for name in ("ext2", "ext3", "ext4")
    },
    ("layout/join.py", "btrfs"): "the command",
    ("recipe/reading/automatic.py", "btrfs"): "autopart --type=btrfs",
    ("recipe/reading/commands/storage.py", "btrfs"): "the command",
    ("recipe/reading/load.py", "btrfs"): "the command",
    ("recipe/reading/storage.py", "btrfs"): "the command, and part btrfs.01",
    ("recipe/reading/subvolumes.py", "btrfs"): "the command",
    ("intake/mounted.py", "xfs"): "how it is mounted to be read",
    ("intake/mounted.py", "squashfs"): "how it is mounted to be read",
    ("intake/mounted.py", "erofs"): "how it is mounted to be read",
}


def said_in(file: Path) -> Iterator[tuple[str, int]]:
    """The filesystems that the texts of a program name, docstrings aside, each with its line."""
    told = {
        id(node.body[0].value)
        for node in house.nodes(file)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in house.nodes(file):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            for found in WORD.finditer(node.value):
                yield found[1], node.lineno


def test_no_other_place_spells_the_name_of_a_filesystem() -> None:
    found = {
        (str(file.relative_to(house.SOURCE)), name): line
        for file in house.SOURCE.rglob("*.py")
        for name, line in said_in(file)
        if not str(file.relative_to(house.SOURCE)).startswith(ALLOWED)
    }
    wrong = [f"{path}:{found[path, name]}: {name}" for path, name in set(found) - set(CHOSEN)]
    assert not wrong, "read filesystem_facts instead:\n" + "\n".join(sorted(wrong))
    assert set(CHOSEN) <= set(found), "an exception that nobody needs any more"


def test_every_row_has_a_maker_and_every_maker_a_row() -> None:
    assert list(filesystems.KNOWN) == list(FILESYSTEMS)
    for name, maker in filesystems.KNOWN.items():
        assert maker.tools, name


@pytest.mark.parametrize("row", HELD.values(), ids=lambda row: row.name)
def test_a_row_says_what_all_need(row: object) -> None:
    row = facts(row.name)  # type: ignore[attr-defined]
    assert row.name
    assert row.family
    assert row.smallest > 0
    assert re.fullmatch(r"([0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12})?", row.gpt_type)
    assert re.fullmatch(r"[0-9a-f]{0,2}", row.mbr_type)
    if row.mounted_as:
        assert row.modules, "no initramfs would mount it"
        assert row.signatures
        assert row.mount_options


def test_aliases_are_nobody_elses() -> None:
    words = [alias for row in HELD.values() for alias in (row.name, *row.aliases)]
    assert len(words) == len(set(words))


def test_what_is_not_known_is_nothing() -> None:
    assert facts("") is NOTHING
    assert facts("extended") is NOTHING
    assert facts("biosboot") is BARE["biosboot"]


def test_hints_propose_one_that_every_loader_reads() -> None:
    usual = FILESYSTEMS[USUAL]
    assert usual.extlinux_reads
    assert usual.grub_module
    assert usual.keeps_links


def test_grub_reads_what_can_hold_boot() -> None:
    assert grub_modules()[:3] == ("ext2", "xfs", "btrfs")
    assert "fat" not in grub_modules()


def test_companions_are_those_of_drivers() -> None:
    assert dict(companions())["btrfs"][0] == "crc32c_generic"
    assert "vfat" not in dict(companions())


def head(*pieces: tuple[int, bytes]) -> bytes:
    made = bytearray(HEAD)
    for start, text in pieces:
        made[start : start + len(text)] = text
    return bytes(made)


@pytest.mark.parametrize(
    ("pieces", "family"),
    [
        (((1080, b"\x53\xef"),), "ext"),
        (((510, b"\x55\xaa"), (82, b"FAT32   ")), "fat"),
        (((510, b"\x55\xaa"), (54, b"FAT16   ")), "fat"),
        (((0, b"XFSB"),), "xfs"),
        (((65600, b"_BHRfS_M"),), "btrfs"),
        (((4086, b"SWAPSPACE2"),), "swap"),
        (((54, b"FAT16   "),), ""),
        ((), ""),
    ],
)
def test_a_filesystem_is_recognised_by_its_bytes(
    pieces: tuple[tuple[int, bytes], ...], family: str
) -> None:
    found = recognised(head(*pieces))
    assert (found.family if found else "") == family


def test_every_signature_ends_within_the_head() -> None:
    ends = [
        start + len(text)
        for row in FILESYSTEMS.values()
        for signature in row.signatures
        for start, text in signature
    ]
    assert max(ends) <= HEAD
