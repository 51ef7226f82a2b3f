"""Which kernel of a root is taken, and which modules it is given, in which order."""

import gzip
from pathlib import Path

import pytest

from appliance.errors import RecipeError
from appliance.host import kernels


def kernel(root: Path, release: str, *, image: str = "boot/vmlinuz-{}") -> Path:
    """A kernel with ext4 as a module on two others, and virtio_blk built in."""
    folder = root / "usr/lib/modules" / release
    folder.mkdir(parents=True)
    (folder / "modules.dep").write_text(
        "kernel/fs/ext4.ko.xz: kernel/fs/jbd2.ko.xz kernel/lib/crc16.ko.xz\n"
        "kernel/fs/jbd2.ko.xz:\nkernel/lib/crc16.ko.xz:\nkernel/crypto/crc32c_generic.ko.xz:\n"
        "kernel/net/nf-tables.ko:\n"
    )
    (folder / "modules.builtin").write_text("kernel/drivers/virtio-blk.ko\n")
    file = root / image.format(release)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"kernel")
    return folder


def test_the_newest_comes_first_by_its_numbers(tmp_path: Path) -> None:
    for release in ("6.9.1", "6.12.0", "6.1.0-31"):
        kernel(tmp_path, release)
    found = [each.release for each in kernels.kernels(tmp_path)]
    assert found == ["6.12.0", "6.9.1", "6.1.0-31"]


def test_one_without_a_file_does_not_count(tmp_path: Path) -> None:
    kernel(tmp_path, "6.1.0")
    (tmp_path / "boot/vmlinuz-6.1.0").unlink()
    assert not kernels.kernels(tmp_path)


def test_its_file_may_lie_beside_its_modules_or_elsewhere(tmp_path: Path) -> None:
    kernel(tmp_path / "a", "6.1.0", image="usr/lib/modules/{}/vmlinuz")
    kernel(tmp_path / "b", "6.1.0", image="elsewhere/vmlinuz-{}")
    assert kernels.kernels(tmp_path / "a")[0].image.name == "vmlinuz"
    assert not kernels.kernels(tmp_path / "b")
    assert kernels.kernels(tmp_path / "b", tmp_path / "b/elsewhere")


def test_modules_follow_those_that_they_need(tmp_path: Path) -> None:
    folder = kernel(tmp_path, "6.1.0")
    (found,) = kernels.kernels(tmp_path)
    order = found.order(["virtio_blk", "ext4"])
    assert order is not None
    names = [path.relative_to(folder).name for path in order]
    assert names == ["crc32c_generic.ko.xz", "crc16.ko.xz", "jbd2.ko.xz", "ext4.ko.xz"]


def test_a_dash_is_an_underscore(tmp_path: Path) -> None:
    kernel(tmp_path, "6.1.0")
    (found,) = kernels.kernels(tmp_path)
    assert found.order(["nf_tables"])
    assert found.order(["xfs"]) is None


def test_the_first_root_that_can_is_taken(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    kernel(tmp_path / "full", "6.1.0")
    taken, order = kernels.choose([tmp_path / "empty", tmp_path / "full"], ["ext4"])
    assert (taken.release, len(order)) == ("6.1.0", 4)


def test_if_none_can_it_says_what_is_missing(tmp_path: Path) -> None:
    kernel(tmp_path, "6.1.0")
    with pytest.raises(RecipeError, match="no kernel of the image has ext4, btrfs") as told:
        kernels.choose([tmp_path], ["ext4", "btrfs"])
    assert "--tools auto" in told.value.hint


@pytest.mark.parametrize("name", ["x.ko", "x.ko.gz"])
def test_a_module_is_unpacked_under_its_plain_name(tmp_path: Path, name: str) -> None:
    module, place = tmp_path / name, tmp_path / "out"
    place.mkdir()
    module.write_bytes(gzip.compress(b"code") if name.endswith("gz") else b"code")
    made = kernels.unpack(module, place)
    assert (made.name, made.read_bytes()) == ("x.ko", b"code")
