"""`.repo` files: repositories as a machine's administrator writes them down (dnf.conf(5))."""

import configparser
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from appliance.errors import SourceError, Where

TRUE, FALSE = ("1", "yes", "true", "on"), ("0", "no", "false", "off")
MAIN = "main"
SCHEMES, PROXIES = ("http", "https", "file"), ("http", "https")
NOT_HONOURED = {"username", "password", "proxy_username", "proxy_password", "module_hotfixes"}


@dataclass(frozen=True)
class RepoSection:
    """One section of a `.repo` file; variables are as they stand there, None means that the file
    does not say it."""

    id: str
    name: str = ""
    baseurls: tuple[str, ...] = ()
    metalink: str = ""
    mirrorlist: str = ""
    gpgkeys: tuple[str, ...] = ()
    gpgcheck: bool | None = None
    repo_gpgcheck: bool | None = None
    enabled: bool = True
    proxy: str = ""
    sslverify: bool = True
    sslcacert: str = ""
    sslclientcert: str = ""
    sslclientkey: str = ""
    cost: int | None = None
    priority: int | None = None
    includepkgs: tuple[str, ...] = ()
    excludepkgs: tuple[str, ...] = ()


def parse(text: str, path: Path) -> tuple[RepoSection, ...]:
    """Read the repositories of a `.repo` file, in their order; a [main] section is none.

    Raises SourceError with the place of what cannot be understood.
    """
    parser = configparser.ConfigParser(
        interpolation=None,
        strict=False,
        delimiters=("=",),
        default_section="",  # dnf has none: [DEFAULT] must not say gpgcheck=0 for all others
    )
    try:
        parser.read_string(text)
    except configparser.Error as error:
        line = getattr(error, "lineno", None) or next(
            (number for number, _ in getattr(error, "errors", ())), 1
        )
        raise SourceError("this is not a line of a .repo file", where=Where(path, line)) from error
    return tuple(_section(name, parser[name], path) for name in parser.sections() if name != MAIN)


def _section(name: str, says: Mapping[str, str], path: Path) -> RepoSection:
    section = RepoSection(
        id=name,
        name=says.get("name", name),
        baseurls=_list(says.get("baseurl", "")),
        metalink=says.get("metalink", "").strip(),
        mirrorlist=says.get("mirrorlist", "").strip(),
        gpgkeys=_list(says.get("gpgkey", "")),
        gpgcheck=_flag(says.get("pkg_gpgcheck", says.get("gpgcheck", "")), name, path),
        repo_gpgcheck=_flag(says.get("repo_gpgcheck", ""), name, path),
        enabled=_flag(says.get("enabled", ""), name, path) is not False,
        proxy=_unless_none(says.get("proxy", "")),
        sslverify=_flag(says.get("sslverify", ""), name, path) is not False,
        sslcacert=says.get("sslcacert", "").strip(),
        sslclientcert=says.get("sslclientcert", "").strip(),
        sslclientkey=says.get("sslclientkey", "").strip(),
        cost=_number(says.get("cost", ""), name, path),
        priority=_number(says.get("priority", ""), name, path),
        includepkgs=_list(says.get("includepkgs", "")),
        excludepkgs=(*_list(says.get("excludepkgs", "")), *_list(says.get("exclude", ""))),
    )
    if section.enabled:
        _refuse_unusable(section, says, path)
    if not (section.baseurls or section.metalink or section.mirrorlist):
        raise SourceError(
            f"[{name}] in {path} has no address", hint="baseurl=, metalink= or mirrorlist="
        )
    return section


def _refuse_unusable(section: RepoSection, says: Mapping[str, str], path: Path) -> None:
    """Raise SourceError for addresses that cannot be one, and for what we would not honour."""
    for address in (*section.baseurls, section.metalink, section.mirrorlist, *section.gpgkeys):
        if address and not _is_address(address, SCHEMES):
            raise SourceError(
                f"[{section.id}] in {path}: '{address}' is not an address that can be read",
                hint="http://, https:// or file:///",
            )
    if section.proxy and not _is_address(section.proxy, PROXIES):
        raise SourceError(
            f"[{section.id}] in {path}: '{section.proxy}' is not a proxy",
            hint="proxy=http://HOST:PORT",
        )
    for name in sorted(NOT_HONOURED & set(says)):
        raise SourceError(
            f"[{section.id}] in {path}: {name}= is not supported", hint="leave it out"
        )


def _is_address(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.netloc or parts.path) and parts.port != 0
    except ValueError:  # a port that is no number, brackets that do not close
        return False


def _list(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[\s,]+", text) if word)


def _unless_none(text: str) -> str:
    """`proxy=_none_` says that there is none."""
    return "" if text.strip().lower() in ("_none_", "none") else text.strip()


def _number(text: str, name: str, path: Path) -> int | None:
    word = text.strip()
    if word and not re.fullmatch("[0-9]{1,9}", word):
        raise SourceError(f"[{name}] in {path}: '{text}' is not a number", hint="1000 is usual")
    return int(word) if word else None


def _flag(text: str, name: str, path: Path) -> bool | None:
    word = text.strip().lower()
    if word in ("", *TRUE, *FALSE):
        return None if not word else word in TRUE
    raise SourceError(f"[{name}] in {path}: '{text}' is neither yes nor no", hint="1 or 0")
