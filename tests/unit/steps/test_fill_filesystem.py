"""What goes into a filesystem, and how large it is."""

from pathlib import Path
from typing import Any

import pytest

from appliance.errors import RecipeError, Where
from appliance.layout.areas import Area, Encrypted, Shown
from appliance.layout.place import CONTAINER
from appliance.steps.fill_filesystem import FillFilesystem
from appliance.units import MIB
from appliance.work.results import BootCode, FilesystemImage, Labels, Layer

HERE = Where(Path("a.ks"), 7)
UUID = "12345678-1234-1234-1234-123456789abc"
LAYERS = (Layer("packages"), Layer("finish"))
UEFI = BootCode("uefi", "uefi")
WORLD = Any  # conftest.World


def area(filesystem: str, mount_point: str = "/", size: int = 64 * MIB, **more: Any) -> Area:
    label = more.pop("label", "")
    return Area(0, size, filesystem, UUID, mount_point, (), label, "", HERE, **more)


def fill(one: Area, **more: Any) -> FillFilesystem:
    return FillFilesystem(one.mount_point or "sda1", one, LAYERS, (), **more)


@pytest.fixture(autouse=True)
def _tree(world: WORLD) -> None:
    (world.root / "boot/efi").mkdir(parents=True)


def asked(world: WORLD, name: str) -> list[Any]:
    return [words for what, words in world.asked if what == name]


def test_a_filesystem_begins_where_its_file_begins(world: WORLD) -> None:
    step = fill(area("efi", "/boot/efi"))
    step.run(world)

    assert "--offset=0" in asked(world, "mkfs.vfat")[0]
    assert world.results.path(FilesystemImage("/boot/efi")).stat().st_size == 64 * MIB


def test_firmware_finds_its_program_in_the_filesystem(world: WORLD) -> None:
    fill(area("efi", "/boot/efi"), boot=(UEFI,)).run(world)

    program = world.results.path(UEFI)
    assert asked(world, "view") == [("/boot/efi", (), {"EFI/BOOT/BOOTX64.EFI": program})]


def test_swap_space_has_no_files(world: WORLD) -> None:
    FillFilesystem("sda2", area("swap", ""), (), ()).run(world)

    assert asked(world, "view") == []
    assert len(asked(world, "mkswap")) == 1


def test_subvolumes_are_shown_together(world: WORLD) -> None:
    parts = (Shown("root", "/", ("/home",)), Shown("home", "/home", ()))
    step = fill(area("btrfs", "", 200 * MIB, subvolumes=parts))
    step.run(world)

    assert asked(world, "gather") == [({"root": ("/", ("/home",)), "home": ("/home", ())}, "", ())]
    assert not step.repeatable


def test_inside_a_container_there_is_less_room(world: WORLD) -> None:
    sealed = Encrypted("c", "luks-c", "env:A", "", "", 0, 0, 0)
    step = fill(area("efi", "/boot/efi", encryption=sealed))
    step.run(world)

    assert world.results.path(step.gives).stat().st_size == 64 * MIB - CONTAINER


def test_what_is_fitted_is_as_large_as_its_files_ask_for(world: WORLD) -> None:
    (world.root / "file").write_bytes(b"x" * 10 * MIB)
    step = fill(area("efi", "/", 640 * MIB, fitted=True), unit=4 * MIB)
    step.run(world)

    size = world.results.path(step.gives).stat().st_size
    assert 74 * MIB < size < 90 * MIB
    assert size % (4 * MIB) == 0


def test_files_are_labelled_before_they_are_shown(world: WORLD) -> None:
    world.results.path(Labels()).write_text("system_u:object_r:root_t:s0 /\n")
    fill(area("efi", "/"), labels=(Labels(),), marked=True).run(world)
    order = [what for what, _ in world.asked]
    world.asked.clear()
    fill(area("efi", "/"), labels=(Labels(),)).run(world)

    assert order[:2] == ["label", "view"]
    assert asked(world, "label") == []


def test_an_unknown_filesystem_is_the_authors_line(world: WORLD) -> None:
    with pytest.raises(RecipeError, match="unknown filesystem 'zfs'") as caught:
        fill(area("zfs")).run(world)
    assert caught.value.where == HERE


def test_a_label_that_is_too_long_is_the_authors_line(world: WORLD) -> None:
    with pytest.raises(RecipeError, match="at most 11 bytes") as caught:
        fill(area("vfat", label="much-too-long")).run(world)
    assert caught.value.where == HERE


def test_ways_that_draw_or_leave_it_to_a_kernel_are_not_repeatable() -> None:
    assert fill(area("xfs")).repeatable
    assert not fill(area("xfs", way="machine")).repeatable
    assert not fill(area("btrfs")).repeatable
