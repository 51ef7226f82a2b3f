"""Which settings differ: of each section of an inspection, what is told of each thing in it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from appliance.inspection.comparison.model import ADDED, CHANGED, REMOVED, SettingChange
from appliance.inspection.facts import Inspection

Sheet = Mapping[str, Mapping[str, str]]  # of each thing, by its name, what is said of it


def setting_changes(left: Inspection, right: Inspection) -> tuple[SettingChange, ...]:
    """What differs in the sections that were looked at in both."""
    found: list[SettingChange] = []
    for section, kind, sheet in SHEETS:
        one, two = sheet(left), sheet(right)
        if one is not None and two is not None:
            found += _changes(section, kind, one, two)
    return tuple(found)


def _changes(section: str, kind: str, left: Sheet, right: Sheet) -> Iterator[SettingChange]:
    for name in sorted(left.keys() | right.keys()):
        if name not in right:
            yield SettingChange(section, kind, name, "", REMOVED, _all(left[name]), "")
        elif name not in left:
            yield SettingChange(section, kind, name, "", ADDED, "", _all(right[name]))
        else:
            yield from _of_both(section, kind, name, (left[name], right[name]))


def _of_both(
    section: str, kind: str, name: str, said: tuple[Mapping[str, str], Mapping[str, str]]
) -> Iterator[SettingChange]:
    for what in dict.fromkeys((*said[0], *said[1])):
        left, right = (each.get(what, "") for each in said)
        if left != right:
            left, right = _apart(left, right) if what in WORDS else (left, right)
            yield SettingChange(section, kind, name, what, CHANGED, left, right)


def _apart(left: str, right: str) -> tuple[str, str]:
    """The words that only one of both has; both as they are if it is their order that differs."""
    one, two = left.split(), right.split()
    only = (
        " ".join(word for word in one if word not in two),
        " ".join(word for word in two if word not in one),
    )
    return only if any(only) else (left, right)


def _all(said: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" if name else value for name, value in said.items() if value)


def _told(value: Any, fields: Iterable[str]) -> dict[str, str]:
    """*fields* of a value, each with its name in words."""
    said = asdict(value)
    return {name.replace("_", " "): _text(said[name]) for name in fields}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(str(each) for each in value)
    return str(value)


def _product(found: Inspection) -> Sheet | None:
    if found.product is None:
        return None
    fields = ("name", "version", "release", "vendor", "url", "description")
    made = {"made": _day(found.product.made)}
    return {"": _told(found.product, fields) | made}


def _system(found: Inspection) -> Sheet | None:
    if found.system is None:
        return None
    fields = ("id", "name", "version", "variant", "image_id", "image_version", "architecture",
              "hostname")  # fmt: skip
    kernels = {"kernels": " ".join(kernel.version for kernel in found.system.kernels)}
    return {"": _told(found.system, fields) | kernels}


def _start(found: Inspection) -> Sheet | None:
    if found.start is None:
        return None
    said = found.start
    arguments = said.entries[0].arguments if said.entries else ""
    told = _told(said, ("firmware", "loaders", "secure_boot", "target"))
    return {"": told | {"boot arguments": arguments}}


def _users(found: Inspection) -> Sheet | None:
    fields = ("uid", "shell", "home", "logs_in", "password", "hash", "keys", "groups",
              "administers")  # fmt: skip
    return _by(found.users, lambda each: each.name, fields)


def _units(found: Inspection) -> Sheet | None:
    return _by(found.units, lambda each: each.name, ("starts", "package"))


def _ports(found: Inspection) -> Sheet | None:
    def name(port: Any) -> str:
        return f"{port.protocol} {port.port or ''}{port.path} {port.address}".strip()

    return _by(found.ports, name, ("by",))


def _disks(found: Inspection) -> Sheet | None:
    names = _disk_names(found)
    return _by(found.disks, lambda each: names[each.name], ("size", "table"))


def _filesystems(found: Inspection) -> Sheet | None:
    fields = ("kind", "mount_point", "label", "uuid", "size")
    names = _disk_names(found)

    def name(each: Any) -> str:
        return f"{names.get(each.disk, each.disk)} {each.place}"

    return _by(found.filesystems, name, fields)


def _disk_names(found: Inspection) -> dict[str, str]:
    """What each disk is called here: one that has but its file's name, by its number."""
    return {
        disk.name: str(number) if disk.name == disk.file else disk.name
        for number, disk in enumerate(found.disks or (), start=1)
    }


def _privileged(found: Inspection) -> Sheet | None:
    return _by(found.privileged, lambda each: each.path, ("mode", "owner", "group", "capabilities"))


def _certificates(found: Inspection) -> Sheet | None:
    fields = ("kind", "subject", "issuer", "fingerprint", "algorithm", "encrypted")
    return _by(found.certificates, lambda each: each.path, fields)


def _by(
    values: tuple[Any, ...] | None, name: Callable[[Any], str], fields: tuple[str, ...]
) -> Sheet | None:
    return None if values is None else {name(each): _told(each, fields) for each in values}


def _day(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d") if seconds else ""
    except (OverflowError, OSError, ValueError):  # of an image of a stranger
        return str(seconds)


WORDS = ("boot arguments", "kernels", "keys", "groups", "loaders")  # told by the words that differ
# the section, what a thing in it is called, and what is told of them
SHEETS: tuple[tuple[str, str, Callable[[Inspection], Sheet | None]], ...] = (
    ("product", "product", _product),
    ("system", "system", _system),
    ("start", "start", _start),
    ("users", "user", _users),
    ("units", "unit", _units),
    ("ports", "port", _ports),
    ("files", "file with more rights", _privileged),
    ("certificates", "certificate or key", _certificates),
    ("disks", "disk", _disks),
    ("disks", "filesystem", _filesystems),
)
