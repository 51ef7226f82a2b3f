"""The front door: command lines in, text and exit codes out. Nothing is decided here."""

import importlib
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from appliance import __version__
from appliance.cli import streams
from appliance.cli.parsing import Parser
from appliance.cli.printable import printable, told
from appliance.errors import ApplianceError, HostError

# Imported when they are asked for: starting takes as long as what it imports.
COMMANDS = {
    "new": "begin an appliance: a directory to be changed into yours",
    "build": "build an appliance from a kickstart",
    "convert": "give an image other formats",
    "run": "start an appliance on this machine",
    "test": "boot an appliance and prove that it lets you in",
    "check": "say everything that is wrong with a kickstart",
    "flatten": "write a kickstart with all that it includes",
    "plan": "show the steps of a build, and which will run because of what",
    "lock": "write down exactly which packages a kickstart takes",
    "inspect": "say what is in an appliance",
    "diff": "say what differs between two appliances",
    "audit": "say which vulnerabilities are known of an appliance",
    "verify": "say whether what was signed about a bundle holds",
    "brand": "make the package that gives an RPM system its own name",
    "lint": "say why an OVA would not be imported",
    "shell": "look around in an image, in a sandbox",
    "cache": "show and prune what builds keep",
    "doctor": "say what this machine lacks",
    "completion": "print the completion of the shell",
}
EXIT_CODES = (
    "Exit codes: 2 what you asked or wrote must change, 3 this machine, 4 a tool or script failed, "
    "5 it does not boot, 6 a catalog (kept for later: nothing ends with it yet), 7 repositories or "
    "downloads, 130 interrupted."
)


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code.

    Foreseen errors, and what the operating system refuses, become one message; anything else is our
    bug and keeps its traceback.
    """
    if argv is None:
        streams.in_utf8()
    words = sys.argv[1:] if argv is None else argv

    def run() -> int:
        options = parser(words[0] if words else "").parse_args(words)
        code: int = options.run(options)
        return code

    return answer("appliance", run)


def answer(program: str, run: Callable[[], int]) -> int:
    """Run a command of *program* and return its exit code; see main."""
    streams.open_all()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as polite as Ctrl-C
    try:
        return streams.flushed(run)
    except ApplianceError as error:
        _complain(f"{program}: {told(error)}")
        return error.exit_code
    except KeyboardInterrupt:
        _complain(f"{program}: interrupted")
        return 130
    except BrokenPipeError:  # whoever read our output has seen enough
        return 0
    except OSError as error:
        _complain(f"{program}: {printable(_refused(error))}")
        return HostError.exit_code
    finally:
        streams.drop_unwritable()


def _complain(text: str) -> None:
    with suppress(OSError):  # nobody is left to be told
        print(text, file=sys.stderr)


def _refused(error: OSError) -> str:
    """What the machine refused, in a line."""
    if isinstance(error, FileNotFoundError):
        try:
            Path.cwd()
        except FileNotFoundError:
            return "the working directory is gone"
    name = f": {os.fsdecode(error.filename)}" if isinstance(error.filename, str | bytes) else ""
    return f"{error.strerror or error}{name}"


def parser(wanted: str = "", *, everything: bool = False) -> Parser:
    """The whole command line; only *wanted* is described in full unless *everything* is."""
    whole = Parser(
        prog="appliance",
        description="Turn a kickstart file into a bootable virtual appliance; run, test, share it.",
        epilog=f"`appliance COMMAND --help` says more. {EXIT_CODES}",
    )
    whole.add_argument("--version", action="version", version=f"appliance-tools {__version__}")
    verbs = whole.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for name, text in COMMANDS.items():
        if name == wanted or everything:
            importlib.import_module(f"appliance.cli.{name}").add_to(verbs)
        else:
            verbs.add_parser(name, help=text)
    return whole


def store_place() -> Path:
    """Where the store is unless --store says otherwise."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "appliance"
