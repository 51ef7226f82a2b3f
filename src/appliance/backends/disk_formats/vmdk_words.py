"""What both kinds of VMDK state in their descriptors."""

FILE_NAME = "disk.vmdk"  # in the descriptor, whatever the file is called


def content_id(identity: str) -> str:
    """The CID of a disk whose identity is the UUID *identity*, as eight hexadecimal digits; never
    ffffffff, which means none."""
    return f"{int(identity.replace('-', '')[-8:], 16) & 0xFFFFFFFE:08x}"
