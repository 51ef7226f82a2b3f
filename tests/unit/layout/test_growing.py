"""What grows at boot, and what cannot."""

from pathlib import Path

import pytest

from appliance.backends.families.shell.growing import growing_script, unit
from appliance.errors import RecipeError
from appliance.layout.complete import StorageDefaults, complete
from appliance.layout.contents import root_of
from appliance.layout.fstab import fstab
from appliance.layout.growing import OPTION, Growth, growth
from appliance.layout.place import ROOTS, TYPES
from appliance.layout.storage import Storage
from appliance.recipe.reading.load import load
from appliance.units import GIB

PC = "x86_64"


def stored(tmp_path: Path, layout: str, *, grow_root: bool = False) -> Storage:
    path = tmp_path / "a.ks"
    table = "clearpart --all --disklabel=gpt\n"
    path.write_text(f"repo --name=fedora-44\n{table}{layout}\n%packages\n%end\n")
    return complete(
        load(path), StorageDefaults("x"), architecture=PC, memory=GIB, disk_size=None,
        grow_root=grow_root,
    )  # fmt: skip


def test_the_last_partition_of_a_disk_grows_with_its_root(tmp_path: Path) -> None:
    layout = "part /boot --size=200\npart / --size=900 --fsoptions=noatime"
    plain, grown = stored(tmp_path, layout), stored(tmp_path, layout, grow_root=True)

    assert growth(plain, PC) is None
    assert growth(grown, PC) == Growth(2, "gpt", "/", (ROOTS[PC],))
    assert f" / ext4 noatime,{OPTION} 0 1" in fstab(grown)


def test_what_a_kickstart_says_grows_too_and_is_told_from_others_of_its_type(
    tmp_path: Path,
) -> None:
    layout = f"part /boot --size=200\npart / --size=900\npart /srv --size=9 --fsoptions={OPTION}"
    linux = TYPES["gpt"][""]

    assert growth(stored(tmp_path, layout), PC) == Growth(3, "gpt", "/srv", (linux, linux))


def test_a_subvolume_grows_with_its_volume(tmp_path: Path) -> None:
    layout = (
        "part /boot --size=200\npart btrfs.01 --size=900 --fsoptions=compress=zstd\n"
        "btrfs none --label=x btrfs.01\nbtrfs / --subvol --name=root LABEL=x\n"
        "btrfs /home --subvol --name=home LABEL=x"
    )
    found = stored(tmp_path, layout, grow_root=True)

    assert growth(found, PC) == Growth(2, "gpt", "/", (TYPES["gpt"][""],) * 2)
    table = fstab(found)
    assert f" / btrfs subvol=root,compress=zstd,{OPTION} 0 0" in table
    assert " /home btrfs subvol=home,compress=zstd 0 0" in table


@pytest.mark.parametrize(
    ("layout", "problem"),
    [
        ("part / --size=900\npart /srv --size=9", "it is not in the last partition"),
        ("part / --fstype=ext2 --size=900", "ext2 does not grow while it is mounted"),
        ("part / --size=900 --encrypted --passphrase=x", "it is encrypted"),
        (
            "part pv.1 --size=2000\nvolgroup vg pv.1\nlogvol / --vgname=vg --name=r --size=900",
            "it is on a logical volume",
        ),
        (
            "clearpart --all --disklabel=msdos\n"
            + "".join(f"part /{n} --size=9\n" for n in "abcd")
            + "part / --size=900",
            "it is in a logical partition",
        ),
    ],
)
def test_what_cannot_grow_is_refused_on_request_and_left_alone_otherwise(
    layout: str, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match=f"/ cannot grow at boot: {problem}"):
        stored(tmp_path, layout, grow_root=True)

    asked = stored(tmp_path, layout.replace("--size=900", f"--size=900 --fsoptions={OPTION}"))
    assert OPTION in root_of(asked).mount_options
    assert growth(asked, PC) is None


def test_a_service_grows_the_partition_before_its_filesystem() -> None:
    assert "Before=systemd-growfs-root.service " in unit("/")
    assert "Before=systemd-growfs@srv-a\\x2db.service " in unit("/srv/a-b")
    assert "command -v systemd-repart" not in growing_script(Growth(1, "dos", "/", ("83",)))
    assert "command -v systemd-repart" in growing_script(Growth(1, "gpt", "/", ("x",)))
