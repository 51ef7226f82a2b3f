"""Fetch files: several at once, each checked against its digest, resumed where it broke off."""

import hashlib
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from appliance.errors import ApplianceError, SourceError

if TYPE_CHECKING:  # slow to import, and a build that has its packages needs none of it
    import httpx

AT_ONCE = 6
TRIES = 4  # each goes on where the one before broke off
PAUSE = 1.0  # seconds before the second try, doubled each time
TIMEOUT = 20.0  # seconds without a byte
GONE = (404, 410)


@dataclass(frozen=True)
class Wish:
    """One file: *url* (http, https or file), its *sha256* and *size* in bytes, where to put it."""

    url: str
    name: str
    sha256: str
    size: int
    target: Path


class ChangedError(SourceError):
    """The file at that address is not the one whose digest we know."""


def fetch(
    wishes: Iterable[Wish],
    *,
    arrived: Callable[[Wish], None],
    received: Callable[[int], None],
    pause: float = PAUSE,
) -> None:
    """Fetch all *wishes*, calling *arrived* for each that is complete and correct.

    *received* is told of every few bytes. Both are called from several threads. A file with the
    wrong digest is fetched once more (a proxy may have kept a broken one), then refused.

    Raises SourceError: the file is gone, changed, or its server cannot be reached. The first
    error ends everything; what was fetched so far stays as TARGET.part.
    """
    import httpx

    with (
        httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):

        def one(wish: Wish) -> None:
            _fetch_checked(client, wish, received, pause)
            arrived(wish)

        futures = [pool.submit(one, wish) for wish in wishes]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _fetch_checked(
    client: "httpx.Client", wish: Wish, received: Callable[[int], None], pause: float
) -> None:
    part = wish.target.with_name(f"{wish.target.name}.{os.getpid()}.part")
    _adopt(part)
    for attempt in (1, 2):
        _fetch_whole(client, wish, part, received, pause)
        with part.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest == wish.sha256:
            part.rename(wish.target)
            return
        part.unlink()
        if attempt == 2:
            raise ChangedError(
                f"{wish.name} at {wish.url} has changed: its SHA-256 is {digest[:16]}…, "
                f"expected {wish.sha256[:16]}…",
                hint="another mirror; or, if the repository replaced it, --update-lock",
            )


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
    wish: Wish,
    part: Path,
    received: Callable[[int], None],
    pause: float,
) -> None:
    """Append to *part* until it is as long as it should be."""
    import httpx

    parts = urlsplit(wish.url)
    for attempt in range(TRIES):
        try:
            if parts.scheme == "file":
                _copy(Path(unquote(parts.path)), wish, part, received)
            else:
                _append(client, wish, part, received)
            return
        except httpx.HTTPError as error:
            if attempt == TRIES - 1:
                raise SourceError(
                    f"cannot fetch {wish.name} from {parts.netloc}: {_words(error)}",
                    hint="the same command again, which goes on from here; or another --mirror",
                ) from error
            time.sleep(pause * 2**attempt)


def _append(
    client: "httpx.Client", wish: Wish, part: Path, received: Callable[[int], None]
) -> None:
    import httpx

    have = part.stat().st_size if part.exists() else 0
    if have >= wish.size > 0:
        return
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", wish.url, headers=headers) as answer:
        if answer.status_code in GONE:
            raise gone(wish)
        answer.raise_for_status()
        mode = "ab" if answer.status_code == httpx.codes.PARTIAL_CONTENT else "wb"
        with part.open(mode) as file:
            for chunk in answer.iter_bytes():  # as they come: what a line that breaks gave, stays
                file.write(chunk)
                received(len(chunk))
                if file.tell() > wish.size:
                    return  # longer than it should be: the digest will say so
    if part.stat().st_size < wish.size:
        raise httpx.RemoteProtocolError("the connection ended early")


def _copy(source: Path, wish: Wish, part: Path, received: Callable[[int], None]) -> None:
    try:
        part.write_bytes(source.read_bytes())
    except FileNotFoundError:
        raise gone(wish) from None
    received(part.stat().st_size)


def gone(wish: Wish) -> ApplianceError:
    """The error for a file that is no longer there."""
    return SourceError(
        f"{wish.name} is gone from the mirror ({wish.url})",
        hint="--update-lock, to take what the repository has today; or a snapshot as --mirror",
    )


def _words(error: "httpx.HTTPError") -> str:
    answer = getattr(error, "response", None)
    if answer is not None:
        return f"the server says {answer.status_code}"
    return str(error) or type(error).__name__
