"""The capabilities of a file, by its extended attribute or in words (capabilities(7),
cap_from_text(3))."""

import re
import struct
from dataclasses import dataclass

NAMES = (
    "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid",
    "setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw",
    "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct",
    "sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod",
    "lease", "audit_write", "audit_control", "setfcap", "mac_override", "mac_admin", "syslog",
    "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore",
)  # fmt: skip
NUMBERS = {f"cap_{name}": number for number, name in enumerate(NAMES)}
ALL = (1 << len(NAMES)) - 1
CLAUSE = re.compile(r"([a-z0-9_,]*)((?:[=+-][eip]*)+)", re.IGNORECASE)
OPERATION = re.compile(r"([=+-])([eip]*)")
EFFECTIVE, OWN_ROOT = 1, 0x03000000  # of the attribute's first number


@dataclass(frozen=True)
class Capabilities:
    """Sets of capabilities, as bits; *root*: the user for whom that counts as root."""

    permitted: int = 0
    inheritable: int = 0
    effective: int = 0
    root: int = 0

    def text(self) -> str:
        """As getcap(8) says it: cap_net_bind_service,cap_net_raw=ep."""
        groups: dict[str, list[str]] = {}
        for number, name in enumerate(NAMES):
            sets = (self.effective, "e"), (self.inheritable, "i"), (self.permitted, "p")
            flags = "".join(letter for bits, letter in sets if bits >> number & 1)
            if flags:
                groups.setdefault(flags, []).append(f"cap_{name}")
        said = " ".join(f"{','.join(names)}={flags}" for flags, names in groups.items())
        return f"{said} [rootid={self.root}]" if self.root else said


NONE = Capabilities()


def of_attribute(value: bytes) -> Capabilities:
    """What the attribute security.capability says; none for what is not understood."""
    if len(value) < 12:
        return NONE
    magic, permitted, inheritable = struct.unpack_from("<III", value)
    if len(value) >= 20:
        high = struct.unpack_from("<II", value, 12)
        permitted, inheritable = permitted | high[0] << 32, inheritable | high[1] << 32
    own = magic & 0xFF000000 == OWN_ROOT and len(value) >= 24
    return Capabilities(
        permitted & ALL,
        inheritable & ALL,
        (permitted | inheritable) & ALL if magic & EFFECTIVE else 0,
        struct.unpack_from("<I", value, 20)[0] if own else 0,
    )


def of_text(text: str) -> Capabilities:
    """What is said in the words of cap_from_text(3); what is not understood is left out."""
    sets = {"e": 0, "i": 0, "p": 0}
    for clause in text.split():
        found = CLAUSE.fullmatch(clause)
        bits = _bits(found[1]) if found else 0
        for operator, flags in OPERATION.findall(found[2]) if found else ():
            sets = {
                letter: _changed(had, bits, operator, letter in flags.lower())
                for letter, had in sets.items()
            }
    return Capabilities(sets["p"], sets["i"], sets["e"])


def _changed(had: int, bits: int, operator: str, named: bool) -> int:
    """What a set that *had* some has after an operation with *bits*, which may have *named* it."""
    kept = had & ~bits if operator == "=" else had
    if not named:
        return kept
    return kept & ~bits if operator == "-" else kept | bits


def _bits(names: str) -> int:
    if names.lower() in ("", "all"):
        return ALL
    known = (NUMBERS.get(name.lower()) for name in names.split(","))
    return sum(1 << number for number in known if number is not None)
