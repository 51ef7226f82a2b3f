"""A server of files on this machine that can be told to misbehave."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote


@dataclass
class Mirror:
    """Serves *place* at *url*. What goes wrong is said by parts of paths:

    *gone* are not found; *spoiled* have one byte changed, as often as their number says (-1:
    always); *cut* end after so many bytes, once (and *dying*: so do
    all others from then on, without a byte). *asked* has each path with its Range header.
    """

    place: Path
    url: str = ""
    gone: set[str] = field(default_factory=set)
    spoiled: dict[str, int] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    dying: bool = False
    dead: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    def behave(self) -> None:
        """Do everything right from now on, and forget who asked."""
        for wrong in (self.gone, self.spoiled, self.cut, self.asked):
            wrong.clear()
        self.dying = self.dead = False

    def answer(self, path: str, wanted: str) -> tuple[int, bytes, int]:
        """The status, the body, and how many bytes of it are sent before the line breaks; to the
        Range *wanted*, if there is one."""
        self.asked.append((path, wanted))
        file = self.place / unquote(path).lstrip("/")
        if any(part in path for part in self.gone) or not file.is_file():
            return 404, b"", 0
        body = file.read_bytes()
        for part in [part for part in self.spoiled if part in path and self.spoiled[part]]:
            self.spoiled[part] -= 1
            body = body[:-100] + bytes([body[-100] ^ 1]) + body[-99:]
        status = 200
        if wanted.startswith("bytes="):
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
            status, body = (206, body[start:]) if start < len(body) else (416, b"")
        for part in [part for part in self.cut if part in path]:
            self.dead = self.dying
            return status, body, self.cut.pop(part)
        return status, body, 0 if self.dead else len(body)


def _handler(mirror: Mirror) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body, sent = mirror.answer(self.path, self.headers.get("Range", ""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:sent])
            if sent < len(body):
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that are killed hang up: no error."""


@contextmanager
def serving(place: Path) -> Iterator[Mirror]:
    """Lend a Mirror of *place*."""
    mirror = Mirror(place)
    with _Server(("127.0.0.1", 0), _handler(mirror)) as server:
        mirror.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield mirror
        finally:
            server.shutdown()
            thread.join()
