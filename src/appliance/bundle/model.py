"""What a build hands over, as values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Machine:
    """The virtual machine that an appliance needs. *memory* is bytes."""

    architecture: str = "x86_64"
    memory: int = 1024 * 1024 * 1024
    cpus: int = 1
    interfaces: int = 1


@dataclass(frozen=True)
class Artifact:
    """One disk image. *disk* is its `--ondisk` name; *size* is what the guest sees, in bytes."""

    disk: str
    path: str
    disk_format: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Package:
    """One installed package, as the manifest lists it; *size* is the package file's, in bytes."""

    name: str
    version: str
    architecture: str
    sha256: str
    size: int
    repository: str


@dataclass(frozen=True)
class Bundle:
    """One appliance. *clock* is the build's moment, in seconds since 1970.

    *firmware* lists the ways in which it can start: bios, uefi.
    """

    name: str
    version: str
    release: str
    family: str
    family_release: str
    clock: int
    plan_digest: str
    machine: Machine
    firmware: tuple[str, ...]
    artifacts: tuple[Artifact, ...]
    packages: tuple[Package, ...]
    notes: tuple[str, ...] = ()
