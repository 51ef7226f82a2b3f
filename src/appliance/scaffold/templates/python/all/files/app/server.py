"""The service: a page that greets, and /health. Put your own in place of it."""

import json
import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Pages(BaseHTTPRequestHandler):
    """Answers a request. What it prints goes to the journal."""

    def do_GET(self) -> None:
        """Answer the request for a page."""
        if self.path == "/":
            self.answer(200, "text/plain; charset=utf-8", os.environ["GREETING"] + "\n")
        elif self.path == "/health":
            self.answer(200, "application/json", json.dumps({"status": "ok"}) + "\n")
        else:
            self.answer(404, "text/plain; charset=utf-8", "There is no such page.\n")

    def answer(self, status: int, kind: str, text: str) -> None:
        """Send *text* with this status and type."""
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def ready() -> None:
    """Tell systemd that requests are answered now (sd_notify(3))."""
    if place := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.connect(place.replace("@", "\0", 1))
            notify.send(b"READY=1")


with ThreadingHTTPServer(("", int(os.environ["PORT"])), Pages) as server:
    ready()
    server.serve_forever()
