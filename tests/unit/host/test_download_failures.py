"""What goes wrong while fetching: said in one message, without passwords."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from appliance.errors import SourceError
from appliance.host import download
from appliance.host.download import RemoteAccess, WantedFile
from appliance.packages import keys, mirror_lists


class _Missing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Missing) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


def closed() -> str:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"u:hush@127.0.0.1:{unused.getsockname()[1]}"


def refused(urls: tuple[str, ...], tmp_path: Path) -> str:
    wish = WantedFile(RemoteAccess(urls), "a", "a", "0" * 64, 1, tmp_path / "a")
    with pytest.raises(SourceError) as caught:
        download.fetch([wish], arrived=print, received=lambda _: None, pause=0)
    assert "hush" not in str(caught.value)
    return str(caught.value)


def test_no_error_shows_a_password(tmp_path: Path) -> None:
    place = closed()
    assert "127.0.0.1" in refused((f"http://{place}",), tmp_path)
    with pytest.raises(SourceError) as caught:
        download.text(RemoteAccess((f"http://{place}",)), "", limit=9)
    assert "hush" not in str(caught.value)


def test_a_file_is_gone_only_if_every_mirror_misses_it(tmp_path: Path) -> None:
    with server() as missing:
        assert "gone" in refused((missing,), tmp_path)
        for last in (f"http://{closed()}", f"http://{closed()}"):
            said = refused((missing, f"http://{closed()}", last), tmp_path)
            assert "cannot fetch" in said


@pytest.mark.parametrize("url", ["http://h:p/x", "http://[x"])
def test_what_is_no_address_is_said(url: str, tmp_path: Path) -> None:
    assert "cannot fetch" in refused((url,), tmp_path)
    with pytest.raises(SourceError):
        mirror_lists.reached(RemoteAccess(mirrorlist=url))
    with pytest.raises(SourceError):
        keys.collect([url], tmp_path / "keys")


@pytest.mark.parametrize("proxy", ["squid:3128", "socks5://h:1", "http://h:p"])
def test_a_proxy_that_cannot_be_used_is_said(proxy: str) -> None:
    with pytest.raises(SourceError):
        download.text(RemoteAccess(("http://127.0.0.1:9",), proxy=proxy), "", limit=9)


def test_local_files_have_the_same_limits(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert "cannot be read" in refused((tmp_path.as_uri(),), tmp_path)
    (tmp_path / "long").write_bytes(b"x" * 10)
    with pytest.raises(SourceError, match="more than 9 bytes"):
        download.text(RemoteAccess((tmp_path.as_uri(),)), "long", limit=9)
    assert download.text(RemoteAccess((tmp_path.as_uri(),)), "long/er", limit=9) is None
    with pytest.raises(SourceError, match="cannot be read"):
        keys.collect([str(tmp_path / "a")], tmp_path / "keys")


def test_keys_are_fetched_as_their_repository_is(tmp_path: Path) -> None:
    with server() as proxy, pytest.raises(SourceError, match="is not there"):
        keys.collect(["http://unknown.invalid/key"], tmp_path / "keys", RemoteAccess(proxy=proxy))


def test_variables_of_mirrorlists_are_whole_words(tmp_path: Path) -> None:
    listed = tmp_path / "list"
    listed.write_text("http://h/$releasever_major/${releasever}/$releasever\n")
    values = (("releasever", "9.4"), ("releasever_major", "9"))
    access = mirror_lists.reached(RemoteAccess(mirrorlist=listed.as_uri(), variables=values))
    assert access.urls == ("http://h/9/9.4/9.4",)
