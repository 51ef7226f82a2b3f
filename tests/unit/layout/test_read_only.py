"""Roots that nobody writes to: how they are named and mounted, and what they must not hold."""

from pathlib import Path

import pytest

from appliance.errors import RecipeError
from appliance.layout.complete import StorageDefaults, complete
from appliance.layout.contents import contents, root_of
from appliance.layout.firmware import holding
from appliance.layout.fstab import fstab
from appliance.layout.identity import disk_id, dos_id
from appliance.layout.place import place
from appliance.layout.storage import Storage
from appliance.layout.writable import expect_writable
from appliance.plan.storage import Pieces, lay_out
from appliance.recipe.reading.load import load
from appliance.units import GIB, MIB

REST = """\
part /boot --fstype=ext4 --size=100
part /var --fstype=ext4 --size=200
part /tmp --fstype=tmpfs
"""
KINDS = ("squashfs", "erofs")


def storage(tmp_path: Path, layout: str, table: str = "gpt", *, grow: bool = False) -> Storage:
    path = tmp_path / "a.ks"
    label = f"clearpart --all --initlabel --disklabel={table}\n"
    path.write_text(f"repo --name=fedora-44\n{label}{layout}\n%packages\n%end\n")
    return complete(
        load(path), StorageDefaults("x"), architecture="x86_64", memory=GIB, disk_size=None,
        grow_root=grow,
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_mounted_to_be_read_and_never_checked(tmp_path: Path, kind: str) -> None:
    layout = f"{REST}part / --fstype={kind} --size=300\n"
    found = storage(tmp_path, f"{layout}part /data --fstype={kind} --size=9 --fsoptions=nodev")

    lines = [" ".join(line.split()[1:]) for line in fstab(found).splitlines() if line[0] != "#"]

    assert f"/ {kind} ro 0 0" in lines
    assert f"/data {kind} nodev,ro 0 0" in lines
    expect_writable(found)


def test_erofs_is_known_by_its_uuid(tmp_path: Path) -> None:
    root = root_of(storage(tmp_path, f"{REST}part / --fstype=erofs --size=300"))
    assert root.source == f"UUID={root.held.uuid}"


@pytest.mark.parametrize("table", ["gpt", "msdos"])
@pytest.mark.parametrize("before", [0, 3])
def test_squashfs_is_known_by_its_partition(tmp_path: Path, table: str, before: int) -> None:
    """By the identity that the disk's maker gives it, or the MBR's signature and its number."""
    more = "".join(f"part /srv/{number} --fstype=ext4 --size=20\n" for number in range(before))
    found = storage(tmp_path, f"{REST}{more}part / --fstype=squashfs --size=300", table)

    layouts = lay_out(found, architecture="x86_64")
    pieces = Pieces("a", found, layouts, versions={}).on(layouts[0])
    piece = next(one for one in pieces if one.area.mount_point == "/")
    signature = dos_id(disk_id("a", "sda")).removeprefix("0x")
    wanted = piece.identity if table == "gpt" else f"{signature}-{piece.number:02x}"
    assert root_of(found).source == f"PARTUUID={wanted}"
    assert piece.number == (3 + before if table == "gpt" or not before else 7)


def test_squashfs_on_a_logical_volume_is_known_by_that(tmp_path: Path) -> None:
    layout = (
        "part pv.01 --size=900\nvolgroup vg-1 pv.01\n"
        "logvol / --vgname=vg-1 --name=root-a --fstype=squashfs --size=300"
    )
    assert root_of(storage(tmp_path, f"{REST}{layout}")).source == "/dev/mapper/vg--1-root--a"


def test_squashfs_in_a_container_is_known_by_that(tmp_path: Path) -> None:
    layout = f"{REST}part / --fstype=squashfs --size=300 --encrypted --passphrase=x"
    root = root_of(storage(tmp_path, layout))
    assert root.source == f"/dev/mapper/{root.containers[0].name}"


@pytest.mark.parametrize("loader", ["grub", "extlinux"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_loader_finds_boot_on_it(tmp_path: Path, kind: str, loader: str) -> None:
    layout = REST.partition("\n")[2]
    found = storage(tmp_path, f"{layout}part / --fstype={kind} --size=300")

    with pytest.raises(RecipeError, match=rf"a.ks:5: /boot is on {kind}: ") as refused:
        holding(found, "/boot", loader=loader)
    assert refused.value.hint == "part /boot --fstype=ext4 --size=1024"
    assert holding(found, "/boot", loader="systemd-boot").mount_point == "/"


@pytest.mark.parametrize(
    ("path", "line"),
    [("/var", "part /var --fstype=ext4 --size=1024"), ("/tmp", "part /tmp --fstype=tmpfs")],
)
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_system_writes_to_is_elsewhere(
    tmp_path: Path, kind: str, path: str, line: str
) -> None:
    kept = "".join(f"{each}\n" for each in REST.splitlines() if f" {path} " not in each)
    found = storage(tmp_path, f"{kept}part / --fstype={kind} --size=300")

    with pytest.raises(RecipeError, match=rf"a.ks:5: {path} would be on {kind}") as refused:
        expect_writable(found)
    assert refused.value.hint == line


def test_var_itself_is_not_read_only(tmp_path: Path) -> None:
    layout = "part / --fstype=ext4 --size=300\npart /var --fstype=erofs --size=20"
    with pytest.raises(RecipeError, match="/var would be on erofs"):
        expect_writable(storage(tmp_path, layout))


def test_nobody_can_ask_to_write(tmp_path: Path) -> None:
    layout = f"{REST}part / --fstype=squashfs --size=300 --fsoptions=noatime,rw"
    with pytest.raises(RecipeError, match=r"a.ks:6: nobody can write to squashfs") as refused:
        storage(tmp_path, layout)
    assert refused.value.hint == "--fsoptions=ro, or --fstype=ext4"


@pytest.mark.parametrize("kind", KINDS)
def test_it_does_not_grow(tmp_path: Path, kind: str) -> None:
    with pytest.raises(RecipeError, match=f"{kind} does not grow while it is mounted"):
        storage(tmp_path, f"{REST}part / --fstype={kind} --size=300", grow=True)


@pytest.mark.parametrize("kind", KINDS)
def test_its_partition_is_one_of_linux(tmp_path: Path, kind: str) -> None:
    found = storage(tmp_path, f"part /data --fstype={kind}\npart / --size=300".replace(
        f"{kind}\n", f"{kind} --size=1\n"))  # fmt: skip
    slots = place(found.disks[0], least={}).slots
    assert slots[0].type_id == "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
    assert slots[0].size == MIB
    assert contents(found)[0].held.kind == kind
