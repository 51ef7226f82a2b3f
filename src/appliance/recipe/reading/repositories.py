"""Where the packages come from: the `url` and `repo` lines."""

import re
import shlex
from collections.abc import Sequence
from urllib.parse import urlsplit

from appliance.errors import RecipeError
from appliance.masking import masked
from appliance.recipe.model import Repository
from appliance.recipe.reading.findings import Findings, Said
from appliance.recipe.reading.packages import is_package

SCHEMES = ("http://", "https://", "file://")
MEDIUM = ("file:///run/install/", "file:/run/install/")  # where an installer mounts what it is on
SERVER = "https://HOST:PORT/DIRECTORY; an IPv6 address in brackets: http://[::1]/"
ADDRESSES = {"--url": "url", "--baseurl": "baseurl", "--mirrorlist": "mirrorlist",
             "--metalink": "metalink"}  # fmt: skip
PRIORITY = "--priority"
NAME = re.compile(r"[A-Za-z0-9_.:-]+")  # what dnf takes for the id of a repository
PROXY_SCHEMES = ("http", "https")
PROXY_PORT = 3128  # Anaconda's, where the line names none; curl would take another
PROXY = "--proxy=http://USER:PASSWORD@HOST:PORT"


def repositories(said: Sequence[Said], findings: Findings) -> tuple[Repository, ...]:
    """Return the repositories in the order of their lines; a name said twice: the last wins."""
    chosen: dict[str, Repository] = {}
    for one in said:
        if on_medium(one):
            text = f"{one.command}: there is no installation medium, where this repository would be"
            findings.note(text, one.where, command="cdrom")
    there = [one for one in said if not on_medium(one)]
    for repository in findings.each(repository_of, there):
        if old := chosen.get(repository.name):
            what = f"repository {repository.name} replaces that of {old.where}"
            findings.note(what, repository.where)
        chosen[repository.name] = repository
    return tuple(chosen.values())


def on_medium(said: Said) -> bool:
    """Tell whether a line is about a repository on the medium that an installer starts from."""
    return any(word.partition("=")[2].startswith(MEDIUM) for word in said.words)


def repository_of(said: Said) -> Repository:
    """Return one repository; $releasever and its like stay in its addresses.

    Raises RecipeError for a value that cannot be what its option says.
    """
    values = said.values
    addresses = _addresses(said)
    name = "url" if said.command == "url" else values.name or ""
    if not NAME.fullmatch(name):
        raise RecipeError(
            f"'{name}' is not a name for a repository",
            hint="--name=WORD, of letters, digits and - _ . :",
            where=said.where,
        )
    if values.sslclientkey and not values.sslclientcert:
        raise RecipeError(
            "--sslclientkey is of no use without its certificate",
            hint="--sslclientcert=FILE",
            where=said.where,
        )
    repository = Repository(
        name,
        addresses.get("--url") or addresses.get("--baseurl") or "",
        said.where,
        mirrorlist=addresses.get("--mirrorlist", ""),
        metalink=addresses.get("--metalink", ""),
        proxy=_proxy(said),
        verified=not values.noverifyssl,
        ca_certificate=_file(said, "sslcacert"),
        client_certificate=_file(said, "sslclientcert"),
        client_key=_file(said, "sslclientkey"),
        cost=getattr(values, "cost", None),
        priority=_priority(said),
        included=_globs(said, "includepkgs"),
        excluded=_globs(said, "excludepkgs"),
        installed=bool(getattr(values, "install", False)),
    )
    for text in (repository.address, repository.proxy) if repository.installed else ():
        if masked(text) != text:
            raise RecipeError(
                f"the image would hold the password that {name} is reached with",
                hint="leave --install out, or the password",
                where=said.where,
            )
    return repository


def of_language(words: Sequence[str]) -> tuple[str, ...]:
    """The words of a line that Anaconda's language has: `repo --priority` is ours, and dnf's."""
    if words[0] != "repo":
        return tuple(words)
    at = [n for n, word in enumerate(words) if word == PRIORITY]
    return tuple(
        word
        for n, word in enumerate(words)
        if n not in at and n - 1 not in at and not word.startswith(f"{PRIORITY}=")
    )


def _priority(said: Said) -> int | None:
    """The priority that a line gives its repository. Raises RecipeError for what is none."""
    following = zip(said.words, (*said.words[1:], ""), strict=True)
    given = [after if word == PRIORITY else word.partition("=")[2]
             for word, after in following if word.partition("=")[0] == PRIORITY]  # fmt: skip
    for text in given:
        if not (text.isascii() and text.isdecimal() and len(text) < 3 and int(text)):
            raise RecipeError(
                f"{PRIORITY}: '{text}' is no priority",
                hint="1 (first) to 99 (what all others have)",
                where=said.where,
            )
    return int(given[-1]) if given else None


def source_line(said: Said) -> str:
    """Write a line again, without the passwords of its URLs; empty if it holds none."""
    text = "\n".join(said.words)  # no word holds one
    kept = masked(text)
    return shlex.join(kept.split("\n")) if kept != text else ""


def _addresses(said: Said) -> dict[str, str]:
    """Return the address that this line gives, by its option; a `url` line before it may have
    given another, which its values still hold."""
    given = {
        option: str(getattr(said.values, attribute) or "")
        for option, attribute in ADDRESSES.items()
        if option in said.options
    }
    for url in filter(None, given.values()):
        if "://" in url and not url.startswith(SCHEMES):
            scheme, _, rest = url.partition("://")
            raise RecipeError(
                f"'{url}': nothing is fetched here by {scheme}",
                hint=f"https://{rest}, if its server has that, or a copy: file:///DIRECTORY",
                where=said.where,
            )
        if not url.startswith(SCHEMES):
            raise RecipeError(f"'{url}' is not a URL", hint=" ".join(SCHEMES), where=said.where)
        if any(letter.isspace() or not letter.isprintable() for letter in url):
            problem = f"the URL '{url}' contains a space or a letter that nobody can see"
            raise RecipeError(problem, hint="%20", where=said.where)
        if not has_server(url):
            raise RecipeError(f"'{url}' names no server and port", hint=SERVER, where=said.where)
    return given


def has_server(url: str) -> bool:
    """Return whether *url* can be divided: brackets only around an IPv6 address, and a port up to
    65535 (RFC 3986, 3.2). What variables stand for in it is not known yet."""
    try:
        parts = urlsplit(url)
        return "$" in parts.netloc or parts.port is None or parts.port >= 0
    except ValueError:
        return False


def _proxy(said: Said) -> str:
    """Return the proxy's URL, complete. Errors do not show it: it may hold a password."""
    text = said.values.proxy or ""
    if not text:
        return ""
    url = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(url)
        port = parts.port or PROXY_PORT
    except ValueError:
        parts, port = urlsplit(""), 0
    extra = parts.path.strip("/") or parts.query or parts.fragment
    odd = any(letter.isspace() or not letter.isprintable() for letter in url)
    if parts.scheme not in PROXY_SCHEMES or not parts.hostname or extra or odd:
        raise RecipeError(
            "--proxy is not the address of an HTTP proxy",
            hint=f"{PROXY}; % and two digits for other signs",
            where=said.where,
        )
    user, at, _ = parts.netloc.rpartition("@")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{user}{at}{host}:{port}"


def _file(said: Said, attribute: str) -> str:
    path = str(getattr(said.values, attribute) or "").removeprefix("file://")
    if path and (not path.startswith("/") or not path.isprintable()):
        raise RecipeError(
            f"--{attribute}: '{path}' is not an absolute path",
            hint=f"--{attribute}=/path/of/a/PEM/file",
            where=said.where,
        )
    return path


def _globs(said: Said, attribute: str) -> tuple[str, ...]:
    globs = tuple(getattr(said.values, attribute, None) or ())
    for glob in globs:
        if not is_package(glob):
            raise RecipeError(
                f"--{attribute}: '{glob}' is not the name of a package",
                hint=f"--{attribute}=NAME,GLOB,…",
                where=said.where,
            )
    return globs
