"""What both kinds of VMDK say of themselves."""

FILE_NAME = "disk.vmdk"  # in the descriptor, whatever the file is called


def content_id(identity: str) -> str:
    """The CID of a disk whose identity is that UUID; never ffffffff, which means none."""
    return f"{int(identity.replace('-', '')[-8:], 16) & 0xFFFFFFFE:08x}"
