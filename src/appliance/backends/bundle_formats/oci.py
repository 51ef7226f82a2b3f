"""OCI archives: an image of one layer in a tar file, as podman, skopeo and registries take it.

Facts: OCI Image Format Specification 1.0.2 (image-layout.md, manifest.md, config.md, layer.md).
"""

import hashlib
import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from appliance.backends import compressors
from appliance.backends.bundle_formats.model import Member
from appliance.backends.bundle_formats.tar import Stream, write_plain
from appliance.errors import RequestError

LAYOUT, INDEX, BLOBS = "oci-layout", "index.json", "blobs/sha256"
VENDOR = "application/vnd.oci.image"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}  # as Go says them
SIZE = "appliance-tools.disk-size"  # an annotation of ours: bytes


@dataclass
class Layer:
    """One layer of an image, compressed by gzip.

    *path*: the file that holds it.
    *unpacked*: the SHA-256 of its tar file, in hexadecimal; empty until it is written.
    *packed*: the SHA-256 of the compressed file; empty until it is written.
    """

    path: Path
    unpacked: str = ""
    packed: str = ""


@dataclass(frozen=True)
class About:
    """What an image says of itself.

    *architecture*: the processor's, as the kernel names it.
    *clock*: when it was made, in seconds since 1970.
    *name*: what podman calls it once it is loaded; empty if whoever loads it chooses.
    *command*: the program that a container of it runs, and its arguments.
    *annotations*: other facts, by name.
    """

    architecture: str
    clock: int
    name: str = ""
    command: tuple[str, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def layer(path: Path, *, cores: int) -> Iterator[tuple[Layer, Stream]]:
    """Lend a stream that takes the tar file of a layer and compresses it, on *cores* threads, to
    *path*. The digests of the layer are known when the `with` is left."""
    made, digest = Layer(path), hashlib.sha256()

    class Counted:
        """A stream that hashes what it hands on to be compressed."""

        def write(self, data: bytes) -> None:
            """Hash *data*, and hand it on to be compressed."""
            digest.update(data)
            packer.write(data)

    with (
        path.open("wb") as file,
        compressors.Writer(compressors.find("gz"), file, cores=cores) as packer,
    ):
        yield made, Counted()
    made.unpacked = digest.hexdigest()
    with path.open("rb") as written:
        made.packed = hashlib.file_digest(written, "sha256").hexdigest()


def write_image(target: Path, made: Layer, about: About) -> None:
    """Write an image with the one layer *made* to the OCI archive *target*."""
    created = datetime.fromtimestamp(about.clock, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    config = _json({
        "created": created,
        "architecture": ARCHITECTURES.get(about.architecture, about.architecture),
        "os": "linux",
        "config": {"Cmd": list(about.command)} if about.command else {},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{made.unpacked}"]},
        "history": [{"created": created, "created_by": "appliance-tools"}],
    })  # fmt: skip
    manifest = _json({
        "schemaVersion": 2,
        "mediaType": f"{VENDOR}.manifest.v1+json",
        "config": _described(f"{VENDOR}.config.v1+json", config),
        "layers": [{
            "mediaType": f"{VENDOR}.layer.v1.tar+gzip",
            "digest": f"sha256:{made.packed}",
            "size": made.path.stat().st_size,
        }],
        "annotations": dict(about.annotations),
    })  # fmt: skip
    described = _described(f"{VENDOR}.manifest.v1+json", manifest)
    name = {"org.opencontainers.image.ref.name": about.name} if about.name else {}
    index = {
        "schemaVersion": 2,
        "manifests": [{**described, "annotations": {**about.annotations, **name}}],
    }
    members = [
        Member(LAYOUT, data=_json({"imageLayoutVersion": "1.0.0"})),
        Member(INDEX, data=_json(index)),
        *(Member(f"{BLOBS}/{_sha256(data)}", data=data) for data in (config, manifest)),
        Member(f"{BLOBS}/{made.packed}", made.path),
    ]
    with target.open("wb") as stream:
        write_plain(stream, members, clock=about.clock)


def annotation(archive: Path, name: str) -> str:
    """Return the annotation *name* of the image in the OCI archive *archive*; raise RequestError
    if there is none."""
    try:
        with tarfile.open(archive, "r:") as tar:
            found = tar.extractfile(INDEX)
            says = json.loads(found.read()) if found else {}
            return str(says["manifests"][0]["annotations"][name])
    except (tarfile.TarError, OSError, ValueError, LookupError, TypeError) as error:
        raise RequestError(f"{archive} is no image of ours: {error}") from None


def _described(kind: str, data: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "digest": f"sha256:{_sha256(data)}", "size": len(data)}


def _json(says: Mapping[str, Any]) -> bytes:
    return json.dumps(says, separators=(",", ":")).encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
