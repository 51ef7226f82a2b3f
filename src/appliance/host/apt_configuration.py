"""How this machine is updated by apt: where a family's packages are, and how old they may be."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from appliance.backends.families import HostSource
from appliance.backends.families.apt import AptFamily
from appliance.backends.families.apt_sources import (
    checks_validity,
    origin_of,
    parse_list,
    parse_sources,
)
from appliance.host import command

PARSERS = {".list": parse_list, ".sources": parse_sources}  # other names are disabled files


def host_sources(family: AptFamily, *, root: Path = Path("/")) -> tuple[HostSource, ...]:
    """List this host's archives of *family*, in apt's order; none if it does not use apt.

    An archive is of the family if the Origin in its Release file is one of the family's. Where
    apt never updated there is no Release file: then the keyring decides, and where none is named,
    the suite. So whoever takes packages from these archives must look at the Origin again.
    """
    return tuple(
        source
        for path in _files(root / "etc/apt")
        for source in PARSERS[path.suffix](_text(path))
        if _is_of(family, source, root / "var/lib/apt/lists")
    )


def check_valid_until() -> bool:
    """Say whether this host's apt refuses Release files that have expired, which is its default."""
    return checks_validity(command.run(["apt-config", "dump"]))


def _files(directory: Path) -> Iterator[Path]:
    yield directory / "sources.list"
    parts = directory / "sources.list.d"
    for path in sorted(parts.iterdir()) if parts.is_dir() else ():
        # apt takes names of letters, digits, '-', '_' and '.' only
        if path.suffix in PARSERS and re.fullmatch(r"[\w.-]+", path.name, re.ASCII):
            yield path


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""  # not there, or not for this user: then apt does not see it either


def _is_of(family: AptFamily, source: HostSource, lists: Path) -> bool:
    name = list_name(source.uri, source.suite)
    release = _text(lists / f"{name}_InRelease") or _text(lists / f"{name}_Release")
    if release:
        return origin_of(release) in family.origins
    if source.signed_by:
        return Path(family.keyring).name in source.signed_by
    return bool(family.release_of_suite(source.suite))


def list_name(uri: str, suite: str) -> str:
    """Return how the names of the files begin in which apt keeps the lists of an archive's suite
    (apt's URItoFileName)."""
    address = re.sub(r"^[a-z+]+:(//)?", "", uri.rstrip("/"), count=1)
    address = re.sub(r"^[^/@]*@", "", address)
    safe = quote(f"{address}/dists/{suite}", safe="/:+~,;=!$&'()*@%")
    return safe.replace("_", "%5f").replace("/", "_")
