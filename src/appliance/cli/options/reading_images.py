"""Options that say how filesystems in images of others are read."""

import argparse
import getpass
from pathlib import Path

from appliance.cli.options import kinds, paths
from appliance.cli.options.option import Option
from appliance.errors import RequestError
from appliance.host.passphrase_sources import checked, named
from appliance.intake.layers import Means
from appliance.intake.mounted import OPTIONS

PASSPHRASE = Option(
    ("--passphrase",),
    "passphrase that opens what is encrypted: from an environment variable (env:NAME), from the "
    "first line of a file (file:PATH), or asked for on the terminal (ask)",
    kinds.passphrase_or_ask(), usual="what is encrypted stays closed", example="file:secret",
    repeat=True,
)  # fmt: skip
KERNEL_ROOT = Option(
    ("--tools",),
    f"take the kernel that reads {', '.join(OPTIONS)} and LUKS from the system in this directory",
    paths.DIRECTORY_THERE, usual="this machine's kernel", example="/srv/trixie", metavar="ROOT",
)  # fmt: skip


def means(options: argparse.Namespace) -> Means:
    """What it takes to read an image, as the command line says it; the terminal is asked for
    passphrases that are to be.

    Raises RequestError for a passphrase that is not there, and if there is nobody to ask.
    """
    passphrases = [
        _asked() if source == kinds.ASK else named(source) for source in options.passphrase
    ]
    return Means(Path(options.tools or "/").absolute(), tuple(passphrases))


def _asked() -> str:
    try:
        with Path("/dev/tty").open("r+b", buffering=0):
            return checked(
                getpass.getpass("Passphrase of what is encrypted: "), "the terminal", None
            )
    except (OSError, EOFError):
        raise RequestError(
            "there is no terminal that could be asked for a passphrase",
            hint=PASSPHRASE.tried,
        ) from None
