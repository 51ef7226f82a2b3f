"""Options that say what a command tells, and how much of this machine it uses."""

from appliance.cli import store_place
from appliance.cli.options import kinds, paths
from appliance.cli.options.option import Option
from appliance.cli.progress import KINDS

STORE = Option(
    ("--store",),
    "directory that keeps results and package files for the next build; deleting it is allowed",
    paths.DIRECTORY, usual="appliance in $XDG_CACHE_HOME, else ~/.cache/appliance",
    example="/var/cache/appliance", default=store_place,
)  # fmt: skip
EVENTS = Option(
    ("--events",),
    "how progress is told: plain lines, json (one object a line, for programs), or auto, which "
    "moves on a terminal and is plain elsewhere",
    kinds.one_of(*KINDS), usual="auto", example="json", default="auto",
)  # fmt: skip
RESULT = "in the end what came of it"
QUIET = Option(("-q", "--quiet"), "print nothing but what went wrong")
VERBOSE = Option(("-v", "--verbose"), "print all that the tools and scripts of the build say")
JOBS = Option(
    ("-j", "--jobs"), "number of this machine's processor cores to use",
    kinds.count("work needs at least one core"), usual="all that there are", example="2",
    default=0,
)  # fmt: skip


def json(what: str) -> Option:
    """--json, which prints *what* for programs."""
    return Option(("--json",), f"print {what} as JSON, for programs, instead of text for people")
