"""What is in a disk's first sector."""

from building import Yard

DISK = "part biosboot --fstype=biosboot --size=1\npart / --fstype=ext4 --size=64\n"
SECTOR, CODE = 512, 440


def first_sector(yard: Yard, loader: str, disk: str = DISK) -> bytes:
    recipe = yard.recipe("linux-image-tiny", disk=disk, more=loader)
    yard.build(recipe, "-f", "raw")
    with yard.image().open("rb") as file:
        return file.read(SECTOR)


def test_grub_is_in_the_first_sector_unless_it_may_not_be(yard: Yard) -> None:
    sector = first_sector(yard, "bootloader --timeout=1\n")
    assert b"GRUB" in sector[:CODE]
    assert sector[-2:] == b"\x55\xaa"

    sector = first_sector(yard, "bootloader --nombr\n")

    assert not any(sector[:CODE])
    assert sector[-2:] == b"\x55\xaa", "the partition table is there all the same"
