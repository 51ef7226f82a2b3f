"""Which packages? Asks the host's apt, with a state of its own; reads what it answers.

Facts: apt.conf(5), sources.list(5), apt-patterns(7), apt_preferences(5). Nothing of the host's
own lists, cache, locks or preferences is read or written.
"""

import difflib
import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from appliance.backends.families.apt_sources import AptSource
from appliance.backends.package_managers.model import LockedPackage
from appliance.errors import RecipeError, SourceError
from appliance.recipe.model import Packages, WantedGroup, WantedPackage

VERSION = 5  # raised when the same question gets another answer: kept ones are not used then
ESSENTIAL = "?essential"
REQUIRED = "?priority(required)"
STANDARD = ("?priority(important)", "?priority(standard)")
# Never taken: the tree is merged from its first file on, and this one brings all of Perl.
# usr-is-merged, which fulfils the same dependency, is taken instead.
NEVER = ("usrmerge",)
# Packages that were part of another one in older releases.
WITHIN = {"systemd-repart": "systemd", "systemd-cryptsetup": "systemd"}
PLAIN = re.compile(r"[^\s\[\]\"'#]+")
ARCHITECTURE = re.compile(r"[a-z0-9][a-z0-9-]*")
GLOB = re.compile(r"[*?\[]")
URI_LINE = re.compile(r"^'([^']+)' (\S+) (\d+) SHA256:([0-9a-f]{64})$", re.MULTILINE)


def configuration(
    state: str, architecture: str, policy: Mapping[str, str], more: Sequence[str] = ()
) -> str:
    """The text of apt.conf for a private *state* directory; *policy* is kept from the host. *more*
    are architectures besides the image's own."""
    settings = {
        "Dir": state,
        "Dir::State": state,
        "Dir::State::lists": "lists",
        "Dir::State::status": "status",
        "Dir::Cache": state,
        "Dir::Cache::archives": "archives",
        "Dir::Etc": f"{state}/etc",
        "Dir::Etc::sourcelist": "sources.list",
        "Dir::Etc::preferences": "preferences",
        "Dir::Etc::main": "/dev/null",
        "Dir::Etc::parts": "/dev/null",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::Etc::trusted": "/dev/null",
        "Dir::Etc::trustedparts": "/dev/null",
        "Dir::Log": f"{state}/log",
        "APT::Architecture": architecture,
        "APT::Sandbox::User": "root",  # _apt could not read a state below somebody's home
        "APT::Get::AllowUnauthenticated": "false",
        "APT::Update::Error-Mode": "any",
        "Acquire::AllowInsecureRepositories": "false",
        "Acquire::Languages": "none",
        "Acquire::ForceHash": "SHA256",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "20",
        "Acquire::https::Timeout": "20",
        **policy,
    }
    lines = [f'{name} "{value}";' for name, value in settings.items()]
    listed = " ".join(f'"{name}";' for name in (architecture, *more))
    return "\n".join([*lines, f"APT::Architectures {{ {listed} }};", ""])


def sources_list(sources: Sequence[AptSource], architecture: str) -> str:
    """One line for each source (sources.list(5)).

    Raises SourceError if a part could be read as something else: kickstarts are strangers', and
    a blank in a URL would be room for `trusted=yes`.
    """
    for source in sources:
        for part in (source.url, source.suite, source.keyring, *source.components):
            if not PLAIN.fullmatch(part):
                raise SourceError(f"'{part}' cannot be part of a repository's address")
    return "".join(
        f"deb [signed-by={source.keyring} arch={architecture}] {source.url} {source.suite}"
        f" {' '.join(source.components)}\n"
        for source in sources
    )


def preferences(excluded: Iterable[str]) -> str:
    """A priority below zero: never installed, whoever asks (apt_preferences(5))."""
    return "".join(
        f"Package: {name}\nPin: release *\nPin-Priority: -1\n\n" for name in sorted(excluded)
    )


def update_error(said: str, sources: Sequence[AptSource]) -> SourceError:
    """Say why apt-get update failed, naming the repository and the key."""
    tail = tuple(line for line in said.splitlines() if line[:2] in ("E:", "W:", "Er"))[-6:]
    unsigned = re.search(r"The repository '(\S+) (\S+) \S+' (?:is not signed|does not have)", said)
    key = re.search(r"NO_PUBKEY ([0-9A-F]+)|Missing key ([0-9A-F]+)", said)
    invalid = re.search(r"(EXPKEYSIG|BADSIG|REVKEYSIG|EXPSIG) ([0-9A-F]+)|is not signed by", said)
    expired = re.search(r"Release file for (\S+) is (expired|not valid yet)", said)
    missing = re.search(r"The repository '(\S+) (\S+) \S+' (?:no longer|does not) have", said)
    name = f"{unsigned.group(1)} {unsigned.group(2)}" if unsigned else ""
    keyrings = ", ".join(sorted({source.keyring for source in sources}))
    if expired:
        return SourceError(
            f"{expired.group(1)} is stale: its Release file is {expired.group(2)}",
            hint="another mirror; or Acquire::Check-Valid-Until in this host's apt.conf",
            tail=tail,
        )
    if key:
        number = key.group(1) or key.group(2)
        return SourceError(
            f"the repository {name or 'asked for'} is signed with key {number}, "
            f"which is not in {keyrings}",
            hint="--keyring FILE with that key, if you trust it",
            tail=tail,
        )
    if invalid:
        word = f" ({invalid.group(1)} by key {invalid.group(2)})" if invalid.group(1) else ""
        return SourceError(
            f"the signature of the repository {name or 'asked for'} is not valid{word}",
            hint="another mirror, or --keyring FILE",
            tail=tail,
        )
    if unsigned and not missing and "404" not in said:
        return SourceError(
            f"the repository {name} is not signed; it is not used (keyring {keyrings})",
            hint="a signed repository: its InRelease file is what is checked",
            tail=tail,
        )
    return SourceError(
        "the repositories cannot be read: " + ", ".join(sorted({item.url for item in sources})),
        hint="look at the address and the network, or take another --mirror",
        tail=tail,
    )


def release_date(release: str) -> int:
    """Return when a Release file says that it was made, in seconds since 1970."""
    found = re.search(r"^Date: (.+)$", release, re.MULTILINE)
    return int(parsedate_to_datetime(found.group(1)).timestamp()) if found else 0


@dataclass(frozen=True)
class Choice:
    """What to ask apt for.

    *words*: the words for `apt-get install`.
    *excluded*: the names of packages that are never taken.
    *essential*: the words for the packages without which no script of a package runs.
    *recommends*: True if packages that others recommend are installed, too.
    """

    words: tuple[str, ...]
    excluded: tuple[str, ...]
    essential: tuple[str, ...]
    recommends: bool


def choose(
    packages: Packages, extra: Sequence[str], known: Sequence[str], *, own: str = ""
) -> Choice:
    """Turn %packages into apt's words; *known* are all package names, *extra* ours. *own* is
    the image's architecture, if there are packages of others, too.

    Raises RecipeError, with the nearest names, for what does not exist.
    """
    names = set(known)
    named = {wanted.name for wanted in packages.names}  # which is more than a glob says
    excluded = [
        name
        for wanted in packages.excluded
        for name in _excluded(wanted, known)
        if name == wanted.name or name not in named
    ]
    core = [without(REQUIRED, excluded), "apt"] if packages.core else []
    words = [ESSENTIAL, *core]
    for wanted in packages.names:
        words += _expand(wanted, known, names, packages.ignore_missing)
    for group in packages.groups:
        found = _group(group, names, packages.ignore_missing)
        words += [without(word, excluded) for word in found]
    ours = [name if name in names else WITHIN.get(name, name) for name in extra]
    kept = [word for word in (*words, *ours) if word not in set(excluded)]
    narrowed = tuple(narrow(word, own) for word in dict.fromkeys(kept))
    essential = (narrow(ESSENTIAL, own),)
    return Choice(narrowed, (*excluded, *NEVER), essential, packages.weak_dependencies)


def narrow(word: str, architecture: str) -> str:
    """Narrow an apt pattern to an *architecture*, if there is one; a name stays as it is."""
    pattern = word.startswith("?") and architecture
    return f"?and({word},?architecture({architecture}))" if pattern else word


def without(pattern: str, excluded: Sequence[str]) -> str:
    """Narrow an apt pattern to what is not *excluded*; a name stays as it is."""
    if not pattern.startswith("?") or not excluded:
        return pattern
    nots = ",".join(f"?not(?exact-name({name}))" for name in excluded)
    return f"?and({pattern},{nots})"


def _excluded(wanted: WantedPackage, known: Sequence[str]) -> list[str]:
    return fnmatch.filter(known, wanted.name) if GLOB.search(wanted.name) else [wanted.name]


def _expand(
    wanted: WantedPackage, known: Sequence[str], names: set[str], ignore_missing: bool
) -> list[str]:
    """Return apt's words for one line: NAME, NAME:ARCHITECTURE, NAME=VERSION, NAME/SUITE, or a
    glob of names (apt-get(8), install)."""
    if GLOB.search(wanted.name.partition("=")[0]):
        found = sorted(fnmatch.filter(known, wanted.name))
        if found or ignore_missing:
            return found
        raise RecipeError(f"no package is called like '{wanted.name}'", where=wanted.where)
    word = wanted.name.replace(" = ", "=")
    if " " in word:
        raise RecipeError(
            f"'{wanted.name}': apt takes one version, not a range",
            where=wanted.where,
            hint=f"{wanted.name.split()[0]}=VERSION, in which * stands for anything",
        )
    if re.split("[:=/]", word, maxsplit=1)[0] in names:
        return [word]
    if ignore_missing:
        return []
    raise RecipeError(
        f"there is no package '{wanted.name}'",
        where=wanted.where,
        hint=_nearest(wanted.name, names),
    )


def _group(wanted: WantedGroup, names: set[str], ignore_missing: bool) -> list[str]:
    """Return apt's words for a group: @standard is what the archive gives that priority, other
    groups are tasks (tasksel(8))."""
    if wanted.name == "standard":
        return list(STANDARD)
    if f"task-{wanted.name}" in names:
        return [f"task-{wanted.name}"]
    if ignore_missing:
        return []
    tasks = {name.removeprefix("task-") for name in names if name.startswith("task-")}
    raise RecipeError(
        f"there is no group '@{wanted.name}': apt has @core, @standard and tasks",
        where=wanted.where,
        hint=_nearest(wanted.name, tasks),
    )


def _nearest(name: str, names: Iterable[str]) -> str:
    """The names most like *name*; only those of about its length are compared."""
    short = [item for item in names if abs(len(item) - len(name)) <= 4 and item[:1] == name[:1]]
    near = difflib.get_close_matches(name, short, n=3, cutoff=0.6)
    return ", ".join(near) or "look for it with: apt-cache search WORD"


def packages_of(
    said: str, sources: Sequence[AptSource], essential: frozenset[tuple[str, str]] = frozenset()
) -> tuple[LockedPackage, ...]:
    """Read what `apt-get install --print-uris` printed, in order of names; *essential* are names
    and architectures."""
    found = [
        _package(*match.groups(), sources=sources, essential=essential)
        for match in URI_LINE.finditer(said)
    ]
    return tuple(sorted(found, key=lambda package: (package.name, package.architecture)))


def _package(
    uri: str,
    file: str,
    size: str,
    sha256: str,
    *,
    sources: Sequence[AptSource],
    essential: frozenset[tuple[str, str]],
) -> LockedPackage:
    name, version, rest = file.split("_")
    source = next(item for item in sources if uri.startswith(f"{item.url}/"))
    return LockedPackage(
        name=name,
        version=version.replace("%3a", ":"),
        architecture=rest.removesuffix(".deb"),
        sha256=sha256,
        size=int(size),
        repository=source.name,
        path=uri.removeprefix(f"{source.url}/"),
        essential=(name, rest.removesuffix(".deb")) in essential,
    )


def foreign(packages: Packages, architecture: str) -> tuple[str, ...]:
    """Return the architectures, besides the image's own, that names such as libc6:i386 ask for."""
    words = (re.split("[=/]", item.name, maxsplit=1)[0] for item in packages.names)
    found = {word.partition(":")[2] for word in words if ":" in word}
    named = {word for word in found if ARCHITECTURE.fullmatch(word)}
    return tuple(sorted(named - {architecture, "any", "all", "native"}))


def pin(cost: int | None, priority: int | None) -> int | None:
    """Return apt's priority for a repository with dnf's *cost* or *priority*, which counts before
    the cost; None if it has neither.

    Of costs 1000 is the usual one, of priorities 99, and less is preferred; in apt_preferences(5)
    that is 500, and more is.
    """
    if priority is not None:
        return min(990, 500 + (99 - priority) * 5)
    return None if cost is None else min(990, max(1, 1000 - cost // 2))


def priorities(pins: Iterable[tuple[str, int]]) -> str:
    """Return preferences for suites with a priority of apt's, as (suite, priority)."""
    return "".join(
        f"Package: *\nPin: release {suite}\nPin-Priority: {number}\n\n" for suite, number in pins
    )


def _refused_word(said: str, packages: Packages) -> RecipeError | None:
    """Say which line apt has no package for, where it has one of that name."""
    lacking = re.search(r"(Release|Version) '(\S+)' for '([^':]+)\S*' was not found", said)
    virtual = re.search(r"Package (\S+) is a virtual package provided by:\n((?:  .*\n?)+)", said)
    if lacking:
        kind, word, name = lacking.groups()
        problem = f"there is no {kind.lower()} '{word}' of {name} in these repositories"
        hint = f"apt-cache policy {name}, on a system with the same repositories"
    elif virtual:
        name = virtual[1]
        problem = f"'{name}' is what several packages provide"
        hint = " or ".join(line.split()[0] for line in virtual[2].splitlines())
    else:
        return None
    lines = [item for item in packages.names if re.split("[:=/ ]", item.name)[0] == name]
    return RecipeError(problem, hint=hint, where=lines[0].where if lines else None)


def conflict(said: str, packages: Packages) -> RecipeError:
    """Say which excluded package something needs, or pass on what apt said (*said*)."""
    if error := _refused_word(said, packages):
        return error
    tail = tuple(
        line.strip()
        for line in said.splitlines()
        if re.search(r"Depends|Breaks|Conflicts|^E:", line)
    )[-8:]
    needed = re.search(r"(\S+) : (?:Pre)?Depends: (\S+)", said)
    for wanted in packages.excluded:
        for line in said.splitlines():
            found = re.search(r"(?:(\S+) : )?(?:Pre-?)?Depends: (\S+)", line)
            if found and fnmatch.fnmatch(found.group(2), wanted.name):
                who = found.group(1) or (needed.group(1) if needed else "another package")
                return RecipeError(
                    f"-{wanted.name} cannot be left out: {who} needs it",
                    where=wanted.where,
                    hint=f"take '-{wanted.name}' away, or leave out {who} too",
                    tail=tail,
                )
    return RecipeError(
        "the packages cannot be installed together",
        tail=tail,
        hint="look at the versions and repositories that apt names",
    )
