"""The root tree as a container image."""

from dataclasses import dataclass
from pathlib import Path

from appliance.backends.bundle_formats import oci
from appliance.backends.tree_formats import tar
from appliance.units import MIB
from appliance.work import Work

PIECE = 8 * MIB


@dataclass(frozen=True)
class Oci:
    """A container image of one layer, which starts /sbin/init as a whole system does.

    *name*: the name of the format, as `--format` takes it.
    *suffix*: what the name of the file is behind the appliance's name.
    *says*: what it is for, in a phrase for help texts.
    *unpacked*: whether the file is unpacked when the appliance is handed over.
    *named*: whether the appliance's name is in the file.
    *tools*: the tools of host/tools.py whose versions count for the bytes.
    """

    name: str = "oci"
    suffix: str = "oci.tar"
    says: str = "a container image: podman load, skopeo copy oci-archive:FILE docker://…"
    unpacked: bool = False
    named: bool = True
    tools: tuple[str, ...] = ("tar", "zlib-ng")

    def write(self, work: Work, tree: Path, *, target: Path, architecture: str, name: str) -> None:
        """Write *tree* as a container image of one layer, tagged NAME:latest, to *target*."""
        whole, packed = work.scratch / "root.tar", work.scratch / "layer.tar.gz"
        tar.write(work, tree, whole)
        with oci.layer(packed, cores=work.cores) as (layer, stream), whole.open("rb") as file:
            while data := file.read(PIECE):
                stream.write(data)
        whole.unlink()
        about = oci.About(architecture, work.clock, f"{name.lower()}:latest", ("/sbin/init",))
        oci.write_image(target, layer, about)
        packed.unlink()
