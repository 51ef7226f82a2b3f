"""`appliance brand`: make what carries a brand."""

import argparse
from pathlib import Path

from appliance.backends.brands.release_rpm import ReleasePackage
from appliance.backends.families.known import RPM_KNOWN
from appliance.backends.families.rpm import RpmFamily
from appliance.bundle.sheet import Sheet
from appliance.cli.help import Example
from appliance.cli.options import kinds, paths
from appliance.cli.options.option import Kind, Option, add
from appliance.errors import RequestError
from appliance.handover.brands import brand_of
from appliance.handover.release_rpm import make_release_rpm
from appliance.handover.sheets import sheet_of
from appliance.host.clock import source_date_epoch
from appliance.recipe.image import identified

KNOWN = tuple(f"{each.name}-{one.version}" for each in RPM_KNOWN.values() for one in each.releases)


def _base(text: str) -> tuple[RpmFamily, str]:
    """The family of an RPM release, and its number."""
    name, _, number = text.rpartition("-")
    if name not in RPM_KNOWN or not number.isdecimal():
        raise RequestError("this is no release of an RPM family", hint="--base fedora-44")
    return RPM_KNOWN[name], number


SHEET = Option(
    ("sheet",), "product sheet, a TOML file, with a table [brand]", paths.FILE, metavar="SHEET",
    example="web.toml",
)  # fmt: skip
BASE = Option(
    ("--base",), "release of the distribution that the system is made of",
    Kind("release of an RPM family", "RELEASE", _base, known=KNOWN),
    usual="none: it has to be named", example="almalinux-10", required=True,
)  # fmt: skip
OUTPUT = Option(
    ("-o", "--output"), "directory in which the package appears", paths.DIRECTORY,
    usual="this one", example="repository", default=Path(),
)  # fmt: skip
GPG_KEY = Option(
    ("--gpg-key",), "sign the package with this key of your GnuPG",
    kinds.text("KEY"), usual="nothing is signed", example="release@acme.example",
    default="",
)  # fmt: skip
EXAMPLES = (
    Example("the release package of a brand", "appliance brand rpm web.toml --base almalinux-10"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "brand",
        help="make the package that gives an RPM system its own name",
        description="Make what carries the brand of a product sheet.",
        examples=EXAMPLES,
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION", title="actions")
    rpm = actions.add_parser(
        "rpm",
        help="make a release package of a product sheet",
        description="Make the package that takes the place of the distribution's own release "
        "package, and of its pictures where there are no neutral ones: the same sheet gives the "
        "same bytes (SOURCE_DATE_EPOCH says when it was made). Put it into a repository, name "
        "that in the kickstart, and the package as `release-package` in [brand].",
        examples=EXAMPLES,
    )
    add(rpm, SHEET, BASE, OUTPUT, GPG_KEY)
    rpm.set_defaults(run=make_rpm)


def make_rpm(options: argparse.Namespace) -> int:
    """Make the package, and print where it is."""
    sheet = sheet_of(None, options.sheet, Sheet())
    brand = brand_of(sheet, options.sheet.stem)
    if brand is None:
        raise RequestError(f"{options.sheet} has no [brand]", hint="add: [brand]")
    family, release = options.base
    image = identified(options.sheet.stem, "")
    package = ReleasePackage(brand, family, release, image)
    made = make_release_rpm(
        package, options.output, clock=source_date_epoch(), gpg_key=options.gpg_key
    )
    print(made)
    return 0
