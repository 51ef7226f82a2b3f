"""What lies beside the disks: one table says which files, on which condition, and with which text.

The names that are taken before anything is built and the files that are written at the end both
come of this table, so that they agree by construction.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from appliance.backends import launchers, sbom_formats
from appliance.backends.bundle_formats import ova
from appliance.backends.launchers import ovf
from appliance.backends.sbom_formats import SbomFormat
from appliance.bundle import manifest
from appliance.bundle.model import Bundle
from appliance.bundle.statements import PROVENANCE_FILE
from appliance.handover.form import FOLDER, Handover, Signer
from appliance.handover.ovf_signing import sign
from appliance.handover.statement_signing import signed_provenance
from appliance.host import trees

# It lies in the directory alone, and has no checksum: no two builds have the same, and their
# checksums are to be the same if all else is.
LOG = "build.log"
Files = Mapping[str, Path]
NOTHING: Files = MappingProxyType({})
# Makes the text of one file out of the files of earlier rows. None: whoever builds hands it in.
Text = Callable[[Files], str | bytes] | None


@dataclass(frozen=True)
class Row:
    """One kind of file that may lie beside the disks.

    *wanted*: returns whether a bundle that is handed over so has such files.
    *files*: returns the names of the files, each with what makes its text.
    """

    wanted: Callable[[Bundle, Handover], bool]
    files: Callable[[Bundle, Handover], Mapping[str, Text]]


def _package_list(bundle: Bundle, handover: Handover) -> Mapping[str, Text]:
    del handover
    return {manifest.packages_file(bundle): lambda files: manifest.packages_text(bundle)}


def _description(bundle: Bundle, handover: Handover) -> Mapping[str, Text]:
    del handover
    return {manifest.description_file(bundle): lambda files: manifest.description_text(bundle)}


def _launch_descriptions(bundle: Bundle, handover: Handover) -> Mapping[str, Text]:
    texts: dict[str, str] = {}
    for launcher in handover.launching(bundle):
        texts |= launcher.files(bundle)
    return {name: _always(text) for name, text in texts.items()}


def _always(text: str) -> Text:
    return lambda files: text


def _icon(bundle: Bundle, handover: Handover) -> Mapping[str, Text]:
    """The picture that an OVF description speaks of, where there is one."""
    icon = bundle.icon
    if icon is None or ovf.Ovf.name not in (each.name for each in handover.launching(bundle)):
        return {}
    return {ovf.icon_file(bundle): lambda files: ovf.icon_content(icon)}


def _signature(bundle: Bundle, handover: Handover) -> Mapping[str, Text]:
    """The signature of the OVF manifest, if the bundle can have one; whether the manifest itself
    lies there, too, is for --launcher to say: an OVA has it in any case."""
    launcher = launchers.find(ova.LAUNCHER)
    texts = {} if launcher.refuses(bundle) else launcher.files(bundle)
    manifests = [name for name in texts if name.endswith(ova.MANIFEST)]
    signer = handover.signer
    if not manifests or signer is None:
        return {}
    name = manifests[0]
    return {f"{bundle.name}{ova.SIGNATURE}": lambda files: _signed(name, texts[name], signer)}


def _signed(name: str, text: str, signer: Signer) -> str:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / name
        file.write_text(text)
        return sign(file, signer.key, signer.certificate)


def _sboms(bundle: Bundle, handover: Handover) -> Mapping[str, Text]:
    formats = [sbom_formats.find(name) for name in handover.sboms]
    return {f"{bundle.name}.{each.suffix}": _sbom(each, bundle) for each in formats}


def _sbom(each: SbomFormat, bundle: Bundle) -> Text:
    return lambda files: each.text(bundle)


def _provenance(bundle: Bundle, handover: Handover) -> Mapping[str, Text]:
    key = handover.statement_key
    if key is None:
        return {}

    def text(files: Files) -> str:
        return signed_provenance(bundle, handover.origin, _digests(bundle, files), key)

    return {f"{bundle.name}{PROVENANCE_FILE}": text}


def _digests(bundle: Bundle, files: Files) -> dict[str, str]:
    """The SHA-256 of every file that is handed over and written already, by its name."""
    listed = {name: trees.sha256(path) for name, path in packed(files).items()}
    return listed | {image.path: image.sha256 for image in bundle.artifacts}


def _sums(bundle: Bundle, handover: Handover) -> Mapping[str, Text]:
    del handover
    return {manifest.SUMS: lambda files: manifest.sums_text(_digests(bundle, files))}


def _log(bundle: Bundle, handover: Handover) -> Mapping[str, Text]:
    del bundle, handover
    return {LOG: None}


# In the order in which they are written: a signature and checksums cover what is above them.
ROWS = (
    Row(lambda bundle, handover: handover.package_list, _package_list),
    Row(lambda bundle, handover: handover.description, _description),
    Row(lambda bundle, handover: True, _launch_descriptions),
    Row(lambda bundle, handover: bundle.icon is not None, _icon),
    Row(lambda bundle, handover: handover.log and FOLDER in handover.forms, _log),
    Row(lambda bundle, handover: bool(handover.sboms), _sboms),
    Row(lambda bundle, handover: handover.signer is not None, _signature),
    Row(lambda bundle, handover: handover.statement_key is not None, _provenance),
    Row(lambda bundle, handover: handover.sums, _sums),
)


def taken(bundle: Bundle, handover: Handover) -> set[str]:
    """The names that the appliance's own files have, its images included; *bundle* may be one that
    nobody has looked at yet."""
    return {
        *(artifact.path for artifact in bundle.artifacts),
        *(name for row in _wanted(bundle, handover) for name in row.files(bundle, handover)),
    }


def written(
    bundle: Bundle, handover: Handover, place: Path, *, given: Files, included: Files = NOTHING
) -> dict[str, Path]:
    """Write what is wanted beside the disks of *bundle* into the directory *place*; return all of
    it by name, with the files that are *given*. Checksums cover what is *included*, too.

    A file that is given is not written: a package list that came with an image, say. One of a row
    that is not wanted is left out.
    """
    unwanted = {
        name
        for row in ROWS
        if not row.wanted(bundle, handover)
        for name in row.files(bundle, handover)
    }
    files = {name: path for name, path in given.items() if name not in unwanted}
    for row in _wanted(bundle, handover):
        for name, text in row.files(bundle, handover).items():
            if name not in given and text is not None:
                made = text({**included, **files})
                content = made.encode() if isinstance(made, str) else made
                (place / name).write_bytes(content)
                files[name] = place / name
    return files


def packed(files: Files) -> dict[str, Path]:
    """Return those of *files* that go into a bundle file, and have a checksum."""
    return {name: path for name, path in files.items() if name != LOG}


def add_sums(directory: Path, archives: Files) -> None:
    """Let the checksums in *directory*, if there are any, also cover the regular files in the
    directories that the tar files *archives* were unpacked to, by their names."""
    sums = directory / manifest.SUMS
    if not archives or not sums.is_file():
        return
    listed = manifest.sums_read(sums.read_text(errors="surrogateescape"))
    for name, archive in archives.items():
        listed |= {f"{name}/{path}": sha256 for path, sha256 in trees.packed_sums(archive)}
    sums.write_text(manifest.sums_text(listed), errors="surrogateescape")


def _wanted(bundle: Bundle, handover: Handover) -> Iterator[Row]:
    return (row for row in ROWS if row.wanted(bundle, handover))
