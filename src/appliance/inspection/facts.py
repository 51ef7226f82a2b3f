"""What `appliance inspect` says of an appliance, as values; `--json` prints them."""

from dataclasses import asdict, dataclass
from typing import Any

from appliance.inspection.content_facts import (
    CertificateFacts,
    ChangedFile,
    FileFacts,
    InstalledPackage,
    PortFacts,
    PrivilegedFile,
    SizeRow,
    UnitFacts,
    UserFacts,
)
from appliance.inspection.machine_facts import (
    DiskFacts,
    FilesystemFacts,
    ProductFacts,
    StartFacts,
    SystemFacts,
)

SCHEMA = 1  # raised when a program that reads the JSON text would misunderstand it


@dataclass(frozen=True)
class Inspection:
    """What is in an appliance, whoever made it.

    A field is None, and left out of the JSON text, if its section was not asked for.

    *name*: what it is called.
    *given*: what was looked at: bundle, disk image, OVF, …
    *product*: what it is, in its maker's words.
    *system*: its operating system.
    *start*: how it starts.
    *disks*: its disks.
    *filesystems*: what is in their partitions.
    *packages*: the packages that are installed.
    *sizes*: what takes how much room.
    *users*: users who can log in, or become somebody.
    *units*: units that are started by themselves.
    *ports*: on what something would listen.
    *unowned*: files of no package.
    *changed*: files of packages that were changed.
    *privileged*: set-id files, and files with capabilities.
    *certificates*: certificates and keys.
    *notes*: what is not known, and why.
    """

    name: str
    given: str
    product: ProductFacts | None = None
    system: SystemFacts | None = None
    start: StartFacts | None = None
    disks: tuple[DiskFacts, ...] | None = None
    filesystems: tuple[FilesystemFacts, ...] | None = None
    packages: tuple[InstalledPackage, ...] | None = None
    sizes: tuple[SizeRow, ...] | None = None
    users: tuple[UserFacts, ...] | None = None
    units: tuple[UnitFacts, ...] | None = None
    ports: tuple[PortFacts, ...] | None = None
    unowned: tuple[FileFacts, ...] | None = None
    changed: tuple[ChangedFile, ...] | None = None
    privileged: tuple[PrivilegedFile, ...] | None = None
    certificates: tuple[CertificateFacts, ...] | None = None
    notes: tuple[str, ...] = ()


def as_json(found: Inspection) -> dict[str, Any]:
    """*found* as plain data, with the number of its schema; sections that nobody asked for are left
    out."""
    said = {name: value for name, value in asdict(found).items() if value is not None}
    return {"schema": SCHEMA, **said}
