"""Fetch files: several at once, each checked against its digest, resumed where it broke off."""

import hashlib
import os
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from appliance.errors import ApplianceError, SourceError
from appliance.units import MIB

if TYPE_CHECKING:  # slow to import, and a build that has its packages needs none of it
    import httpx

AT_ONCE = 6
TRIES = 4  # each goes on where the one before broke off
MOST_TRIES = 8  # however many mirrors there are
PAUSE = 1.0  # seconds before the second try, doubled each time
TIMEOUT = 20.0  # seconds without a byte
GONE = (404, 410)


@dataclass(frozen=True)
class RemoteAccess:
    """How the files of one repository are reached.

    *urls*: its base addresses, the best first; empty where a list of mirrors has them.
    *metalink*: the address of a metalink that lists the mirrors.
    *mirrorlist*: the address of a plain list of mirrors.
    *proxy*: the address of the proxy that all requests go through; empty for none.
    *verified*: whether the server's certificate is checked.
    *ca_certificate*: the file with the certificates that are trusted; empty for the usual ones.
    *client_certificate*: the file with the certificate that is shown to the server.
    *client_key*: the file with its private key; empty if that is in the same file.
    *variables*: pairs (name, value) of what stands as $name in the addresses of the mirrors.
    """

    urls: tuple[str, ...] = ()
    metalink: str = ""
    mirrorlist: str = ""
    proxy: str = ""
    verified: bool = True
    ca_certificate: str = ""
    client_certificate: str = ""
    client_key: str = ""
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class WantedFile:
    """One file that is to be fetched, and where to put it.

    *access*: how its repository is reached (http, https or file addresses).
    *path*: where the file is, below the repository's base addresses.
    *name*: what errors call it.
    *sha256*: the SHA-256 that it has to have, in hexadecimal.
    *size*: its size in bytes.
    *target*: the file of this host that it becomes.
    """

    access: RemoteAccess
    path: str
    name: str
    sha256: str
    size: int
    target: Path

    def url(self, attempt: int) -> str:
        """Return the address for the given *attempt*, counted from 0: each mirror in its turn."""
        return f"{self.access.urls[attempt % len(self.access.urls)]}/{self.path}"


class ChangedError(SourceError):
    """The file at that address is not the one whose digest we know; it lies beside the target,
    as TARGET.changed."""

    def __init__(self, problem: str, *, hint: str, wish: WantedFile) -> None:
        super().__init__(problem, hint=hint)
        self.wish = wish


def fetch(
    wishes: Iterable[WantedFile],
    *,
    arrived: Callable[[WantedFile], None],
    received: Callable[[int], None],
    pause: float = PAUSE,
) -> None:
    """Fetch all *wishes*, calling *arrived* for each that is complete and correct.

    *received* is told how many bytes came, each time that some do. Both are called from several
    threads. A file with the wrong digest is fetched once more (a proxy may have kept a broken
    one), then refused. *pause* is how many seconds to wait before an address is tried again.

    Raises SourceError: the file is gone, changed, or its server cannot be reached. The first
    error ends everything; what was fetched so far stays as TARGET.part.
    """
    with _clients() as client_for, ThreadPoolExecutor(AT_ONCE) as pool:

        def one(wish: WantedFile) -> None:
            _fetch_checked(client_for(wish.access), wish, received, pause)
            arrived(wish)

        futures = [pool.submit(one, wish) for wish in wishes]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def text(access: RemoteAccess, path: str, *, limit: int) -> bytes | None:
    """Fetch the small file *path* of a repository; None if it is not there.

    Raises SourceError if no mirror answers, or if the file has more than *limit* bytes.
    """

    problem = ""
    with _clients() as client_for:
        for base in access.urls:
            url = f"{base}/{path}" if path else base
            try:
                return _text(client_for(access), url, limit)
            except _failures() as error:
                problem = f"{_server(url)}: {_words(error)}"
    raise SourceError(
        f"cannot fetch {path or access.urls[0]}: {problem}",
        hint="look at the address and the network",
    )


def fetch_text(url: str, *, limit: int = MIB) -> str:
    """Fetch the text at an http, https or file URL, UTF-8 or Latin-1.

    Raises SourceError if it is not there, cannot be reached, or has more than *limit* bytes.
    """
    if urlsplit(url).scheme not in ("http", "https", "file"):
        raise SourceError(f"{url} cannot be fetched", hint="http:// https:// file://")
    got = text(RemoteAccess(urls=(url,)), "", limit=limit)
    if got is None:
        raise SourceError(f"there is nothing at {url}")
    try:
        return got.decode("utf-8-sig")
    except UnicodeDecodeError:
        return got.decode("latin-1")


def _text(client: "httpx.Client", url: str, limit: int) -> bytes | None:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return file_text(Path(unquote(parts.path)), limit=limit)
    got = b""
    with client.stream("GET", url) as answer:
        if answer.status_code in GONE:
            return None
        answer.raise_for_status()
        for chunk in answer.iter_bytes():
            got += chunk
            if len(got) > limit:
                raise _too_long(url, limit)
    return got


def file_text(place: Path, *, limit: int) -> bytes | None:
    """Read a small file of this host; None if it is not there.

    Raises SourceError if it cannot be read, or if it has more than *limit* bytes.
    """
    try:
        with place.open("rb") as file:
            got = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(place, error) from error
    if len(got) > limit:
        raise _too_long(str(place), limit)
    return got


def _too_long(name: str, limit: int) -> SourceError:
    return SourceError(f"{name} has more than {limit} bytes, which nobody expects")


def _unreadable(place: Path, error: Exception) -> SourceError:
    why = getattr(error, "strerror", None) or error
    return SourceError(f"{place} cannot be read: {why}", hint="a file that you may read")


@contextmanager
def _clients() -> Iterator[Callable[[RemoteAccess], "httpx.Client"]]:
    """Lend HTTP clients: one for each way of reaching a server, closed at the end."""
    import httpx

    clients: dict[RemoteAccess, httpx.Client] = {}
    lock = Lock()
    with ExitStack() as stack:

        def client_for(access: RemoteAccess) -> httpx.Client:
            way = replace(access, urls=(), metalink="", mirrorlist="")
            with lock:
                if way not in clients:
                    clients[way] = stack.enter_context(_client(way))
                return clients[way]

        yield client_for


def _client(way: RemoteAccess) -> "httpx.Client":
    import httpx

    trust: ssl.SSLContext | bool = way.verified
    if way.verified and (way.ca_certificate or way.client_certificate):
        trust = ssl.create_default_context(cafile=way.ca_certificate or None)
    elif way.client_certificate:
        trust = ssl._create_unverified_context()
    try:
        if way.client_certificate and isinstance(trust, ssl.SSLContext):
            trust.load_cert_chain(way.client_certificate, way.client_key or None)
    except OSError as error:
        raise SourceError(f"{way.client_certificate} cannot be used: {error}") from error
    try:
        # a transport of our own: the client's word for a proxy changed with httpx 0.26
        way_out = (
            httpx.HTTPTransport(verify=trust, proxy=httpx.Proxy(way.proxy)) if way.proxy else None
        )
        return httpx.Client(timeout=TIMEOUT, follow_redirects=True, transport=way_out, verify=trust)
    except (ValueError, ImportError, httpx.InvalidURL) as error:  # a proxy that nobody knows
        raise SourceError(
            f"the proxy {_server(way.proxy)} cannot be used", hint="http://HOST:PORT"
        ) from error


def _fetch_checked(
    client: "httpx.Client", wish: WantedFile, received: Callable[[int], None], pause: float
) -> None:
    part = wish.target.with_name(f"{wish.target.name}.{os.getpid()}.part")
    _adopt(part)
    for attempt in (0, 1):
        _fetch_whole(client, wish, part, received=received, pause=pause, first=attempt)
        with part.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest == wish.sha256:
            part.rename(wish.target)
            return
        if attempt == 1:
            part.rename(wish.target.with_name(f"{wish.target.name}.changed"))
            raise ChangedError(
                f"{wish.name} at {wish.url(attempt)} has changed: its "
                f"SHA-256 is {digest[:16]}…, expected {wish.sha256[:16]}…",
                hint="another mirror; or, if the repository replaced it, --update-lock",
                wish=wish,
            )
        part.unlink()


def _adopt(part: Path) -> None:
    """Go on with what a build that was killed had fetched of the same file."""
    stem = part.name.split(".")[0]
    for old in part.parent.glob(f"{stem}.*fetched.*.part"):
        owner = old.name.split(".")[-2]
        if old != part and not Path("/proc", owner).exists():
            with suppress(OSError):
                old.rename(part)


def _fetch_whole(
    client: "httpx.Client",
    wish: WantedFile,
    part: Path,
    *,
    received: Callable[[int], None],
    pause: float,
    first: int,
) -> None:
    """Append to *part* until it is as long as it should be, from one mirror after another;
    *first* is the mirror to begin with. The file counts as gone only if no mirror has it."""
    mirrors = list(dict.fromkeys(wish.url(first + turn) for turn in range(len(wish.access.urls))))
    tries = min(max(TRIES, len(mirrors)), MOST_TRIES)
    tried: set[str] = set()
    failed: tuple[str, Exception] | None = None
    for _ in range(tries):
        if not mirrors:
            raise gone(wish)
        url = mirrors.pop(0)
        if url in tried:
            time.sleep(pause)
            pause *= 2
        tried.add(url)
        try:
            if urlsplit(url).scheme == "file":
                found = _copy(Path(unquote(urlsplit(url).path)), part, received)
            else:
                found = _append(client, url, wish, part, received=received)
        except _failures() as error:
            failed = (url, error)
            mirrors.append(url)
            continue
        if found:
            return
    if not mirrors or failed is None:
        raise gone(wish)
    raise SourceError(
        f"cannot fetch {wish.name} from {_server(failed[0])}: {_words(failed[1])}",
        hint="the same command again, which goes on from here; or another --mirror",
    ) from failed[1]


def _append(
    client: "httpx.Client",
    url: str,
    wish: WantedFile,
    part: Path,
    *,
    received: Callable[[int], None],
) -> bool:
    """Fetch the bytes that *part* lacks; False if the server has no such file."""
    import httpx

    have = part.stat().st_size if part.exists() else 0
    if have >= wish.size > 0:
        return True
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", url, headers=headers) as answer:
        if answer.status_code in GONE:
            return False
        answer.raise_for_status()
        mode = "ab" if answer.status_code == httpx.codes.PARTIAL_CONTENT else "wb"
        with part.open(mode) as file:
            for chunk in answer.iter_bytes():  # as they come: what a line that breaks gave, stays
                file.write(chunk)
                received(len(chunk))
                if file.tell() > wish.size:
                    return True  # longer than it should be: the digest will say so
    if part.stat().st_size < wish.size:
        raise httpx.RemoteProtocolError("the connection ended early")
    return True


def _copy(source: Path, part: Path, received: Callable[[int], None]) -> bool:
    try:
        got = source.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise _unreadable(source, error) from error
    part.write_bytes(got)
    received(part.stat().st_size)
    return True


def gone(wish: WantedFile) -> ApplianceError:
    """Return the error for a file that no mirror has any more."""
    return SourceError(
        f"{wish.name} is gone from the mirror ({wish.url(0)})",
        hint="--update-lock, to take what the repository has today; or a snapshot as --mirror",
    )


def _failures() -> tuple[type[Exception], ...]:
    """The exceptions that a bad address or server may raise: InvalidURL is no HTTPError, and
    urlsplit raises ValueError."""
    import httpx

    return (httpx.HTTPError, httpx.InvalidURL, ValueError)


def _server(url: str) -> str:
    """The host and port of *url*, without user and password."""
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2] or url.rpartition("@")[2]


def _words(error: Exception) -> str:
    answer = getattr(error, "response", None)
    if answer is not None:
        return f"the server says {answer.status_code}"
    return str(error) or type(error).__name__
