"""How apt is told where packages come from: its source files, understood (sources.list(5))."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

FALSE = frozenset({"no", "false", "without", "off", "disable", "0"})  # apt's own words
ORIGIN = re.compile(r"^Origin:[ \t]*(.+?)\s*$", re.MULTILINE)
EXPIRY = ("Acquire::Check-Valid-Until", "Acquire::Check-Date")


@dataclass(frozen=True)
class AptSource:
    """One archive that a build takes packages from.

    *name*: the repository's name.
    *url*: the archive's root, without a slash at its end.
    *suite*: the suite's name, as it stands in sources.list(5).
    *components*: the components that are used.
    *keyring*: the path of the file with the archive's keys.
    *known*: True if it belongs to a repository known by name; its Origin must then be the family's.
    """

    name: str
    url: str
    suite: str
    components: tuple[str, ...]
    keyring: str
    known: bool = False


@dataclass(frozen=True)
class SystemSources:
    """Where a running system takes its updates from.

    *file*: the name of the file for the family's own sources: debian.sources.
    *official*: the text of that file; empty if nobody said what to write.
    *installed*: the archives of the recipe's `repo --install` lines.
    """

    file: str
    official: str = ""
    installed: tuple[AptSource, ...] = ()


@dataclass(frozen=True)
class HostSource:
    """One archive that this machine takes its own updates from.

    *uri*: the archive's root.
    *suite*: the suite's name.
    *components*: the components that are used.
    *signed_by*: the Signed-By of the source; empty if there is none.
    """

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""


def parse_sources(text: str) -> tuple[HostSource, ...]:
    """Read a `.sources` file (deb822): each enabled URI and suite of the type deb, in order.

    A stanza without URIs or suites gives nothing, as do flat archives (suites that end in `/`).
    """
    return tuple(source for _, stanza in stanzas(text) for source in _from_stanza(stanza))


def parse_list(text: str) -> tuple[HostSource, ...]:
    """Read a `.list` file (one line an archive): each line of the type deb, in order.

    Lines that apt would refuse give nothing: this reads what somebody else keeps.
    """
    return tuple(source for line in text.splitlines() for source in _from_line(line))


def stanza_of(source: AptSource) -> str:
    """Write an archive down as a `.sources` file names it."""
    return (
        f"Types: deb\nURIs: {source.url}\nSuites: {source.suite}\n"
        f"Components: {' '.join(source.components)}\nSigned-By: {source.keyring}\n"
    )


def origin_of(release_text: str) -> str:
    """Say whose archive a Release or InRelease file describes; empty if it does not say."""
    found = ORIGIN.search(release_text)
    return found[1] if found else ""


def checks_validity(configuration: str) -> bool:
    """Say from the text of `apt-config dump` whether apt refuses Release files by their dates.

    False as soon as either `Acquire::Check-Valid-Until` or `Acquire::Check-Date` is off; both
    are on unless something is said (apt.conf(5)).
    """
    says = dict(re.findall(r'^([\w:./-]+) "(.*)";$', configuration, re.MULTILINE))
    return not any(says.get(name, "").lower() in FALSE for name in EXPIRY)


def stanzas(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The stanzas of a deb822 file, each with the number of its first line; the names of fields in
    small letters."""
    stanza: dict[str, str] = {}
    name, first = "", 0
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if line.startswith("#"):
            continue
        if not line.strip():
            if stanza:
                yield first, stanza
            stanza, name = {}, ""
        elif line[0] in " \t":
            if name:
                stanza[name] += "\n" + line.strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            first = first if stanza else number
            stanza[name] = value.strip()


def _from_stanza(stanza: Mapping[str, str]) -> Iterator[HostSource]:
    words = {name: tuple(value.split()) for name, value in stanza.items()}
    enabled = stanza.get("enabled", "yes").lower() not in FALSE
    if not enabled or "deb" not in words.get("types", ()):
        return
    signed_by = stanza.get("signed-by", "")
    # a key may stand in the file itself; it has no name that others could use
    signed_by = "" if "BEGIN PGP" in signed_by else signed_by.strip()
    for uri, suite in product(words.get("uris", ()), words.get("suites", ())):
        if not suite.endswith("/"):
            yield HostSource(uri.rstrip("/"), suite, words.get("components", ()), signed_by)


def _from_line(line: str) -> Iterator[HostSource]:
    found = re.match(r"^\s*deb\s+(?:\[([^\]]*)\]\s*)?([^#]*)", line)
    if not found:
        return
    options, words = line_options(found[1] or ""), found[2].split()
    if len(words) >= 3 and not words[1].endswith("/"):
        uri, suite, components = words[0], words[1], tuple(words[2:])
        yield HostSource(uri.rstrip("/"), suite, components, options.get("signed-by", ""))


def line_options(text: str) -> dict[str, str]:
    """The options between the brackets of a `.list` file's line, their names in small letters."""
    words: Sequence[str] = shlex.split(text)
    return {
        name.lower(): value for name, _, value in (word.partition("=") for word in words) if value
    }
