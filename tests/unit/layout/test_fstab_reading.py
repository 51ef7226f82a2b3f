"""Tables of mounts, as anybody writes them."""

from appliance.layout.fstab_reading import MOST_LINES, MountLine, mount_lines

TABLE = r"""
# a comment
UUID=1 / btrfs rw,subvol=@,subvol=root 0 1
LABEL=my\040data /srv/my\040data ext4
/dev/sda1 /boot
tmpfs /tmp tmpfs subvol=x
"""


def test_lines_are_read_with_what_they_leave_out() -> None:
    root, data, memory = mount_lines(TABLE)
    assert root == MountLine("UUID=1", "/", "btrfs", "rw,subvol=@,subvol=root")
    assert data == MountLine("LABEL=my data", "/srv/my data", "ext4", "defaults")
    assert [line.subvolume for line in (root, data, memory)] == ["root", "", ""]


def test_a_table_that_does_not_end_is_cut() -> None:
    assert len(list(mount_lines("a / b\n" * (MOST_LINES + 1)))) == MOST_LINES
