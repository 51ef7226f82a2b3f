"""Options that say what comes out, in which formats, and as what it is handed over."""

from dataclasses import replace
from pathlib import Path

from appliance.backends import (
    bundle_formats,
    disk_formats,
    launchers,
    sbom_formats,
    tree_formats,
)
from appliance.bundle import purposes
from appliance.cli.options import kinds, paths
from appliance.cli.options.option import Group, Option
from appliance.handover.form import FOLDER
from appliance.host import probe

USUAL_FORMAT = "qcow2"
ARCHITECTURES = ("x86_64", "aarch64")
_DISKS, _FILES = ", ".join(disk_formats.KNOWN), ", ".join(tree_formats.KNOWN)


def _disks_or_files(name: str) -> None:
    if name not in tree_formats.KNOWN:
        disk_formats.find(name)


def _packed_or_not(name: str) -> None:
    if name != FOLDER:
        bundle_formats.find(name)


DISK_FORMATS = Option(
    ("-f", "--format"), f"formats to write the disks in: {_DISKS}",
    kinds.words(disk_formats.KNOWN, disk_formats.find, "FORMAT,…"),
    usual=USUAL_FORMAT, example="qcow2,vmdk",
)  # fmt: skip
FORMATS = Option(
    ("-f", "--format"),
    f"formats to write the disks in: {_DISKS}; or, without any disk, the files alone: {_FILES}",
    kinds.words((*disk_formats.KNOWN, *tree_formats.KNOWN), _disks_or_files, "FORMAT,…"),
    usual=USUAL_FORMAT, example="qcow2,vmdk",
)  # fmt: skip
FOR = Option(
    ("--for",),
    "clouds to prepare it for: the format, the package and the disk sizes that each of them takes "
    f"({', '.join(purposes.KNOWN)})",
    kinds.words(purposes.KNOWN, purposes.find, "PLACE,…"), field="purposes",
    usual="none", example="aws,gcp",
)  # fmt: skip
DISK_SIZE = Option(
    ("--disk-size",),
    "size of the disk, which partitions with --grow fill; auto: they become as small as what is in "
    "them allows, with a tenth of that, at least 64 MiB, free",
    kinds.disk_size(), usual="as small as the partitions' own sizes", example="20GiB",
)  # fmt: skip
GROW_ROOT = Option(
    ("--grow-root",),
    "let the root filesystem grow, when the appliance boots, to the size of the disk that it finds",
)
ARCH = Option(
    ("--arch",), "processor architecture that the appliance runs on",
    kinds.one_of(*ARCHITECTURES), usual="this machine's", example="aarch64",
    default=probe.architecture,
)  # fmt: skip
NETWORK = Option(
    ("--script-network",),
    "the network of scripts: their own, which does not reach what listens on this "
    "machine only; that of this machine (host); or none",
    kinds.one_of("own", "host", "none"), usual="own", example="none", default="own",
    field="network", old=("--network",),
)  # fmt: skip
DISKS = Group("result", (FORMATS, FOR, DISK_SIZE, GROW_ROOT, ARCH, NETWORK))

PACKAGE = Option(
    ("--bundle",),
    "hand the bundle over as one file of this format, beside or instead of a directory: "
    f"{', '.join(bundle_formats.KNOWN)}; {FOLDER}: as a directory",
    kinds.words((FOLDER, *bundle_formats.KNOWN), _packed_or_not, "TYPE,…"),
    usual=FOLDER, example=f"{FOLDER},ova", field="package", old=("--package",),
)  # fmt: skip
INCLUDE = Option(
    ("--include",), "hand this file, or all that is in this directory, over with the disks",
    paths.FILE_OR_DIRECTORY, usual="nothing more", example="README.md", repeat=True,
)  # fmt: skip
LAUNCHER = Option(
    ("--launcher",),
    f"descriptions of the machine to write, for whatever starts it: {', '.join(launchers.KNOWN)}",
    kinds.words(launchers.KNOWN, launchers.find, "NAME,…"),
    usual="those that the formats are for", example="libvirt",
)  # fmt: skip
SIGN_KEY = Option(
    ("--sign-key",),
    "sign the OVF description, and an OVA with it, by this RSA key, a PEM file without passphrase",
    paths.FILE, usual="nothing is signed", example="key.pem",
)  # fmt: skip
SIGN_CERTIFICATE = Option(
    ("--sign-certificate",),
    "certificate of --sign-key, a PEM file, which goes along with the signature",
    paths.FILE, usual="nothing is signed", example="certificate.pem",
)  # fmt: skip
PACKED = (PACKAGE, INCLUDE, LAUNCHER, SIGN_KEY, SIGN_CERTIFICATE)
SBOM = Option(
    ("--sbom",),
    "software bills of materials to write, for scanners of licences and vulnerabilities: "
    f"{', '.join(sbom_formats.KNOWN)}",
    kinds.words(sbom_formats.KNOWN, sbom_formats.find, "FORMAT,…"),
    usual="none", example="cyclonedx,spdx",
)  # fmt: skip
STATEMENT_KEY = Option(
    ("--statement-key",),
    "sign a statement of all that went into it, NAME.provenance.json, by this private key, a PEM "
    "file without passphrase: ECDSA P-256 or ed25519",
    paths.FILE, usual="no statement", example="key.pem",
)  # fmt: skip
TOLD = (SBOM, STATEMENT_KEY)
HANDING_OVER = Group("handing over", (*PACKED, *TOLD))

OUTPUT = Option(
    ("-o", "--output"), "directory in which the appliance's own, DIR/NAME, appears",
    paths.DIRECTORY, usual="out", example="/srv/appliances", default=Path("out"),
)  # fmt: skip
CONVERTED_OUTPUT = replace(
    OUTPUT, text="directory in which the result appears", usual="this one", default=Path()
)
CONVERTED_NAME = Option(
    ("-n", "--name"), "what the result, and each file of it, is called",
    kinds.name(), usual="as the image or the appliance", example="web", default="",
)  # fmt: skip
FORCE = Option(("--force",), "replace images that are there already, instead of refusing to")
CONVERTED = Group("result", (DISK_FORMATS, FOR, *PACKED, CONVERTED_OUTPUT, CONVERTED_NAME, FORCE))
CHECKED = Group("result", (FORMATS, FOR, DISK_SIZE, GROW_ROOT, *PACKED, *TOLD))
