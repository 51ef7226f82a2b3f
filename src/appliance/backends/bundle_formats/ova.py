"""OVA: an OVF package in one tar file (DSP0243 1.1.0, section 7)."""

import tarfile
from collections.abc import Iterable
from pathlib import Path

from appliance.backends import launchers
from appliance.backends.bundle_formats.model import Files, Member, Packing
from appliance.backends.bundle_formats.tar import write_plain
from appliance.backends.launchers import ovf
from appliance.bundle.model import Bundle

NAME, LAUNCHER = "ova", "ovf"
MANIFEST, SIGNATURE = ".mf", ".cert"  # what their names end with


class Ova:
    """A tar file, not compressed and without a folder: the descriptor first, then the manifest,
    its signature if there is one, and the disks in the order in which the descriptor names them,
    and last the picture of the brand, if it has one."""

    name = NAME
    suffix = ".ova"
    says = "vSphere, Workstation, Fusion and VirtualBox"

    @property
    def formats(self) -> tuple[str, ...]:
        """The disk formats that an OVA holds: those of the OVF launcher."""
        return launchers.find(LAUNCHER).formats

    def refuses(self, bundle: Bundle) -> str:
        """Why *bundle* cannot be an OVA, as the OVF launcher says; empty if it can."""
        return launchers.find(LAUNCHER).refuses(bundle)

    def members(self, bundle: Bundle, files: Files) -> Iterable[Member]:
        """The descriptor, its manifest and signature first, then the disks (OVF 1.1,
        5.3)."""
        for name, text in launchers.find(LAUNCHER).files(bundle).items():
            yield Member(name, data=text.encode())
        signature = f"{bundle.name}{SIGNATURE}"
        if signature in files:
            yield Member(signature, files[signature])
        for image in bundle.images(self.formats):
            yield Member(image.path, files[image.path])
        if bundle.icon:
            yield Member(ovf.icon_file(bundle), data=ovf.icon_content(bundle.icon))

    def write(self, target: Path, members: Iterable[Member], manner: Packing) -> None:
        """Write *members* as a tar file: in the USTAR format, as the standard says, but for files
        that are too large for it."""
        with target.open("wb") as stream:
            write_plain(stream, members, clock=manner.clock, form=tarfile.USTAR_FORMAT)
