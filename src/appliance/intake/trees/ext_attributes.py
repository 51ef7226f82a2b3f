"""The extended attributes of a file on ext4: those in its inode, and those in a block of their own.

Facts: Documentation/filesystems/ext4 in Linux, "Extended Attributes".
"""

import struct
from collections.abc import Iterator

from appliance.intake.trees.limits import MOST_ATTRIBUTES

MAGIC = 0xEA020000
BLOCK_HEADER, ENTRY = 32, 16  # bytes
OLD_INODE, EXTRA = 128, 128  # bytes of an inode of ext2; where it says how many more it uses
# How a name begins, by its number.
PREFIXES = {
    0: "", 1: "user.", 2: "system.posix_acl_access", 3: "system.posix_acl_default",
    4: "trusted.", 6: "security.", 7: "system.", 8: "system.richacl",
}  # fmt: skip
ACLS = ("system.posix_acl_access", "system.posix_acl_default")
OWN_ACL, TOLD_ACL = 1, 2  # versions: on the disk, and as getxattr(2) tells it
NAMED = (0x02, 0x08)  # entries of an ACL that name a user or a group (posix_acl.h)
NOBODY = 0xFFFFFFFF
INLINE = "system.data"  # what of a small file does not fit among the inode's pointers


def in_inode(inode: bytes) -> dict[str, bytes]:
    """The attributes that lie behind the fields of *inode*."""
    if len(inode) <= OLD_INODE + 4:
        return {}
    start = OLD_INODE + int(struct.unpack_from("<H", inode, EXTRA)[0])
    if start + 4 > len(inode) or struct.unpack_from("<I", inode, start)[0] != MAGIC:
        return {}
    return dict(_entries(inode, start + 4, start + 4))


def in_block(block: bytes) -> dict[str, bytes]:
    """The attributes that a block of them holds."""
    if len(block) < BLOCK_HEADER or struct.unpack_from("<I", block)[0] != MAGIC:
        return {}
    return dict(_entries(block, BLOCK_HEADER, 0))


def _entries(data: bytes, at: int, values: int) -> Iterator[tuple[str, bytes]]:
    """Each attribute whose entry is at *at* or behind it; values are counted from *values* on. One
    that lies in an inode of its own has no value here."""
    for _ in range(MOST_ATTRIBUTES):
        if at + ENTRY > len(data) or data[at : at + 4] == bytes(4):
            return
        length, index, place, other, size = struct.unpack_from("<BBHII", data, at)
        name = data[at + ENTRY : at + ENTRY + length].decode("utf-8", "surrogateescape")
        start = values + place
        value = data[start : start + size] if not other else b""
        whole = PREFIXES.get(index, f"{index}.") + name
        yield whole, _as_told(value) if whole in ACLS else value
        at += ENTRY + (length + 3) // 4 * 4


def _as_told(acl: bytes) -> bytes:
    """An ACL as the kernel tells it; on the disk, only entries that name somebody have a number."""
    if len(acl) < 4 or struct.unpack_from("<I", acl)[0] != OWN_ACL:
        return acl
    told, at = [struct.pack("<I", TOLD_ACL)], 4
    while at + 4 <= len(acl):
        tag, rights = struct.unpack_from("<HH", acl, at)
        at += 4
        who = acl[at : at + 4] if tag in NAMED else struct.pack("<I", NOBODY)
        at += 4 if tag in NAMED else 0
        told.append(struct.pack("<HH", tag, rights) + who)
    return b"".join(told)
