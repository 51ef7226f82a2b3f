"""Stable identities: named by what a thing is, so that building again changes none."""

import hashlib
import uuid

NAMESPACE = uuid.UUID("8f5c3d1e-6a0e-5d2b-9c57-0f6f1d8c2a41")
LVM_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def stable_uuid(recipe: str, *about: str) -> str:
    """The UUID of something that belongs to *recipe* (its name): "filesystem", "/boot"."""
    return str(uuid.uuid5(NAMESPACE, "/".join((recipe, *about))))


def fat_id(identity: str) -> str:
    """The volume id that a FAT filesystem keeps of a UUID, as blkid prints it: ABCD-1234."""
    digits = identity.replace("-", "")[:8].upper()
    return f"{digits[:4]}-{digits[4:]}"


def dos_id(identity: str) -> str:
    """The 32-bit disk signature of an MBR, as sfdisk takes it."""
    return "0x" + identity.replace("-", "")[:8]


def lvm_id(recipe: str, *about: str) -> str:
    """The 32 letters by which LVM knows something that belongs to *recipe*."""
    digest = hashlib.sha256(stable_uuid(recipe, *about).encode()).digest()
    return "".join(LVM_LETTERS[byte % len(LVM_LETTERS)] for byte in digest)
