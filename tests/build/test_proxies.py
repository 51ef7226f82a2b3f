"""Packages come through a proxy, also one that asks who is there: of `url --proxy` for dnf, of the
environment for apt, which has none for a single repository."""

import base64
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from building import Yard
from rpm_fixtures import RpmYard

WORD = "hush-hush"
HOST = "packages.invalid"  # nobody else could answer for it: RFC 6761
PASS = "Basic " + base64.b64encode(f"anna:{WORD}".encode()).decode()


@dataclass
class Proxy:
    """Has in *place* what HOST is said to have, for those who say PASS; counts what it sees."""

    place: Path
    address: str = ""
    seen: list[str] = field(default_factory=list)
    strangers: int = 0

    def answer(self, url: str, word: str) -> tuple[int, bytes]:
        if word != PASS:
            self.strangers += 1
            return 407, b""
        self.seen.append(url)
        said = urlsplit(url)
        file = self.place / said.path.lstrip("/")
        return (200, file.read_bytes()) if said.netloc == HOST and file.is_file() else (404, b"")

    def url(self, user: str = f"anna:{WORD}@") -> str:
        return f"http://{user}{self.address}"


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = proxy.answer(self.path, self.headers.get("Proxy-Authorization", ""))
            self.send_response(status)
            if status == 407:
                self.send_header("Proxy-Authenticate", 'Basic realm="who is there"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


def serving(place: Path) -> Iterator[Proxy]:
    proxy = Proxy(place)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy)) as server:
        proxy.address = f"127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield proxy
        server.shutdown()


@pytest.fixture
def debian_proxy(yard: Yard) -> Iterator[Proxy]:
    yield from serving(yard.mirror.place)


@pytest.fixture
def rpm_proxy(rpm_yard: RpmYard) -> Iterator[Proxy]:
    yield from serving(rpm_yard.mirror.place)


def said_nowhere(place: Path, *without: Path) -> None:
    """The proxy's password is in no file below *place* that others may read, but *without*. What
    is written for dnf lies in a directory that is closed to them."""
    files = [path for path in place.rglob("*") if path.is_file() and path not in without]
    found = [path for path in files if WORD.encode() in path.read_bytes()]
    assert [path for path in found if path.parent.stat().st_mode & 0o077] == []


def test_dnf_goes_through_the_proxy_of_the_line(fresh_rpm_yard: RpmYard, rpm_proxy: Proxy) -> None:
    yard = fresh_rpm_yard
    line = f"url --url=http://{HOST}/base --proxy={rpm_proxy.url()}\n"
    recipe = yard.recipe("greeting", lines=line)

    done = yard.build(recipe, "-f", "raw")

    assert [url for url in rpm_proxy.seen if url.endswith("/base/repodata/repomd.xml")]
    assert [url for url in rpm_proxy.seen if "/greeting-1.0" in url]
    assert all(url.startswith(f"http://{HOST}/base/") for url in rpm_proxy.seen)
    assert yard.mirror.asked == []
    assert WORD not in done.out + done.err
    said_nowhere(yard.place, recipe)


def test_apt_goes_through_the_proxy_of_the_environment(
    fresh_yard: Yard, debian_proxy: Proxy
) -> None:
    yard = fresh_yard
    recipe = yard.recipe()
    text = recipe.read_text().replace(yard.mirror.url, f"http://{HOST}")
    recipe.write_text(text.replace("\n", f" --proxy={debian_proxy.url()}\n", 1))
    refused = yard.build(recipe, "-f", "raw", status=2)
    assert "http_proxy=URL in the environment" in refused.err
    assert WORD not in refused.err

    recipe.write_text(text)
    yard.environment = {"http_proxy": debian_proxy.url()}
    done = yard.build(recipe, "-f", "raw")

    assert [url for url in debian_proxy.seen if url.endswith("Release")]
    assert [url for url in debian_proxy.seen if url.endswith(".deb")]
    assert all(url.startswith(f"http://{HOST}/tiny/") for url in debian_proxy.seen)
    assert yard.mirror.asked == []
    assert WORD not in done.out + done.err
    said_nowhere(yard.place)


@pytest.mark.parametrize("user", ["", "anna:wrong@"])
def test_who_the_proxy_does_not_let_in_is_told(
    user: str, fresh_rpm_yard: RpmYard, rpm_proxy: Proxy
) -> None:
    line = f"url --url=http://{HOST}/base --proxy={rpm_proxy.url(user)}\n"

    done = fresh_rpm_yard.build(fresh_rpm_yard.recipe(lines=line), "-f", "raw", status=7)

    assert rpm_proxy.strangers
    assert rpm_proxy.seen == []
    assert "407" in done.err
    assert "wrong" not in done.err
