"""Disks with several filesystems are opened as the system would mount them."""

import subprocess
from pathlib import Path

import pytest

from appliance.cli import main
from appliance.inspection.inspect import inspect
from appliance.inspection.opened import NoRootError, open_image
from appliance.intake.layers import Means
from appliance.intake.received import received
from appliance.units import MIB, SECTOR

UUID = "26862dad-b999-5728-8899-d240c87639a4"
ESP = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
FSTAB = f"""\
# a comment
UUID={UUID} / ext4 defaults 0 1
LABEL=our\\040data /srv ext4 ro 0 2
UUID=1234-ABCD /boot/efi vfat umask=0077 0 2
/dev/nothing /gone ext4 defaults 0 0
tmpfs /tmp tmpfs defaults 0 0
rubbish
"""


def ext(place: Path, tree: Path, *words: str) -> Path:
    image = place / "filesystem"
    argv = ["mke2fs", "-q", "-F", "-t", "ext4", *words, "-d", tree, image, "24M"]
    subprocess.run(argv, check=True)
    return image


def fat(place: Path, name: str) -> Path:
    image = place / "fat"
    subprocess.run(["mkfs.vfat", "-i", "1234ABCD", "-C", image, str(8 * 1024)], check=True,
                   capture_output=True)  # fmt: skip
    (place / name).write_text(f"{name}\n")
    subprocess.run(["mcopy", "-i", image, place / name, "::/"], check=True)
    return image


def disk(place: Path, parts: list[tuple[str, bytes]], label: str = "gpt") -> Path:
    """A raw disk whose partitions have these types and contents."""
    path, at, lines = place / "web.raw", MIB, [f"label: {label}"]
    with path.open("wb") as file:
        for kind, content in parts:
            file.seek(at)
            file.write(content)
            size = -(-len(content) // MIB) * MIB
            lines.append(f"start={at // SECTOR}, size={size // SECTOR}, type={kind}")
            at += size
        file.truncate(at + 2 * MIB)
    subprocess.run(["sfdisk", "-q", path], input="\n".join(lines), text=True, check=True)
    return path


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A root with an fstab, its /srv and its EFI partition on a disk of their own places."""
    root, data = tmp_path / "root", tmp_path / "data"
    for path in ("etc", "srv/hidden", "boot/efi", "usr/bin", "var/lib"):
        (root / path).mkdir(parents=True)
    data.mkdir()
    (root / "etc/fstab").write_text(FSTAB)
    (root / "etc/os-release").write_text('ID=ours\nPRETTY_NAME="Our \\"own\\" system"\n')
    (root / "etc/same").write_text("one")
    (data / "shop").write_text("data\n")
    (tmp_path / "parts").mkdir()
    contents = [
        (ESP, fat(tmp_path, "KERNEL.EFI").read_bytes()),
        ("linux", ext(tmp_path, data, "-L", "our data").read_bytes()),
        ("linux", ext(tmp_path, root, "-U", UUID).read_bytes()),
    ]
    return disk(tmp_path / "parts", contents)


def test_filesystems_are_joined_as_fstab_says(web: Path) -> None:
    with open_image(received(web).image) as sight:
        assert [(each.name, each.kind, each.mount_point) for each in sight.places] == [
            ("partition 1", "vfat", "/boot/efi"),
            ("partition 2", "ext4", "/srv"),
            ("partition 3", "ext4", "/"),
        ]
        root = sight.root
        assert root
        paths = [entry.path for entry in root.entries()]
        assert len(set(paths)) == len(paths)
        assert {"/srv/shop", "/boot/efi/KERNEL.EFI", "/etc/fstab"} <= set(paths)
        assert "/srv/hidden" not in paths
        assert root.read("/srv/shop", 99) == b"data\n"
        assert root.read("/boot/efi/KERNEL.EFI", 99) == b"KERNEL.EFI\n"
        assert root.find("/srv/hidden") is None
        inodes = [entry.inode for entry in root.entries()]
        assert len(set(inodes)) == len(inodes)
        means = {line.point: place.name if place else None for line, place in sight.mounts}
        assert means["/srv"] == "partition 2"
        assert means["/gone"] is None
        assert all(0 < place.used < place.area.size for place in sight.places)


@pytest.mark.parametrize("kind", ["qcow2", "vmdk", "vhdx", "vdi", "vpc"])
def test_every_disk_format_is_the_same_disk(web: Path, tmp_path: Path, kind: str) -> None:
    image = tmp_path / f"web.{'vhd' if kind == 'vpc' else kind}"
    subprocess.run(["qemu-img", "convert", "-O", kind, web, image], check=True)
    found, meant = inspect(received(image), ["disks"]), inspect(received(web), ["disks"])
    assert found.filesystems and meant.filesystems
    assert [(each.kind, each.uuid, each.used) for each in found.filesystems] == [
        (each.kind, each.uuid, each.used) for each in meant.filesystems
    ]


def test_a_disk_without_a_table_is_one_filesystem(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "etc").mkdir(parents=True)
    (tree / "etc/os-release").write_text("ID=ours\n")
    image = ext(tmp_path, tree).rename(tmp_path / "web.img")
    with open_image(received(image).image) as sight:
        assert [(each.name, each.mount_point) for each in sight.places] == [("whole disk", "/")]
    assert inspect(received(image)).system.id == "ours"  # type: ignore[union-attr]


def test_a_disk_without_a_root_tells_its_partitions_alone(tmp_path: Path) -> None:
    image = disk(tmp_path, [(ESP, fat(tmp_path, "A.TXT").read_bytes()), ("swap", bytes(MIB))])
    found = inspect(received(image))
    assert found.system is None
    assert found.filesystems
    assert [each.kind for each in found.filesystems] == ["vfat", ""]
    assert any("no root" in note for note in found.notes)


def test_a_section_that_needs_a_root_says_what_can_be_asked(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    path = ext(tmp_path, tmp_path / "tree")
    with pytest.raises(NoRootError, match="no root that can be read") as error:
        inspect(received(path), ("users",))
    assert error.value.hint == f"appliance inspect {path} --section disks"
    assert main(error.value.hint.split()[1:]) == 0


def test_a_damaged_filesystem_is_said_and_the_others_are_read(web: Path) -> None:
    with web.open("r+b") as file:
        file.seek(9 * MIB + 1024 + 24)  # the size of its blocks
        file.write(b"\xff")
    with open_image(received(web).image) as sight:
        damaged = sight.places[1]
        assert damaged.tree is None
        assert "damaged" in damaged.problem
        assert sight.root
        assert sight.root.find("/etc/fstab")
        assert any("damaged" in note for note in sight.notes)


def test_nothing_is_left_behind(web: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = web.read_bytes()
    inspect(received(web))
    assert list(scratch.iterdir()) == []
    assert web.read_bytes() == before


BTRFS_FSTAB = f"UUID={UUID} / btrfs subvol=@ 0 0\nUUID={UUID} /home btrfs subvol=/@home 0 0\n"


@pytest.mark.slow
def test_subvolumes_of_btrfs_are_mounted_as_fstab_says(tmp_path: Path, kernel: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "@/etc").mkdir(parents=True)
    (tree / "@/home").mkdir()
    (tree / "@home/ann").mkdir(parents=True)
    (tree / "@/etc/fstab").write_text(BTRFS_FSTAB)
    (tree / "@/etc/os-release").write_text("ID=ours\n")
    (tree / "@home/ann/note").write_text("hers\n")
    with (tree / "@home/sparse").open("wb") as file:
        file.truncate(64 * MIB)
        file.seek(5 * MIB)
        file.write(b"island")
    image = tmp_path / "web.img"
    with image.open("wb") as file:
        file.truncate(200 * MIB)
    words = ["mkfs.btrfs", "-q", "-U", UUID, "--rootdir", tree, image]
    subprocess.run(words, check=True)
    with open_image(received(image).image, means=Means(kernel)) as sight:
        root = sight.root
        assert root
        assert root.read("/home/ann/note", 99) == b"hers\n"
        assert root.read("/home/sparse", 5 * MIB + 99) == (bytes(5 * MIB) + b"island").ljust(
            5 * MIB + 99, b"\0"
        )
        assert "/@home" not in [entry.path for entry in root.entries()]
        [place] = sight.places
        assert (place.kind, place.said.uuid) == ("btrfs", UUID)
        assert 0 < place.used < place.said.size


@pytest.mark.slow
def test_xfs_is_read_by_a_kernel(tmp_path: Path, kernel: Path) -> None:
    (tmp_path / "os-release").write_text("ID=ours\n")
    proto = tmp_path / "proto"
    proto.write_text(f"/\n0 0\nd--755 0 0\netc d--755 0 0\n os-release ---644 0 0 "
                     f"{tmp_path}/os-release\n$\n$\n")  # fmt: skip
    image = tmp_path / "web.img"
    with image.open("wb") as file:
        file.truncate(320 * MIB)
    subprocess.run(["mkfs.xfs", "-q", "-L", "ours", "-p", proto, image], check=True)
    found = inspect(received(image), ["system", "disks"], means=Means(kernel))
    assert found.system and found.filesystems
    assert found.system.id == "ours"
    [said] = found.filesystems
    assert (said.kind, said.label, said.mount_point) == ("xfs", "ours", "/")
    assert 0 < said.used < said.size


def test_without_a_kernel_only_the_disks_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.host.kernels.kernels", lambda *places: [])
    image = tmp_path / "web.img"
    with image.open("wb") as file:
        file.truncate(320 * MIB)
    subprocess.run(["mkfs.xfs", "-q", image], check=True)
    found = inspect(received(image))
    assert found.filesystems
    assert "xfs is read by a kernel" in found.filesystems[0].problem
    assert "--tools ROOT" in found.filesystems[0].problem


SECRET = "se cret"


def encrypted(place: Path) -> Path:
    """A LUKS container with a root in it, that an fstab of Anaconda's calls by its name there."""
    tree = place / "tree"
    (tree / "etc").mkdir(parents=True)
    (tree / "etc/os-release").write_text("ID=ours\n")
    (tree / "etc/fstab").write_text(f"/dev/mapper/luks-{UUID} / ext4 defaults 0 1\n")
    image = ext(place, tree)
    with image.open("r+b") as file:
        file.truncate(56 * MIB)
    words = [
        "cryptsetup", "reencrypt", "--encrypt", "--type", "luks2", "--batch-mode",
        "--reduce-device-size", "32M", "--disable-locks", "--pbkdf", "pbkdf2",
        "--pbkdf-force-iterations", "1000", "--key-file", "-", "--uuid", UUID, image,
    ]  # fmt: skip
    subprocess.run(words, input=SECRET, text=True, check=True, capture_output=True)
    (place / "disk").mkdir()
    return disk(place / "disk", [("linux", image.read_bytes()[: 40 * MIB])])


def test_what_is_encrypted_stays_closed_without_a_passphrase(tmp_path: Path) -> None:
    [said] = inspect(received(encrypted(tmp_path))).filesystems or ()
    assert (said.kind, said.uuid) == ("luks", UUID)
    assert said.problem == "it is encrypted (LUKS)"


@pytest.mark.slow
def test_a_passphrase_opens_what_is_encrypted(tmp_path: Path, kernel: Path) -> None:
    found = inspect(
        received(encrypted(tmp_path)), ["system", "disks"], means=Means(kernel, ("no", SECRET))
    )
    assert found.system and found.filesystems
    assert found.system.id == "ours"
    [said] = found.filesystems
    assert (said.place, said.kind, said.mount_point) == (
        "decrypted", "ext4", "/",
    )  # fmt: skip
