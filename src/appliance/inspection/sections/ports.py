"""On which ports something would listen: by sockets of systemd, and by the configuration of
programs that are known here. Nothing is started, so of other programs nothing is known."""

import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from appliance.inspection.catalogue import Catalogue
from appliance.inspection.content_facts import PortFacts
from appliance.inspection.sections.units import Units

STREAM, DATAGRAM = "tcp", "udp"
WORDS = {
    "Socket.ListenStream": STREAM, "Socket.ListenDatagram": DATAGRAM,
    "Socket.ListenSequentialPacket": "unix", "Socket.ListenFIFO": "unix",
    "Socket.ListenNetlink": "netlink",
}  # fmt: skip
LLMNR = 5355  # that resolved asks its neighbours on, unless told otherwise
MOST_FILES = 1000  # that one program's configuration may name
# What programs usually listen on: the unit's name, the protocol, the address, the port.
USUAL = (
    ("apache2", STREAM, "", 80), ("avahi-daemon", DATAGRAM, "", 5353), ("bind9", STREAM, "", 53),
    ("bind9", DATAGRAM, "", 53), ("caddy", STREAM, "", 80), ("chronyd", DATAGRAM, "127.0.0.1", 323),
    ("chrony", DATAGRAM, "127.0.0.1", 323), ("cups", STREAM, "127.0.0.1", 631),
    ("dnsmasq", DATAGRAM, "", 53), ("dnsmasq", STREAM, "", 53), ("dovecot", STREAM, "", 143),
    ("exim4", STREAM, "127.0.0.1", 25), ("grafana-server", STREAM, "", 3000),
    ("haproxy", STREAM, "", 80), ("lighttpd", STREAM, "", 80),
    ("mariadb", STREAM, "127.0.0.1", 3306),
    ("mongod", STREAM, "127.0.0.1", 27017), ("mysql", STREAM, "127.0.0.1", 3306),
    ("named", STREAM, "", 53), ("named", DATAGRAM, "", 53), ("nfs-server", STREAM, "", 2049),
    ("ntpsec", DATAGRAM, "", 123), ("postfix", STREAM, "", 25),
    ("postgresql", STREAM, "127.0.0.1", 5432), ("prometheus", STREAM, "", 9090),
    ("redis", STREAM, "127.0.0.1", 6379), ("redis-server", STREAM, "127.0.0.1", 6379),
    ("smbd", STREAM, "", 445), ("snmpd", DATAGRAM, "127.0.0.1", 161), ("squid", STREAM, "", 3128),
    ("systemd-networkd", DATAGRAM, "", 68), ("tomcat10", STREAM, "", 8080),
    ("tor", STREAM, "127.0.0.1", 9050), ("unbound", DATAGRAM, "127.0.0.1", 53),
    ("vsftpd", STREAM, "", 21),
)  # fmt: skip
# Services that listen on nothing, or on a socket of a unit of its own.
QUIET = (
    "apt-*", "dnf-*", "systemd-*", "dbus*", "getty@*", "serial-getty@*", "console-*", "cron*",
    "atd", "rsyslog", "polkit*", "kmod*", "modprobe@*", "e2scrub*", "fstrim*", "dpkg-*", "man-db",
    "logrotate", "lvm2-*", "ssh-host-keys", "sshd-keygen*", "appliance-*", "auditd", "irqbalance",
    "ldconfig", "rc-local", "networking", "ifup@*", "udisks2", "unattended-upgrades", "selinux-*",
    "NetworkManager*", "ModemManager", "wpa_supplicant", "qemu-guest-agent", "open-vm-tools",
    "cloud-*", "growpart*", "keyboard-setup", "grub-*", "nis-domainname", "import-state",
    "user-runtime-dir@*", "user@*", "plymouth-*", "emergency", "rescue", "blk-availability",
    "kdump", "tuned", "firewalld", "nftables", "iptables", "apparmor", "initial-setup", "quotaon*",
)  # fmt: skip


def ports(image: Catalogue, units: Units, started: Sequence[str]) -> tuple[PortFacts, ...]:
    """All that is known to listen once the units *started* are."""
    found = [
        each for name in started if name.endswith(".socket") for each in _of_socket(units, name)
    ]
    for name in started:
        stem = name.removesuffix(".service")
        if stem == name:
            continue
        reader = next(
            (read for known, read in READERS.items() if fnmatch.fnmatch(stem, known)), None
        )
        found += reader(image, name) if reader else _usual(stem, name)
    return tuple(dict.fromkeys(found))


def unknown(units: Units, started: Sequence[str]) -> tuple[str, ...]:
    """The services of which nothing here knows whether they listen."""
    stems = [name.removesuffix(".service") for name in started if name.endswith(".service")]
    return tuple(
        stem
        for stem in stems
        if not any(fnmatch.fnmatch(stem, each) for each in (*READERS, *QUIET))
        and not any(True for _ in _usual(stem, stem))
        and units.get(f"{stem}.service").values("Service.Type")[-1:] != ("oneshot",)
    )


def _of_socket(units: Units, name: str) -> Iterator[PortFacts]:
    unit = units.get(name)
    service = "".join(unit.values("Socket.Service")[-1:]) or name.replace(".socket", ".service")
    for word, protocol in WORDS.items():
        for value in unit.values(word):
            yield _listening(value, protocol, service, unit.path)


def _listening(value: str, protocol: str, by: str, source: str) -> PortFacts:
    """What one line of a socket says (systemd.socket(5), ListenStream=)."""
    if value.startswith(("/", "@", "%t", "%h")):
        path = value.replace("%t", "/run")
        return PortFacts("unix", "", 0, path, by, source, certain=True)
    if value.startswith("vsock:"):
        number = value.rpartition(":")[2]
        return PortFacts("vsock", "", _number(number), "", by, source, certain=True)
    if protocol in ("netlink", "unix"):
        return PortFacts(protocol, "", 0, value, by, source, certain=True)
    address, _, number = value.rpartition(":")
    return PortFacts(protocol, address.strip("[]"), _number(number), "", by, source, certain=True)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _usual(stem: str, by: str) -> Iterator[PortFacts]:
    name = stem.partition("@")[0]
    for known, protocol, address, port in USUAL:
        if known == name:
            yield PortFacts(protocol, address, port, "", by, "", certain=False)


def _sshd(image: Catalogue, by: str) -> Iterator[PortFacts]:
    """What sshd_config(5) says; its default is port 22."""
    numbers: list[tuple[int, str]] = []
    addresses: list[tuple[str, str]] = []
    for path, text in _included(image, "/etc/ssh/sshd_config", r"^\s*Include\s+(.+)$"):
        numbers += [(_number(each), path) for each in _words(text, "Port")]
        addresses += [(each, path) for each in _words(text, "ListenAddress")]
    default = numbers or [(22, "/etc/ssh/sshd_config")]
    for address, path in addresses or [("", default[0][1])]:
        host, port = _parted(address)
        for number, source in [(port, path)] if port else default:
            yield PortFacts(STREAM, host, number, "", by, source, certain=True)


def _parted(address: str) -> tuple[str, int]:
    """An address and its port, 0 for none: 10.0.0.1:22, [::1]:22, ::1."""
    found = re.fullmatch(r"\[([^\]]*)\](?::(\d{1,5}))?|([^:]*):(\d{1,5})", address)
    if found is None:
        return address, 0
    return found[1] or found[3] or "", int(found[2] or found[4] or 0)


def _nginx(image: Catalogue, by: str) -> Iterator[PortFacts]:
    files = _included(image, "/etc/nginx/nginx.conf", r"^\s*include\s+([^;]+);")
    for path, text in files:
        for value in re.findall(r"^\s*listen\s+([^\s;]+)([^;]*);", text, re.M)[:MOST_FILES]:
            protocol = DATAGRAM if re.search(r"\b(quic|udp)\b", value[1]) else STREAM
            if value[0].startswith("unix:"):
                yield PortFacts("unix", "", 0, value[0][5:], by, path, certain=True)
                continue
            address, port = ("", _number(value[0])) if value[0].isdigit() else _parted(value[0])
            host = "" if address == "*" else address
            yield PortFacts(protocol, host, port or 80, "", by, path, certain=True)


def _apache(image: Catalogue, by: str) -> Iterator[PortFacts]:
    start = "/etc/apache2/apache2.conf" if "apache2" in by else "/etc/httpd/conf/httpd.conf"
    for path, text in _included(image, start, r"^\s*Include(?:Optional)?\s+(\S+)"):
        for value in _words(text, "Listen"):
            address, port = ("", _number(value)) if value.isdigit() else _parted(value)
            yield PortFacts(STREAM, address, port, "", by, path, certain=True)


def _resolved(image: Catalogue, by: str) -> Iterator[PortFacts]:
    """By resolved.conf(5): a stub for this machine alone."""
    texts = [image.text(f"{place}/systemd/resolved.conf") for place in ("/etc", "/usr/lib")]
    texts += [text for _, text in image.texts("/etc/systemd/resolved.conf.d", ".conf")]
    said = [each for text in texts for each in re.findall(r"^\s*DNSStubListener=(\S+)", text, re.M)]
    word = said[-1].lower() if said else "yes"
    for protocol in (STREAM, DATAGRAM):
        if word in ("yes", "true", "1", protocol):
            yield PortFacts(protocol, "127.0.0.53", 53, "", by, "", certain=True)
    yield PortFacts(DATAGRAM, "", LLMNR, "", by, "", certain=False)


def _included(image: Catalogue, start: str, include: str) -> Iterator[tuple[str, str]]:
    """A configuration file, and those that it names with globs, each once."""
    base = start.rpartition("/")[0]
    waiting, seen = [start], set[str]()
    while waiting and len(seen) < MOST_FILES:
        path = waiting.pop(0)
        entry = image.stat(path)
        if entry is None or entry.path in seen:
            continue
        seen.add(entry.path)
        text = image.text(entry.path)
        yield path, text
        for words in re.findall(include, text, re.M):
            for word in words.split():
                named = word.strip('"')
                waiting += _globbed(image, named if named.startswith("/") else f"{base}/{named}")


def _globbed(image: Catalogue, pattern: str) -> list[str]:
    directory, _, name = pattern.rpartition("/")
    if not set("*?[") & set(name):
        return [pattern]
    found = fnmatch.filter(image.listed(directory), name)
    return [f"{directory}/{each}" for each in sorted(found)]


def _words(text: str, word: str) -> list[str]:
    return re.findall(rf"^\s*{word}\s+(\S+)", text, re.M | re.I)[:MOST_FILES]


READERS: Mapping[str, Callable[[Catalogue, str], Iterator[PortFacts]]] = {
    "ssh": _sshd, "sshd": _sshd, "ssh@*": _sshd, "nginx": _nginx, "apache2": _apache,
    "httpd": _apache, "systemd-resolved": _resolved,
}  # fmt: skip
