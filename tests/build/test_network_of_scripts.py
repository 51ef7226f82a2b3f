"""The network of scripts: it reaches out, and not what listens on this machine only."""

import http.server
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from building import Yard


def cat(yard: Yard, path: str) -> str:
    words = ["debugfs", "-R", f"cat {path}", f"{yard.image()}?offset={1 << 20}"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


ASK = """\
%post --nochroot --interpreter=/usr/bin/python3 --erroronfail
import os, socket
with open("/mnt/sysimage/var/lib/report", "w") as report:
    routes = open("/proc/net/route").read().splitlines()
    print("routes", len(routes) > 1, file=report)
    print("words", open("/proc/1/cmdline").read().strip(chr(0)) or None, file=report)
    print("proxy", os.environ.get("http_proxy"), file=report)
    try:
        connection = socket.create_connection(("127.0.0.1", PORT), timeout=5)
        connection.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        print("page", b"machine" in connection.makefile("rb").read(), file=report)
    except OSError as error:
        print("page", error, file=report)
    for place in ("exe", "environ", "cwd", "maps"):
        try:
            place in ("exe", "cwd") and os.readlink(f"/proc/1/{place}")
            place in ("environ", "maps") and open(f"/proc/1/{place}").read()
            print(place, "seen", file=report)
        except PermissionError:
            print(place, "hidden", file=report)
%end
"""
PROXY = "http://proxy.example.org:3128"


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"only for this machine\n")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def page() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("network", ["own", "host", "none"])
def test_what_listens_on_this_machine_only(somebody: Yard, page: int, network: str) -> None:
    recipe = somebody.recipe(more=ASK.replace("PORT", str(page)))
    somebody.build(recipe, "-f", "raw", "--network", network)
    said = dict(line.split(" ", 1) for line in cat(somebody, "/var/lib/report").splitlines())

    assert said["routes"] == str(network != "none")
    assert (said["page"] == "True") == (network == "host")
    assert said["words"] == "None"
    assert {said[place] for place in ("exe", "environ", "cwd", "maps")} == {"hidden"}


@pytest.mark.parametrize("network", ["own", "none"])
def test_a_proxy_is_for_scripts_that_have_the_network(yard: Yard, network: str) -> None:
    environment = {"http_proxy": PROXY, "no_proxy": "127.0.0.1"}
    proxied = replace(yard, environment=environment)
    proxied.build(yard.recipe(more=ASK.replace("PORT", "9")), "-f", "raw", "--network", network)
    said = cat(proxied, "/var/lib/report")

    assert (f"proxy {PROXY}\n" in said) == (network == "own")
