"""Stable identities: each is derived from the name of what it identifies, so that another build of
a recipe has the same ones."""

import hashlib
import uuid

NAMESPACE = uuid.UUID("8f5c3d1e-6a0e-5d2b-9c57-0f6f1d8c2a41")
LVM_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def stable_uuid(recipe: str, *about: str) -> str:
    """Return the UUID of something that belongs to the recipe of this name; words such as
    "filesystem", "/boot" say what."""
    return str(uuid.uuid5(NAMESPACE, "/".join((recipe, *about))))


def fat_id(identity: str) -> str:
    """The volume id that a FAT filesystem keeps of a UUID, as blkid prints it: ABCD-1234."""
    digits = identity.replace("-", "")[:8].upper()
    return f"{digits[:4]}-{digits[4:]}"


def dos_id(identity: str) -> str:
    """The 32-bit disk signature of an MBR, as sfdisk takes it."""
    return "0x" + identity.replace("-", "")[:8]


def partition_id(recipe: str, disk: str, number: int) -> str:
    """The UUID of partition *number* of the disk called *disk*, on a GPT."""
    return stable_uuid(recipe, "partition", disk, str(number))


def partuuid(recipe: str, disk: str, number: int, *, table: str) -> str:
    """Return how the kernel names a partition after PARTUUID=: its UUID on a GPT, an MBR's
    signature and the number on a dos table."""
    if table == "gpt":
        return partition_id(recipe, disk, number)
    return f"{dos_id(disk_id(recipe, disk)).removeprefix('0x')}-{number:02x}"


def disk_id(recipe: str, disk: str) -> str:
    """The UUID of the disk called *disk*, of which an MBR keeps 32 bits."""
    return stable_uuid(recipe, "disk", disk)


def lvm_id(recipe: str, *about: str) -> str:
    """The 32 letters by which LVM knows something that belongs to *recipe*."""
    digest = hashlib.sha256(stable_uuid(recipe, *about).encode()).digest()
    return "".join(LVM_LETTERS[byte % len(LVM_LETTERS)] for byte in digest)
