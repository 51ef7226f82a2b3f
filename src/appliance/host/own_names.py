"""What tells of this machine and whoever works on it, wherever it stands."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from appliance.host.command import INHERITED
from appliance.work import Builder

SHORTEST = 4  # characters: shorter names are parts of other words
# Names that so many machines have that they tell nothing.
USUAL = frozenset((
    "localhost", "debian", "fedora", "ubuntu", "centos", "linux", "kali", "rocky", "almalinux",
    "build", "builder", "buildhost", "runner", "host", "server", "machine", "node", "desktop",
    "laptop", "container", "docker", "podman", "template", "image", "appliance", "default", "root",
    "user", "test",
))  # fmt: skip
USUAL_HOMES = frozenset(("/", "/root", "/nonexistent", "/home/user", "/home/runner", "/tmp"))


def builder(store: Path) -> Builder:
    """Return what tells of this machine, whose builds are kept in *store*."""
    name = socket.gethostname()
    hosts = dict.fromkeys((name, name.partition(".")[0]))
    paths = dict.fromkeys((str(Path.home()), str(store)))
    return Builder(
        tuple(host for host in hosts if len(host) >= SHORTEST and host.lower() not in USUAL),
        tuple(path for path in paths if path not in USUAL_HOMES and path.count("/") > 1),
        tuple(dict.fromkeys(_proxies())),
    )


def _proxies() -> Iterator[str]:
    """The host, with its port, of each proxy in the environment."""
    for name in INHERITED:
        said = os.environ.get(name, "")
        if said and name.lower() != "no_proxy":
            address = urlsplit(said if "://" in said else f"//{said}").netloc.rpartition("@")[2]
            if address:
                yield address
