"""How a disk is put together: its table, what goes where, and who embeds the boot loader."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import Where
from appliance.layout.areas import Area, Encrypted, Physical
from appliance.layout.fit import content_size, fitted_content_size
from appliance.layout.lvm import DATA_START, Device, PhysicalGroup, Run
from appliance.layout.place import CONTAINER, GRAIN, TYPES
from appliance.steps.assemble_disk import BIOS_BOOT, AssembleDisk, Piece, filled
from appliance.units import MIB, SECTOR
from appliance.work.results import BootCode, FilesystemImage

HERE = Where(Path("a.ks"), 1)
LINUX = TYPES["gpt"][""]
SEALED = Encrypted("c", "luks-c", "env:A", "", "", 0, 0, 0)
WORLD = Any  # conftest.World: conftests are no modules to import from


def area(start: int, size: int, mount_point: str = "", **more: Any) -> Area:
    kind = more.pop("filesystem", "ext4")
    uuid = f"uuid of {mount_point or start}"
    return Area(start, size, kind, uuid, mount_point, (), "", "", HERE, **more)


def disk(*areas: Area, boot: tuple[BootCode, ...] = (), table: str = "gpt") -> AssembleDisk:
    pieces = tuple(
        Piece(number, LINUX if one.filesystem else BIOS_BOOT, f"i{number}", one)
        for number, one in enumerate(areas, start=1)
    )
    images = tuple(FilesystemImage(one.mount_point or one.uuid) for one in filled(areas))
    size = max(one.start + one.size for one in areas) + MIB
    return AssembleDisk("sda", table, size, "0" * 8, pieces, images, (), boot, ())


def made(world: WORLD, step: AssembleDisk) -> bytes:
    """The disk, when each of its filesystems is full of one letter."""
    letters = zip("abcdef", filled(p.area for p in step.pieces), step.filesystems, strict=False)
    for letter, one, image in letters:
        world.results.path(image).write_bytes(letter.encode() * content_size(one))
    step.run(world)
    whole: bytes = world.results.path(step.gives).read_bytes()
    return whole


def test_each_filesystem_is_in_its_place_and_no_longer_elsewhere(world: WORLD) -> None:
    step = disk(area(MIB, 2 * MIB, "/boot"), area(3 * MIB, MIB, "/"))

    whole = made(world, step)

    assert whole == bytes(MIB) + b"a" * 2 * MIB + b"b" * MIB + bytes(MIB)
    assert [path.name for path in world.files.iterdir()] == ["disk:sda"]


def test_a_group_holds_its_volumes_behind_its_own_metadata(world: WORLD) -> None:
    group = PhysicalGroup(
        "vg", "g" * 32, 4 * MIB, (Device("d" * 32, 9 * MIB, 2),), (Run("root", "r" * 32, 0, 0, 2),)
    )
    inner = area(DATA_START, 8 * MIB, "/")
    step = disk(area(MIB, 9 * MIB, filesystem="", physical=Physical(group, 0, (inner,))))

    whole = made(world, step)

    assert b"LABELONE" in whole[MIB : 2 * MIB]
    assert whole[2 * MIB : 10 * MIB] == b"a" * 8 * MIB


def test_a_container_gets_what_is_in_it_and_is_secret(world: WORLD) -> None:
    step = disk(area(MIB, CONTAINER + MIB, "/", encryption=SEALED))

    made(world, step)

    assert [name for name, _ in world.asked] == ["sfdisk", "progress", "cryptsetup"]
    assert (step.secret, step.repeatable) == (True, False)
    assert not disk(area(MIB, MIB, "/")).secret


@pytest.mark.parametrize("loader", ["bios", "bios-in-tree"])
def test_grub_is_embedded_where_there_is_room_for_it(world: WORLD, loader: str) -> None:
    step = disk(
        area(MIB, MIB, filesystem=""), area(2 * MIB, MIB, "/"), boot=(BootCode("bios", loader),)
    )
    world.results.path(step.boot[0]).write_bytes(b"B" * SECTOR + b"C" * 2 * SECTOR)

    whole = made(world, step)

    assert whole[:3] == b"BBB"
    assert whole[MIB : MIB + 16] == b"C" * 16
    assert [name for name, _ in world.asked if name == "machine"] == []


def test_the_loader_that_made_the_code_embeds_it(world: WORLD) -> None:
    """extlinux writes its code for this kind of table, and has its program run in a machine."""
    step = disk(area(MIB, MIB, "/boot"), boot=(BootCode("extlinux", "extlinux"),))
    world.results.path(step.boot[0]).write_bytes(b"D" * 440 + b"G" * 440)
    for name in ("usr/bin/extlinux", "lib64/ld-linux-x86-64.so.2", "lib64/libc.so.6"):
        (world.root / name).parent.mkdir(parents=True, exist_ok=True)
        (world.root / name).touch()

    whole = made(world, step)

    assert whole[:440] == b"G" * 440
    assert [script for name, script in world.asked if name == "machine"] == [
        "mount -t ext4 /dev/vda1 /mnt\n"
        "/image/loader --library-path /image /image/extlinux --install /mnt/extlinux\numount /mnt\n"
    ]
    assert not step.repeatable


def test_a_disk_takes_one_file_for_each_of_its_filesystems(world: WORLD) -> None:
    step = replace(disk(area(MIB, MIB, "/boot"), area(2 * MIB, MIB, "/")), filesystems=())

    with pytest.raises(ValueError, match="zip"):
        step.run(world)


def test_a_table_says_places_kinds_and_identities_in_sectors() -> None:
    boot = (BootCode("extlinux", "extlinux"),)
    gpt = disk(area(MIB, MIB, "/boot"), area(2 * MIB, 4 * MIB, "/"), boot=boot)

    assert gpt.script().splitlines() == [
        "label: gpt", "label-id: 00000000", "sector-size: 512", "",
        f"1: start=2048, size=2048, type={LINUX}, uuid=i1, attrs=LegacyBIOSBootable",
        f"2: start=4096, size=8192, type={LINUX}, uuid=i2",
    ]  # fmt: skip
    dos = replace(gpt, table="dos", identity="12345678-1234-1234-1234-123456789abc", boot=())
    assert dos.script().splitlines()[4:] == [
        f"1: start=2048, size=2048, type={LINUX}, bootable",
        f"2: start=4096, size=8192, type={LINUX}",
    ]


@pytest.mark.parametrize("unit", [4096, MIB, 4 * MIB, 32 * MIB])
@pytest.mark.parametrize("sealed", [None, SEALED], ids=["plain", "sealed"])
@pytest.mark.parametrize("need", [1, MIB, 17 * MIB + 5, 100 * MIB])
def test_a_fitted_volume_is_as_large_as_its_filesystem_was_made(
    unit: int, sealed: Encrypted | None, need: int
) -> None:
    extents = 2048 * MIB // unit
    runs = (Run("root", "r", 0, 0, extents), Run("srv", "s", 0, extents, 64 * MIB // unit))
    group = PhysicalGroup("vg", "g", unit, (Device("d", 0, extents * 2),), runs)
    root, srv = (
        area(*group.place(run), f"/{run.name}", encryption=sealed, fitted=run.name == "root")
        for run in runs
    )
    step = disk(
        area(MIB, 5000 * MIB, filesystem="", physical=Physical(group, 0, (root, srv)), fitted=True),
        area(6000 * MIB, 10 * MIB, "/last", fitted=True),
    )
    sizes = {
        root.uuid: fitted_content_size(root, need, unit=unit),
        srv.uuid: content_size(srv),
        "uuid of /last": fitted_content_size(step.pieces[1].area, need),
    }

    laid_out = step.laid_out(sizes)

    assert {one.uuid: content_size(one) for one in filled(p.area for p in laid_out.pieces)} == sizes
    assert sizes[root.uuid] >= need
    assert (sizes[root.uuid] + (CONTAINER if sealed else 0)) % max(unit, GRAIN) == 0
    first, last = (piece.area for piece in laid_out.pieces)
    assert last.start == 6000 * MIB - 5000 * MIB + first.size
    assert laid_out.size == last.start + last.size + MIB
