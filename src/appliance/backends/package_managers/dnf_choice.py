"""Which packages? Asks dnf 4 or dnf5, with a state of its own; reads what it answers.

Facts: dnf.conf(5), dnf(8), dnf5(8), dnf5.conf(5). Nothing of the host's own configuration,
repositories, variables, cache or rpm database is read or written.
"""

import difflib
import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from appliance.backends.families.rpm_sources import RpmSource
from appliance.errors import RecipeError, SourceError, Where
from appliance.recipe.model import Packages, WantedPackage

VERSION = 3  # raised when the same question gets another answer: kept ones are not used then
PLAIN = re.compile(r"[^\x00-\x20\x7f]+")
ID = re.compile(r"[A-Za-z0-9_.:-]+")
# What dnf 4 and dnf5 write above a list of packages, and why those are installed.
SECTIONS = {
    "Installing": "user",
    "Installing group/module packages": "group",
    "Installing dependencies": "dependency",
    "Installing weak dependencies": "weak",
}
UNKNOWN = re.compile(r"(?:No match for argument:|Unable to find a match:) (.+)$", re.MULTILINE)
NEEDS = re.compile(r"package (\S+) (?:from \S+ )?requires ([^,]+), but none of the providers", re.I)
UNREADABLE = re.compile(r"""\b(?:repo|repository) ['"](\S+)['"]""")  # dnf 4, dnf5
NOTHING = re.compile(r"nothing provides (\S+)(?: .*)? needed by (\S+)")


@dataclass(frozen=True)
class Chosen:
    """One package of the table that dnf prints: *evr* is [epoch:]version-release, *reason* as in
    LockedPackage."""

    name: str
    architecture: str
    evr: str
    repository: str
    reason: str


def configuration(sources: Sequence[RpmSource], state: str) -> str:
    """The text of a dnf.conf for a private *state* directory (dnf.conf(5)).

    Signatures are checked by us, package by package, when they arrive: dnf only chooses.
    Raises SourceError if a value could be read as something else: kickstarts are strangers'.
    """
    main = {
        "reposdir": "/dev/null",
        "pluginpath": "/dev/null",
        "plugins": "0",
        "gpgcheck": "0",
        "best": "1",
        "zchunk": "0",  # whoever looks packages up reads the plain metadata
        "keepcache": "0",
        "skip_if_unavailable": "0",
        "metadata_expire": "-1",  # asked for anew only by `makecache --refresh`
        "max_parallel_downloads": "10",
        "timeout": "20",
        "retries": "3",
        "minrate": "500",
        "fastestmirror": "0",
        "logdir": f"{state}/log",
        "cachedir": f"{state}/cache",
        "persistdir": f"{state}/persist",
    }
    lines = ["[main]", *(f"{name}={value}" for name, value in main.items())]
    for source in sources:
        lines += ["", *_section(source)]
    return "\n".join(lines) + "\n"


def _section(source: RpmSource) -> list[str]:
    says = {
        "name": source.name,
        "baseurl": " ".join(source.urls),
        "metalink": source.metalink,
        "mirrorlist": source.mirrorlist,
        "proxy": source.proxy,
        "sslverify": "" if source.verified else "0",
        "sslcacert": source.ca_certificate,
        "sslclientcert": source.client_certificate,
        "sslclientkey": source.client_key,
        "cost": "" if source.cost is None else str(source.cost),
        "priority": "" if source.priority is None else str(source.priority),
        "includepkgs": " ".join(source.included),
        "excludepkgs": " ".join(source.excluded),
    }
    if not ID.fullmatch(source.name) or source.name == "main":  # which is dnf's own section
        raise SourceError(
            f"'{source.name}' cannot be a repository's name", hint="letters, digits, . : _ -"
        )
    for value in says.values():
        if any(not PLAIN.fullmatch(word) for word in value.split(" ") if word):
            raise SourceError(f"'{value}' cannot be part of what dnf is told of {source.name}")
    return [
        f"[{source.name}]",
        "enabled=1",
        *(f"{name}={value}" for name, value in says.items() if value),
    ]


@dataclass(frozen=True)
class Dnf:
    """The dnf that a host has: *program* is what to call, *five* is True if it is dnf5."""

    program: str
    five: bool

    def words(self, state: str, *, release: str, architecture: str, foreign: bool) -> list[str]:
        """The words before every command: all places are ours, whatever dnf's own rules say.

        *foreign*: packages are for another architecture than this host's.
        """
        places = {
            "cachedir": f"{state}/cache",
            "logdir": f"{state}/log",
            "persistdir": f"{state}/persist",
            "reposdir": "/dev/null",
            "varsdir": "/dev/null",
        }
        if self.five:
            places |= {"system_cachedir": f"{state}/cache"}
        words = [self.program, "-y", f"--config={state}/dnf.conf", f"--installroot={state}/root"]
        words += [f"--setopt={name}={value}" for name, value in places.items()]
        words += [f"--releasever={release}"] if release else []
        return words + ([f"--forcearch={architecture}"] if foreign else [])

    def ask(self, packages: Packages, names: Sequence[str]) -> list[str]:
        """Return the words of the question what dnf would install."""
        options = [
            f"--setopt=install_weak_deps={int(packages.weak_dependencies)}",
            *(f"--exclude={wanted.name}" for wanted in packages.excluded),
        ]
        if packages.multilib:
            options.append("--setopt=multilib_policy=all")
        lenient = []  # dnf5 takes these after the command only
        if self.five:
            lenient += ["--skip-unavailable"] if packages.ignore_missing else []
            lenient += ["--skip-broken"] if packages.ignore_broken else []
        elif packages.ignore_missing or packages.ignore_broken:
            options.append("--setopt=strict=0")
        return [*options, "--assumeno", "install", *lenient, "--", *names]


def refuse_files(packages: Packages) -> None:
    """Raise RecipeError for a line that dnf would take for a file of this host or an address."""
    for wanted in packages.names:
        if "://" in wanted.name or wanted.name.endswith(".rpm"):
            raise RecipeError(
                f"'{wanted.name}' is a file, not the name of a package",
                where=wanted.where,
                hint="a repository that has it (createrepo_c makes one), and its name here",
            )


def table(said: str) -> tuple[Chosen, ...]:
    """Read the table that dnf prints before it asks, in order of names.

    A row begins with one blank; what does not fit goes on in lines with more of them.
    """
    found, reason, row = [], "", ""
    for line in [*said.splitlines(), ""]:
        goes_on = re.match(r"\s{2,}\S", line)
        if not goes_on and row:
            words = row.split()
            if reason and len(words) >= 4:
                evr = words[2].removeprefix("0:")  # dnf5 says it always
                found.append(Chosen(words[0], words[1], evr, words[3], reason))
            row = ""
        if line.endswith(":") and not line.startswith(" "):
            reason = SECTIONS.get(line.removesuffix(":"), "")
        elif line.startswith(" ") and not goes_on:
            row = line
        elif goes_on and row:
            row += line
        elif not line.strip():
            reason = ""
    return tuple(sorted(found, key=lambda item: (item.name, item.architecture, item.evr)))


def refusal(said: str, packages: Packages, known: Iterable[str]) -> RecipeError | SourceError:
    """Say why dnf refused, in the words of the recipe; what it said is kept, shortened."""
    tail = shortened(said)
    unknown = [word for match in UNKNOWN.finditer(said) for word in match.group(1).split()]
    if unknown:
        wanted = _line_of(unknown[0], packages.names)
        return RecipeError(
            f"there is no package '{unknown[0]}'",
            where=wanted.where if wanted else None,
            hint=nearest(unknown[0], known),
        )
    for wanted in packages.excluded:
        for match in NEEDS.finditer(said):
            needed = match.group(2).split()[0]
            if fnmatch.fnmatch(needed, wanted.name) or f"package {wanted.name}-" in said:
                return RecipeError(
                    f"-{wanted.name} cannot be left out: {match.group(1)} needs it",
                    where=wanted.where,
                    hint=f"take '-{wanted.name}' away, or leave out {match.group(1)} too",
                    tail=tail,
                )
    lacking = NOTHING.search(said)
    if lacking:
        return RecipeError(
            f"nothing provides {lacking.group(1)}, which {lacking.group(2)} needs",
            where=_place_of(lacking.group(2), packages.names),
            hint="a repository that has it, or another package",
            tail=tail,
        )
    return RecipeError(
        "the packages cannot be installed together",
        tail=tail,
        hint="look at the versions and repositories that dnf names",
    )


def metadata_error(said: str, sources: Sequence[RpmSource]) -> SourceError:
    """Say which repository's metadata cannot be had or used, and why, as far as dnf tells."""
    named = set(UNREADABLE.findall(said))
    guilty = [source for source in sources if source.name in named] or sources
    told = ", ".join(
        f"{source.name} ({source.metalink or source.mirrorlist or ', '.join(source.urls)})"
        for source in guilty
    )
    return SourceError(
        f"the repository {told} cannot be read"
        if len(guilty) == 1
        else f"one of these repositories cannot be read: {told}",
        hint="look at the address and the network, or take another mirror",
        tail=shortened(said),
    )


def shortened(said: str) -> tuple[str, ...]:
    """The lines that say what is wrong, at most eight; the last ones if none seems to."""
    lines = [line.strip() for line in said.splitlines()]
    telling = [
        line
        for line in lines
        if re.match(r"(?:Error(?!:$)|Problem|- |>>> |Status code|Curl error|Cannot|Failed)", line)
    ]
    return tuple(dict.fromkeys(telling or filter(None, lines[-4:])))[:8]


def nearest(name: str, known: Iterable[str]) -> str:
    """The names most like *name*; only those of about its length are compared."""
    short = [item for item in known if abs(len(item) - len(name)) <= 4 and item[:1] == name[:1]]
    near = difflib.get_close_matches(name, short, n=3, cutoff=0.6)
    return ", ".join(near) or "look for it with: dnf repoquery --whatprovides WORD"


def _line_of(word: str, names: Sequence[WantedPackage]) -> WantedPackage | None:
    return next((wanted for wanted in names if wanted.name == word), None)


def _place_of(package: str, names: Sequence[WantedPackage]) -> Where | None:
    """The line that asks for *package*, a NEVRA."""
    return next((item.where for item in names if package.startswith(f"{item.name}-")), None)
