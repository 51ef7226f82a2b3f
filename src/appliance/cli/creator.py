"""`appliance-creator`: the words that Koji and others have used since 2008."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from appliance.backends.launchers.virt_image import VirtImage
from appliance.bundle.sheet import Sheet
from appliance.cli import EXIT_CODES, answer, store_place
from appliance.cli.help import Example
from appliance.cli.options.appliance_creator import ALL, COMPRESSED, MEMORY, PLAIN
from appliance.cli.options.option import add
from appliance.cli.parsing import Parser
from appliance.cli.progress import watching
from appliance.cli.store_limit import within_limit
from appliance.cli.streams import in_utf8
from appliance.creation import shipped
from appliance.creation.create import create
from appliance.creation.log import appended
from appliance.creation.request import Request
from appliance.engine.run_plan import Manner
from appliance.errors import RequestError
from appliance.handover.brands import brand_of
from appliance.handover.form import Handover
from appliance.handover.sheets import sheet_of
from appliance.host import probe
from appliance.host.clock import source_date_epoch
from appliance.host.download import fetch_text
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides, Reading
from appliance.recipe.repository_options import RepositoryOptions
from appliance.recipe.variables import settle
from appliance.store.results import below
from appliance.units import MIB

PROGRAM = "appliance-creator"
# Words that went away, and what to say instead.
OLD = {
    ("-a", "--appliance"): "-f FORMAT says what the disks are for: raw, qcow2, …",
    ("-s", "--source"): "leave it out; NAME.packages.json names each package and its repository",
    ("-l", "--list"): "leave it out; NAME.packages.json is always written",
}

EXAMPLES = (
    Example(
        "as Koji calls it: web/web-sda.qcow2, and web/web.xml",
        "appliance-creator -c web.ks -n web -f qcow2",
    ),
    Example(
        "with the packages that were fetched kept for the next time",
        "appliance-creator -c web.ks -n web --cache /var/cache/build",
    ),
)


def main(argv: list[str] | None = None) -> int:
    """Build an appliance as the words of old ask for it; return the exit code."""
    if argv is None:
        in_utf8()
    return answer(PROGRAM, lambda: run(parser().parse_args(argv)))


def parser() -> Parser:
    """Return the parser for the command line of `appliance-creator`."""
    whole = Parser(
        prog=PROGRAM,
        description="Create an appliance from a kickstart: OUTDIR/NAME/NAME-DISK.raw.xz for each "
        "disk, and NAME.xml, which describes the machine. `appliance build` does the same, and "
        "more.",
        epilog=EXIT_CODES,
        examples=EXAMPLES,
    )
    add(whole, *ALL)
    for words, hint in OLD.items():
        whole.add_argument(*words, action=_Gone, const=hint, nargs="?", help=argparse.SUPPRESS)
    return whole


class _Gone(argparse.Action):
    """An option of the original appliance-creator that is no longer there."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Raise RequestError, with what to do instead of this option."""
        del parser, namespace, values
        raise RequestError(f"{option_string} is no option any more", hint=self.const)


def run(options: argparse.Namespace) -> int:
    """Build the appliance, print where it is, and write the log if one is asked for."""
    options.config = shipped.find(options.config, say=lambda text: print(text, file=sys.stderr))
    wanted = request(options)
    kind = "quiet" if options.quiet else "auto"
    with watching(kind, verbose=options.verbose or options.debug) as shown:
        log = appended(options.logfile, shown) if options.logfile else nullcontext(shown)
        with log as emit, within_limit(wanted.store, emit):
            places = create(wanted, emit)
    if not options.quiet:
        print(*places, sep="\n")
    return 0


def request(options: argparse.Namespace) -> Request:
    """Everything that was typed, as the value that `appliance build` makes of its own words."""
    spoken = Sheet(
        version=options.version,
        release=options.release,
        memory=options.vmem,
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
        repositories=RepositoryOptions(
            releasever=options.version,
            distribution="fedora",  # as it was before: old command lines cannot say it
            keyring=str(options.keyring.absolute()) if options.keyring else "",
            lenient=not options.gpg_check,
            image_version=True,
            clock=source_date_epoch(),
        ),
        overrides=Overrides(
            name=options.name,
            table="msdos",
            reading=Reading(fetch=fetch_text),
            variables=settle(sheet.variables, ()),
            first_boot=sheet.first_boot,
            brand=brand_of(sheet, options.name or options.config.stem),
        ),
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
