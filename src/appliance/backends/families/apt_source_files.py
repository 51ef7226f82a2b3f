"""Source files of apt that somebody hands in (`--repo x.sources`): all of it is honoured, or it is
refused. What this machine keeps for itself is read by apt_sources.py.

Facts: sources.list(5).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from appliance.backends.families.apt_addresses import split
from appliance.backends.families.apt_sources import FALSE, line_options, stanzas
from appliance.errors import SourceError, Where
from appliance.recipe.model import Repository

FIELDS = {"types", "uris", "suites", "components", "signed-by", "enabled"}
# On what is chosen: packages are the image's architecture's, or apt says that there are none.
WITHOUT_EFFECT = {"architectures", "description", "targets", "languages", "pdiffs", "by-hash"}
OPTIONS = {"arch", "signed-by"}
TRY = "Types, URIs, Suites, Components, Signed-By; or repo --baseurl=…/dists/SUITE in the kickstart"


def parse(text: str, path: Path) -> tuple[Repository, ...]:
    """Read the file at *path*, a `.sources` or a `.list` file, as lines of a kickstart would say
    it: one repository for each URI and suite of packages, called after the file.

    Raises SourceError at the line of what cannot be honoured.
    """
    found = list(READERS[path.suffix](text, path))
    stem = re.sub(r"[^A-Za-z0-9_.:-]", "-", path.stem)
    names = [stem] if len(found) == 1 else [f"{stem}-{number + 1}" for number in range(len(found))]
    return tuple(
        Repository(name, url, where) for name, (url, where) in zip(names, found, strict=True)
    )


def _sources(text: str, path: Path) -> Iterator[tuple[str, Where]]:
    """The addresses in a `.sources` file (deb822)."""
    for line, stanza in stanzas(text):
        where = Where(path, line)
        if stanza.get("enabled", "yes").lower() in FALSE:
            continue
        for name in stanza:
            if name not in FIELDS | WITHOUT_EFFECT and not name.startswith("x-"):
                raise SourceError(f"{name.title()}: is not honoured", where=where, hint=TRY)
        if "deb" in stanza.get("types", "").split():
            for uri in stanza.get("uris", "").split():
                for suite in stanza.get("suites", "").split():
                    yield _address(uri, suite, stanza, where), where


def _lines(text: str, path: Path) -> Iterator[tuple[str, Where]]:
    """The addresses in a `.list` file, one a line."""
    for number, line in enumerate(text.splitlines(), 1):
        where = Where(path, number)
        plain = line.partition("#")[0].strip()
        if not plain or plain.startswith("deb-src"):
            continue
        found = re.fullmatch(r"deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)((?:\s+\S+)*)", plain)
        if not found:
            raise SourceError(
                "this is not a line of a .list file", where=where, hint="deb URI SUITE COMPONENT"
            )
        options = line_options(found[1] or "")
        for name in options:
            if name not in OPTIONS:
                raise SourceError(f"[{name}=…] is not honoured", where=where, hint=TRY)
        says = {"components": found[4], "signed-by": options.get("signed-by", "")}
        yield _address(found[2], found[3], says, where), where


READERS: Mapping[str, Callable[[str, Path], Iterator[tuple[str, Where]]]] = {
    ".sources": _sources,
    ".list": _lines,
}


def _address(uri: str, suite: str, says: Mapping[str, str], where: Where) -> str:
    """One archive, as the address that a kickstart names it by."""
    if suite.endswith("/"):
        raise SourceError("an archive without suites is not supported", where=where, hint=TRY)
    key = says.get("signed-by", "").strip()
    if "BEGIN PGP" in key:
        raise SourceError(
            "a key inside the file is not supported",
            where=where,
            hint="write the key into a file: Signed-By: /absolute/path",
        )
    components = ",".join(says.get("components", "").split())
    if not components:
        raise SourceError("no Components are named", where=where, hint="Components: main")
    plain = re.sub(r"^file:(?=/[^/])", "file://", uri).rstrip("/")
    url = f"{plain}/dists/{suite}?components={quote(components, safe=',')}"
    if not split(url)[1]:
        raise SourceError(
            f"'{uri}' is not an address that is supported",
            where=where,
            hint="http://, https:// or file:///",
        )
    return f"{url}&signed-by={quote(key)}" if key else url
