"""Ask libvirt on this machine, through its own program, virsh."""

import os
import shutil
from dataclasses import dataclass

from lxml import etree

from appliance.errors import ApplianceError, CommandError, HostError
from appliance.host import command

# What virsh looks at to find its daemon, besides the address.
NAMES = (
    "HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "LIBVIRT_DEFAULT_URI",
    "VIRSH_DEFAULT_CONNECT_URI",
)  # fmt: skip


@dataclass(frozen=True)
class Capability:
    """A kind of guest that a host can have.

    *kind*: hvm (a whole machine) or xen (a paravirtual one).
    *architecture*: the guest's processor, as libvirt names it.
    *types*: the domain types that can run it: kvm, qemu, xen.
    *features*: what can be had besides: pae, acpi and so on.
    """

    kind: str
    architecture: str
    types: tuple[str, ...]
    features: frozenset[str]


@dataclass(frozen=True)
class Connection:
    """A daemon that answered, by its address (qemu:///system)."""

    uri: str

    @property
    def is_local(self) -> bool:
        """True if the daemon runs on this machine, so that its files are ours."""
        return "://" not in self.uri or self.uri.split("://", 1)[1].startswith("/")

    @property
    def is_session(self) -> bool:
        """True if it is a user's own daemon, which has no networks."""
        return self.uri.endswith("/session") or "/session?" in self.uri

    def ask(self, *words: str, stdin: str = "") -> str:
        """What `virsh WORDS` says; raises CommandError with its complaint."""
        return _virsh("-c", self.uri, *words, stdin=stdin)

    def capabilities(self) -> tuple[Capability, ...]:
        """Return which guests the host can have, in libvirt's order."""
        root = etree.fromstring(self.ask("capabilities").encode())
        return tuple(
            Capability(
                "xen" if (kind := str(guest.findtext("os_type"))) == "linux" else kind,
                str(guest.find("arch").get("name")),
                tuple(dict.fromkeys(str(each.get("type")) for each in guest.iter("domain"))),
                frozenset(str(each.tag) for each in guest.iterfind("features/*")),
            )
            for guest in root.iterfind("guest")
        )

    def has(self, name: str) -> bool:
        """Whether a machine of this *name* is defined."""
        return name in self.ask("list", "--all", "--name").split()

    def has_network(self, name: str) -> bool:
        """Whether a network of this *name* is up."""
        try:
            return name in self.ask("net-list", "--name").split()
        except CommandError:  # a hypervisor without networks
            return False

    def define(self, xml: str) -> None:
        """Make a machine of domain XML, switched off."""
        self.ask("define", "/dev/stdin", "--validate", stdin=xml)

    def start(self, name: str) -> None:
        """Switch on the machine called *name*; raise CommandError if libvirt cannot."""
        self.ask("start", name)

    def remove(self, name: str) -> None:
        """Switch the machine called *name* off if it runs, and forget it; its disks stay."""
        if "running" in self.ask("domstate", name) or "paused" in self.ask("domstate", name):
            self.ask("destroy", name)
        self.ask("undefine", name, "--managed-save", "--snapshots-metadata", "--nvram")


def connect(uri: str) -> Connection | None:
    """The daemon at *uri*; with no *uri* the one that virsh itself finds, None if there is none.

    Raises HostError if none answers at a *uri* that somebody named.
    """
    if not uri and not shutil.which("virsh", path=command.ENVIRONMENT["PATH"]):
        return None
    try:
        words = ("-c", uri) if uri else ()
        return Connection(_virsh(*words, "uri").strip())
    except ApplianceError as error:
        if not uri:
            return None
        hint = error.hint or "systemctl start libvirtd, or no --connect: QEMU alone starts it"
        said = error.tail[-2:] or (error.problem,)
        raise HostError(f"no libvirt answers at {uri}", tail=said, hint=hint) from None


def _virsh(*words: str, stdin: str = "") -> str:
    kept = {name: os.environ[name] for name in NAMES if name in os.environ}
    return command.run(["virsh", "--quiet", *words], stdin=stdin, env=kept)
