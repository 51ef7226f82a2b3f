"""`appliance-creator`: the words that Koji and others have used since 2008."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from appliance.backends import bundle_formats, disk_formats
from appliance.backends.launchers.virt_image import VirtImage
from appliance.bundle.sheet import Sheet
from appliance.cli import EXIT_CODES, answer, store_place
from appliance.cli.progress import watching
from appliance.engine import shipped
from appliance.engine.create import Request, create
from appliance.engine.log import appended
from appliance.engine.run_plan import Manner
from appliance.errors import RequestError
from appliance.handover.form import FOLDER, Handover
from appliance.handover.sheets import sheet_of
from appliance.host import probe
from appliance.host.download import fetch_text
from appliance.packages.resolve import Sources, source_date_epoch
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides, Reading
from appliance.store.results import below
from appliance.units import MIB

PROGRAM = "appliance-creator"
MEMORY = 512  # MiB
# What callers mean by a format, unless they say --no-compress.
COMPRESSED = {"raw": "raw.xz"}
PLAIN = {"qcow2": "qcow2-plain", "raw.xz": "raw"}
# Words that went away, and what to say instead.
OLD = {
    ("-a", "--appliance"): "-f FORMAT says what the disks are for: raw, qcow2, …",
    ("-s", "--source"): "leave it out; NAME.packages.json names each package and its repository",
    ("-l", "--list"): "leave it out; NAME.packages.json is always written",
}


def main(argv: list[str] | None = None) -> int:
    """Build an appliance as the words of old ask for it; return the exit code."""
    options = parser().parse_args(argv)
    return answer(PROGRAM, lambda: run(options))


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    whole = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Create an appliance from a kickstart: OUTDIR/NAME/NAME-DISK.raw.xz for each "
        "disk, and NAME.xml, which describes the machine. `appliance build` does the same, and "
        "more.",
        epilog=EXIT_CODES,
    )
    _add_appliance(whole.add_argument_group("appliance options"))
    _add_package(whole.add_argument_group("package options"))
    _add_system(whole.add_argument_group("system directory options"))
    _add_debugging(whole.add_argument_group("debugging options"))
    for words, hint in OLD.items():
        whole.add_argument(*words, action=_Gone, const=hint, nargs="?", help=argparse.SUPPRESS)
    return whole


def _add_appliance(group: Any) -> None:
    group.add_argument(
        "-c", "--config", type=_file, required=True, metavar="FILE", help="kickstart file"
    )
    group.add_argument(
        "-n", "--name", default="", help="name of the appliance (default: the kickstart's)"
    )
    group.add_argument(
        "--version", default="", help="its version; also what $releasever means in repositories"
    )
    group.add_argument("--release", default="", help="its release")
    group.add_argument(
        "--vmem", type=_count, default=0, metavar="MIB", help=f"its memory (default: {MEMORY})"
    )
    group.add_argument(
        "--vcpu", type=_count, default=0, metavar="N", help="its processors (default: 1)"
    )
    group.add_argument(
        "--checksum", action="store_true", help="put the disks' SHA-256 into NAME.xml"
    )
    group.add_argument(
        "-f", "--format", default="raw", type=_format, metavar="FORMAT",
        help=f"disk format: {', '.join(_formats())} (default: raw, which is compressed to .raw.xz)",
    )  # fmt: skip
    group.add_argument("--no-compress", action="store_true", help="leave disk images uncompressed")
    group.add_argument(
        "--gpg-check", action="store_true",
        help="refuse a repository that no key is known for, rather than warn of it",
    )  # fmt: skip
    group.add_argument("--keyring", type=Path, metavar="FILE", help="keys to trust instead")


def _add_package(group: Any) -> None:
    group.add_argument(
        "-p", "--package", default=FOLDER, choices=(FOLDER, *bundle_formats.KNOWN), metavar="TYPE",
        help=f"pack all of it into OUTDIR/NAME.zip and so on: {', '.join(bundle_formats.KNOWN)} "
        "(default: %(default)s)",
    )  # fmt: skip
    group.add_argument(
        "-i", "--include", type=Path, metavar="PATH",
        help="a file, or a directory whose content, is handed over too",
    )  # fmt: skip
    group.add_argument(
        "-o", "--outdir", type=Path, default=Path(), metavar="OUTDIR",
        help="where NAME/ appears (default: here)",
    )  # fmt: skip


def _add_system(group: Any) -> None:
    group.add_argument(
        "-t", "--tmpdir", type=Path, metavar="DIR",
        help="keep results for the next build there (default: as appliance build does)",
    )  # fmt: skip
    group.add_argument(
        "--cache", type=Path, metavar="DIR",
        help="put the installed packages' files, exactly those, into DIR/packages",
    )  # fmt: skip


def _add_debugging(group: Any) -> None:
    group.add_argument("-d", "--debug", action="store_true", help="as --verbose")
    group.add_argument("-v", "--verbose", action="store_true", help="show what the tools say")
    group.add_argument("-q", "--quiet", action="store_true", help="say only what went wrong")
    group.add_argument("--logfile", type=Path, metavar="FILE", help="add the build's log to FILE")


class _Gone(argparse.Action):
    """A word that went away."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Say so, and what to do instead."""
        del namespace, values
        parser.error(f"{option_string} is no option any more\n  try: {self.const}")


def _file(text: str) -> Path:
    """Argparse type: a file on this machine."""
    if "://" in text:
        raise argparse.ArgumentTypeError(f"fetch it first: curl -O {text}")
    return Path(text)


def _count(text: str) -> int:
    """Argparse type: a whole number above 0."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)


def _formats() -> tuple[str, ...]:
    """What people say for a format: those names that are not ours alone."""
    ours = PLAIN.values()
    return ("raw", *sorted(name for name in disk_formats.KNOWN if name not in ours))


def _format(text: str) -> str:
    """Argparse type: a disk format that exists."""
    if text not in _formats():
        raise argparse.ArgumentTypeError(f"no disk format '{text}' here: {', '.join(_formats())}")
    return text


def run(options: argparse.Namespace) -> int:
    """Build, tell, log."""
    options.config = shipped.find(options.config, say=lambda text: print(text, file=sys.stderr))
    wanted = request(options)
    kind = "quiet" if options.quiet else "auto"
    with watching(kind, verbose=options.verbose or options.debug) as shown:
        log = appended(options.logfile, shown) if options.logfile else nullcontext(shown)
        with log as emit:
            places = create(wanted, emit)
    if not options.quiet:
        print(*places, sep="\n")
    return 0


def request(options: argparse.Namespace) -> Request:
    """Everything that was typed, as the value that `appliance build` makes of its own words."""
    if options.include and not options.include.exists():
        raise RequestError(f"--include: there is no {options.include}")
    spoken = Sheet(
        version=options.version,
        release=options.release,
        memory=options.vmem * MIB,
        cpus=options.vcpu,
    )
    sheet = sheet_of(options.config, None, spoken)
    formats = PLAIN if options.no_compress else COMPRESSED
    return Request(
        kickstart=options.config,
        output=options.outdir,
        store=below(options.tmpdir) if options.tmpdir else store_place().absolute(),
        target=Target(
            formats=(formats.get(options.format, options.format),),
            memory=sheet.memory or MEMORY * MIB,
            architecture=probe.architecture(),
        ),
        sources=Sources(
            releasever=options.version,
            keyring=str(options.keyring.absolute()) if options.keyring else "",
            lenient=not options.gpg_check,
            image_version=True,
            clock=source_date_epoch(),
        ),
        overrides=Overrides(name=options.name, table="msdos", reading=Reading(fetch=fetch_text)),
        manner=Manner(),
        sheet=sheet,
        handover=Handover(
            launchers=(VirtImage(always=True),),
            checksums=options.checksum,
            description=False,
            sums=False,
            log=False,
            include=(options.include,) if options.include else (),
            forms=(options.package,),
            packages=options.cache,
        ),
    )
