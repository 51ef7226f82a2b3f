"""Rules for the disks in an OVA, which are streamOptimized VMDKs, as importers read them."""

from collections.abc import Iterator

from appliance.backends.ova_rules.model import ERROR, WARNING, OpenedOva, OvfDisk, Rule

STREAM = "streamOptimized"
VERSION = 3
ADAPTERS = ("lsilogic", "buslogic", "ide", "pvscsi")


def _each(ova: OpenedOva) -> Iterator[tuple[str, OvfDisk]]:
    """The disks whose header could be read, by name."""
    for name, disk in ova.disks.items():
        if disk.version:
            yield name, disk


def _broken(ova: OpenedOva) -> Iterator[str]:
    for name, disk in ova.disks.items():
        if disk.trouble:
            yield f"{name}: {disk.trouble}"


def _version(ova: OpenedOva) -> Iterator[str]:
    for name, disk in _each(ova):
        if disk.version != VERSION:
            yield f"{name}: {disk.version}"


def _kind(ova: OpenedOva) -> Iterator[str]:
    for name, disk in _each(ova):
        if disk.kind != STREAM or not disk.compressed:
            yield f"{name}: {disk.kind or 'no createType'}"


def _end(ova: OpenedOva) -> Iterator[str]:
    for name, disk in _each(ova):
        if disk.compressed and not disk.trouble and disk.zeros != 1:
            yield f"{name} has {disk.zeros}"


def _after(ova: OpenedOva) -> Iterator[str]:
    for name, disk in _each(ova):
        if disk.after:
            yield f"{name} has {disk.after} bytes"


def _order(ova: OpenedOva) -> Iterator[str]:
    for name, disk in _each(ova):
        if disk.backward:
            yield f"{name}: {disk.backward}"


def _descriptor(ova: OpenedOva) -> Iterator[str]:
    for name, disk in _each(ova):
        if disk.descriptors != 1:
            yield f"{name} has {disk.descriptors}"


def _adapter(ova: OpenedOva) -> Iterator[str]:
    for name, disk in _each(ova):
        if disk.adapter not in ADAPTERS:
            yield f"{name}: {disk.adapter or 'none'}"


FORMAT = "VMware, Virtual Disk Format 5.0"
RULES = (
    Rule("vmdk", ERROR, "a disk is a whole sparse VMDK", FORMAT, _broken),
    Rule("vmdk-version", ERROR, f"a VMDK's version is {VERSION}: ESXi refuses older ones",
         "glennmatthews/cot#65", _version),
    Rule("vmdk-kind", ERROR, f"a VMDK is {STREAM}", FORMAT, _kind),
    Rule("vmdk-end", ERROR,
         "one zero sector ends a VMDK: VMware's checksum stops at the first, and does not match",
         "home-assistant/operating-system#2121", _end),
    Rule("vmdk-after", WARNING, "nothing is behind the end of a VMDK", FORMAT, _after),
    Rule("vmdk-order", ERROR, "grains come in the order of the disk", FORMAT, _order),
    Rule("vmdk-descriptor", ERROR, "a VMDK has one descriptor", "OSInside/kiwi#518", _descriptor),
    Rule("vmdk-adapter", WARNING, "a VMDK's ddb.adapterType is one that VMware knows",
         FORMAT, _adapter),
)  # fmt: skip
