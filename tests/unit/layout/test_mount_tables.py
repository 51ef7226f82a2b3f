"""fstab, crypttab and the kernel's arguments of each kind of root, read from kickstarts."""

from pathlib import Path

import pytest

from appliance.errors import RecipeError
from appliance.layout.complete import StorageDefaults, complete
from appliance.layout.contents import contents
from appliance.layout.firmware import firmware, holding, path_in, started_by
from appliance.layout.fstab import crypttab, fstab, layout_arguments
from appliance.layout.storage import Storage
from appliance.recipe.model import Recipe
from appliance.recipe.reading.load import load
from appliance.recipe.volumes import BootSettings
from appliance.units import GIB

PC = "x86_64"

LVM = """\
part /boot --fstype=ext4 --size=100
part /boot/efi --fstype=efi --size=64
part pv.01 --size=2000
volgroup vg pv.01
logvol swap --vgname=vg --name=swap --fstype=swap --size=100
logvol /home --vgname=vg --name=home --fstype=xfs --size=400 --fsoptions=nodev,noatime
logvol / --vgname=vg --name=root --fstype=ext4 --size=500
"""
BTRFS = """\
part btrfs.01 --size=2000 --fsoptions=noatime
btrfs none --label=fedora btrfs.01
btrfs / --subvol --name=root LABEL=fedora
btrfs /home --subvol --name=home LABEL=fedora
"""
LUKS = """\
part /boot --fstype=ext4 --size=100
part / --fstype=xfs --size=900 --encrypted --passphrase=secret
part /srv --fstype=ext4 --size=100 --encrypted --passphrase=secret
"""


def stored(tmp_path: Path, layout: str, *, memory: int = GIB) -> Storage:
    return complete(
        recipe(tmp_path, layout), StorageDefaults("x"), architecture=PC, memory=memory,
        disk_size=20 * GIB,
    )  # fmt: skip


def recipe(tmp_path: Path, layout: str) -> Recipe:
    path = tmp_path / "a.ks"
    path.write_text(f"repo --name=fedora-44\n{layout}%packages\n%end\n")
    return load(path)


def fields(text: str) -> list[str]:
    """Each line without its first word, which is a UUID."""
    return [" ".join(line.split()[1:]) for line in text.splitlines() if line[0] != "#"]


def test_logical_volumes_are_mounted_by_uuid_in_order_of_their_places(tmp_path: Path) -> None:
    found = stored(tmp_path, LVM)

    assert fields(fstab(found)) == [
        "/ ext4 defaults 0 1",
        "/boot ext4 defaults 0 2",
        "/boot/efi vfat umask=0077,shortname=winnt 0 2",
        "/home xfs nodev,noatime 0 0",
        "none swap defaults 0 0",
    ]
    assert layout_arguments(found) == ("rd.lvm.lv=vg/root",)
    assert crypttab(found) == ""


def test_subvolumes_have_their_names_first_and_the_options_of_their_volume(tmp_path: Path) -> None:
    found = stored(tmp_path, BTRFS)

    assert fields(fstab(found)) == [
        "/ btrfs subvol=root,noatime 0 0",
        "/home btrfs subvol=home,noatime 0 0",
    ]
    assert len({content.held.uuid for content in contents(found)}) == 1
    assert layout_arguments(found) == ("rootflags=subvol=root",)
    assert path_in(holding(found, "/boot", loader="grub"), "/boot") == "/root/boot"


def test_containers_are_opened_early_only_for_the_root(tmp_path: Path) -> None:
    found = stored(tmp_path, LUKS)
    root, data = (one for content in contents(found) for one in content.containers)

    assert crypttab(found).splitlines() == [
        f"{root.name} UUID={root.uuid} none luks,discard,x-initrd.attach",
        f"{data.name} UUID={data.uuid} none luks,discard",
    ]
    assert layout_arguments(found) == (f"rd.luks.uuid={root.name}",)


def test_a_boot_directory_in_a_container_is_refused(tmp_path: Path) -> None:
    found = stored(tmp_path, LUKS.partition("\n")[2])

    with pytest.raises(RecipeError, match="/boot is encrypted") as caught:
        holding(found, "/boot", loader="grub")

    assert "part /boot" in str(caught.value.hint)
    assert holding(found, "/boot", loader="systemd-boot").mount_point == "/"


def test_extlinux_reads_no_logical_volume(tmp_path: Path) -> None:
    found = stored(tmp_path, LVM.partition("\n")[2])

    with pytest.raises(RecipeError, match="extlinux reads none"):
        holding(found, "/boot", loader="extlinux")
    assert holding(found, "/boot", loader="grub").logical == "vg/root"


@pytest.mark.parametrize("filesystem", ["xfs", "btrfs"])
def test_extlinux_reads_only_ext(filesystem: str, tmp_path: Path) -> None:
    found = stored(tmp_path, f"part / --fstype={filesystem} --size=1000\n")

    with pytest.raises(RecipeError, match=f"/boot is on {filesystem}: extlinux reads none"):
        holding(found, "/boot", loader="extlinux")


def test_a_bios_finds_nothing_where_the_first_sector_is_left_alone(tmp_path: Path) -> None:
    layout = "part biosboot --size=1\npart /boot/efi --fstype=efi --size=64\npart / --size=900\n"
    held, plain = stored(tmp_path, layout), BootSettings()
    alone = recipe(tmp_path, f"{layout}bootloader --nombr\n").boot_loader

    assert started_by(plain, held, architecture=PC) == ("bios", "uefi")
    assert firmware(alone, held, architecture=PC) == ("bios", "uefi")
    assert started_by(alone, held, architecture=PC) == ("uefi",)


def test_a_swap_for_hibernation_has_room_for_memory_and_is_resumed_from(tmp_path: Path) -> None:
    whole = stored(
        tmp_path,
        "part swap --hibernation --encrypted --passphrase=secret\n"
        "part swap --recommended\npart / --size=900\n",
        memory=4 * GIB,
    )
    swap, plain, _ = contents(whole)

    assert (swap.node.place.size, plain.node.place.size) == (8 * GIB, 4 * GIB)
    assert layout_arguments(whole) == (
        f"resume=UUID={swap.held.uuid}",
        f"rd.luks.uuid={swap.containers[0].name}",
    )
    assert "x-initrd.attach" in crypttab(whole)


def test_automatic_partitions_can_be_hibernated_to(tmp_path: Path) -> None:
    whole = stored(tmp_path, "autopart --type=lvm --hibernation\n")
    [group] = whole.groups

    assert [item.size for item in group.volumes if item.name == "swap"] == [3 * GIB]
    assert layout_arguments(whole)[0].startswith("resume=UUID=")
    assert "rd.lvm.lv=x/swap" in layout_arguments(whole)


def test_swap_is_listed_in_the_order_of_its_lines_whatever_disks_it_is_on(tmp_path: Path) -> None:
    found = stored(
        tmp_path,
        "part / --size=900 --ondisk=sda\npart swap --size=9 --ondisk=sdb --fsoptions=pri=2\n"
        "part swap --size=9 --ondisk=sda --fsoptions=pri=1\n",
    )

    assert [line.split()[3] for line in fstab(found).splitlines()[2:]] == ["pri=2", "pri=1"]
