"""Which programs of this machine give a script a network of its own, and what it is told of name
servers and proxies there.

Facts: pasta(1) of passt, slirp4netns(1), resolv.conf(5).
"""

import ipaddress
import os
import shutil
from collections.abc import Mapping
from urllib.parse import urlsplit

from appliance.host.command import ENVIRONMENT, INHERITED

OWN, HOST, NONE = "own", "host", ""
FORWARDER = "10.0.2.3"  # where slirp4netns answers for this machine's name servers; pasta as well
PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "pasta": (
        *("pasta", "--config-net", "--foreground", "--quiet", "--no-map-gw"),
        *("-t", "none", "-u", "none", "-U", "none", "-T", "PORTS"),
        *("--dns-forward", FORWARDER, "--netns", "/proc/PID/ns/net"),
    ),
    "slirp4netns": (
        *("slirp4netns", "--configure", "--mtu=1400", "--disable-host-loopback"),
        *("--netns-type=path", "/proc/PID/ns/net", "tap0"),
    ),
}


def gateways() -> list[list[str]]:
    """Return what to call for a network of its own, the best program first; empty if this machine
    has none of them. By pasta the port of a proxy on this machine's loopback stays within reach."""
    found = [name for name in PROGRAMS if shutil.which(name, path=ENVIRONMENT["PATH"])]
    ports = ",".join(sorted(local_proxy_ports(os.environ))) or "none"
    return [[ports if word == "PORTS" else word for word in PROGRAMS[name]] for name in found]


def local_proxy_ports(environment: Mapping[str, str]) -> set[str]:
    """Return the ports of the proxies in *environment* that listen on this machine's loopback."""
    addresses = [urlsplit(environment[name]) for name in INHERITED if name in environment]
    return {
        str(address.port)
        for address in addresses
        if address.port and _is_loopback(address.hostname or "")
    }


def name_servers(text: str) -> str:
    """Return this machine's resolv.conf, *text*, for a network of its own: servers on the loopback,
    which is another one there, are asked through the gateway."""
    lines, forwarded = [], False
    for line in text.splitlines():
        words = line.split()
        if words[:1] != ["nameserver"] or len(words) < 2 or not _is_loopback(words[1]):
            lines.append(line)
        elif not forwarded:
            forwarded = True
            lines.append(f"nameserver {FORWARDER}")
    return "".join(f"{line}\n" for line in lines)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"
