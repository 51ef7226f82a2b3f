"""Where an appliance is to run, and what that place takes: `--for`."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from appliance.errors import RequestError
from appliance.units import GIB, MIB, show


@dataclass(frozen=True)
class Purpose:
    """One place where appliances run, and what it takes.

    *name*: what `--for` calls it.
    *says*: the source of the rule.
    *disk_format*: the format that its disks come in.
    *package*: the bundle format that it takes; empty for plain images.
    *whole*: the sizes of disks are multiples of so many bytes.
    *least*: the smallest disk that it takes, in bytes.
    *most*: the largest disk that it takes, in bytes; 0 means no limit.
    *hint*: the command that brings a disk there.
    """

    name: str
    says: str
    disk_format: str
    package: str = ""
    whole: int = MIB
    least: int = 0
    most: int = 0
    hint: str = ""

    def refuses(self, size: int) -> str:
        """Why a disk of *size* bytes cannot go there; empty if it can."""
        if size < self.least:
            return f"{self.name} takes no disk below {show(self.least)}"
        if self.most and size > self.most:
            return f"{self.name} takes no disk above {show(self.most)}"
        return ""


# AWS: VM Import/Export User Guide, "Image formats". Azure: Add-AzVhd (N MiB and 512 bytes),
# DiskCreationData.uploadSizeBytes (20 MiB and more), terraform-provider-azurerm#9202 (4095 GiB).
# Google: "Image management best practices", and the page that bundle_formats/gcp.py names.
_ALL = (
    Purpose(
        "aws",
        "VM Import/Export: a streamOptimized VMDK of at most 16 TiB, for import-snapshot",
        "vmdk-stream",
        hint="aws ec2 import-snapshot --disk-container Format=VMDK,UserBucket=…",
        most=16 * 1024 * GIB,
    ),
    Purpose(
        "azure",
        "a fixed VHD whose disk is a whole number of MiB, 20 MiB to 4095 GiB (an OS disk)",
        "vhd-fixed",
        least=20 * MIB,
        most=4095 * GIB,
        hint="azcopy copy IMAGE https://ACCOUNT.blob.core.windows.net/… --blob-type PageBlob",
    ),
    Purpose(
        "gcp",
        "a tar.gz (oldgnu, sparse) of one disk.raw, a whole number of GiB",
        "raw",
        package="gcp",
        whole=GIB,
        hint="gcloud compute images create NAME --source-uri gs://BUCKET/FILE.tar.gz",
    ),
    Purpose(
        "openstack",
        "qcow2 without a backing file",
        "qcow2",
        hint="openstack image create --disk-format qcow2 --file IMAGE NAME",
    ),
)
KNOWN: Mapping[str, Purpose] = {purpose.name: purpose for purpose in _ALL}


def find(name: str) -> Purpose:
    """The purpose called *name*; raises RequestError with the nearest of those that exist."""
    if name not in KNOWN:
        near = get_close_matches(name, KNOWN, n=1)
        raise RequestError(f"unknown place '{name}'", hint=", ".join(near or KNOWN))
    return KNOWN[name]
