"""OVA: an OVF package in one tar file (DSP0243 1.1.0, section 7)."""

import tarfile
from collections.abc import Iterable
from pathlib import Path

from appliance.backends import launchers
from appliance.backends.bundle_formats.model import Files, Member, Packing
from appliance.backends.bundle_formats.tar import write_plain
from appliance.bundle.model import Bundle

NAME, LAUNCHER = "ova", "ovf"
MANIFEST, SIGNATURE = ".mf", ".cert"  # what their names end with


class Ova:
    """Not compressed, no folder, the descriptor first, then the manifest, its signature if there
    is one, and the disks in the order in which the descriptor names them."""

    name = NAME
    suffix = ".ova"
    says = "vSphere, Workstation, Fusion and VirtualBox"

    @property
    def formats(self) -> tuple[str, ...]:
        """See Archive.formats."""
        return launchers.find(LAUNCHER).formats

    def refuses(self, bundle: Bundle) -> str:
        """See Archive.refuses."""
        return launchers.find(LAUNCHER).refuses(bundle)

    def members(self, bundle: Bundle, files: Files) -> Iterable[Member]:
        """See Archive.members."""
        for name, text in launchers.find(LAUNCHER).files(bundle).items():
            yield Member(name, data=text.encode())
        signature = f"{bundle.name}{SIGNATURE}"
        if signature in files:
            yield Member(signature, files[signature])
        for image in bundle.images(self.formats):
            yield Member(image.path, files[image.path])

    def write(self, target: Path, members: Iterable[Member], manner: Packing) -> None:
        """See Archive.write. USTAR, as the standard says, but for files that it cannot hold."""
        with target.open("wb") as stream:
            write_plain(stream, members, clock=manner.clock, form=tarfile.USTAR_FORMAT)
