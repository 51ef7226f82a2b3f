"""The options of `appliance-creator`, with the names and meanings that callers know since 2008."""

from dataclasses import replace
from pathlib import Path

from appliance.backends import bundle_formats, disk_formats
from appliance.cli.options import kickstart, kinds, paths, product, telling
from appliance.cli.options.option import Group, Option
from appliance.errors import RequestError
from appliance.handover.form import FOLDER

MEMORY = 512  # MiB
# What callers mean by a format, unless they say --no-compress.
COMPRESSED = {"raw": "raw.xz"}
PLAIN = {"qcow2": "qcow2-plain", "raw.xz": "raw"}
# What people say for a format: those names that are not ours alone.
FORMATS = ("raw", *sorted(name for name in disk_formats.KNOWN if name not in PLAIN.values()))


def _format(text: str) -> None:
    if text not in FORMATS:
        raise RequestError(f"no disk format '{text}' here", hint=f"-f {'|'.join(FORMATS)}")


CONFIG = Option(
    ("-c", "--config"), "kickstart file that describes the appliance",
    paths.KICKSTART, usual="none: it has to be named", example="web.ks", required=True,
)  # fmt: skip
APPLIANCE = Group(
    "appliance options",
    (
        CONFIG,
        Option(
            ("-n", "--name"), "name of the appliance, and of every file of it",
            kinds.text("NAME"), usual="as the kickstart file", example="web", default="",
        ),
        Option(
            ("--version",),
            "version of the appliance; it is also what $releasever means in repositories",
            kinds.text("VERSION"), usual="none", example="44", default="",
        ),
        Option(
            ("--release",), "release of the appliance, which NAME.xml says beside the version",
            kinds.text("RELEASE"), usual="none", example="1", default="",
        ),
        Option(
            ("--vmem",), "memory of the machine, in MiB",
            kinds.mebibytes("a machine has memory"), usual=str(MEMORY), example="1024", default=0,
        ),
        replace(product.CPUS, names=("--vcpu",), usual="1", example="2"),
        Option(("--checksum",), "write the SHA-256 of each disk's file into NAME.xml"),
        Option(
            ("-f", "--format"), f"format to write the disks in: {', '.join(FORMATS)}",
            kinds.checked("format of old", "FORMAT", _format, FORMATS),
            usual="raw, which is compressed to .raw.xz", example="qcow2", default="raw",
        ),
        Option(("--no-compress",), "leave the disks uncompressed: .raw, or plain qcow2"),
        Option(
            ("--gpg-check",), "refuse a repository that no key is known for, rather than warn of it"
        ),
        kickstart.KEYRING,
    ),
)  # fmt: skip
PACKAGE = Group(
    "package options",
    (
        Option(
            ("-p", "--package"),
            "pack all of it into one file, OUTDIR/NAME.zip and so on, of this format: "
            f"{', '.join(bundle_formats.KNOWN)}; {FOLDER}: leave it a directory",
            replace(kinds.one_of(FOLDER, *bundle_formats.KNOWN), metavar="TYPE"),
            usual=FOLDER, example="zip", default=FOLDER,
        ),
        Option(
            ("-i", "--include"),
            "hand a file, or all that is in a directory, over together with the disks",
            paths.FILE_OR_DIRECTORY, usual="nothing more", example="README", metavar="PATH",
        ),
        Option(
            ("-o", "--outdir"), "directory in which the appliance's own, OUTDIR/NAME, appears",
            paths.DIRECTORY, usual="this one", example="/srv/appliances", metavar="OUTDIR",
            default=Path(),
        ),
    ),
)  # fmt: skip
SYSTEM = Group(
    "system directory options",
    (
        Option(
            ("-t", "--tmpdir"), "keep results for the next build in DIR/appliance-UID",
            paths.DIRECTORY, usual="where appliance build keeps them", example="/var/tmp",
        ),
        Option(
            ("--cache",),
            "put the files of the packages that are installed, exactly those, into DIR/packages",
            paths.DIRECTORY, usual="nowhere", example="/var/cache/build",
        ),
    ),
)  # fmt: skip
DEBUGGING = Group(
    "debugging options",
    (
        Option(("-d", "--debug"), "the same as --verbose, which is what it has come to"),
        telling.VERBOSE,
        telling.QUIET,
        Option(
            ("--logfile",), "add the log of the build to the end of this file",
            paths.NEW_FILE, usual="no file", example="build.log",
        ),
    ),
)  # fmt: skip
ALL = (APPLIANCE, PACKAGE, SYSTEM, DEBUGGING)
