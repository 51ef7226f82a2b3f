"""The imgcreate API of livecd-tools, on the engine of appliance-tools.

import imgcreate

ks = imgcreate.read_kickstart("web.ks")
imgcreate.ImageCreator(ks, imgcreate.build_name("web.ks")).create()
"""

from imgcreate.appliance import ApplianceImageCreator
from imgcreate.compatible import LoopbackMount, SparseExtLoopbackMount, SparseLoopbackMount
from imgcreate.creator import ImageCreator
from imgcreate.debug import setup_logging
from imgcreate.errors import (
    CreatorError,
    KickstartError,
    MountError,
    ResizeError,
    SnapshotError,
    SquashfsError,
)
from imgcreate.fs import (
    BindChrootMount,
    Disk,
    DiskMount,
    ExistingSparseLoopbackDisk,
    ExtDiskMount,
    LoopbackDisk,
    Mount,
    RawDisk,
    SparseLoopbackDisk,
    makedirs,
)
from imgcreate.kickstart import build_name, read_kickstart
from imgcreate.refused import LiveImageCreator, LoopImageCreator

FSLABEL_MAXLEN = 32  # characters
construct_name = build_name

__all__ = [
    "FSLABEL_MAXLEN",
    "ApplianceImageCreator",
    "BindChrootMount",
    "CreatorError",
    "Disk",
    "DiskMount",
    "ExistingSparseLoopbackDisk",
    "ExtDiskMount",
    "ImageCreator",
    "KickstartError",
    "LiveImageCreator",
    "LoopImageCreator",
    "LoopbackDisk",
    "LoopbackMount",
    "Mount",
    "MountError",
    "RawDisk",
    "ResizeError",
    "SnapshotError",
    "SparseExtLoopbackMount",
    "SparseLoopbackDisk",
    "SparseLoopbackMount",
    "SquashfsError",
    "build_name",
    "construct_name",
    "makedirs",
    "read_kickstart",
    "setup_logging",
]
