"""How an image starts: its firmware, its boot loaders, their menus, the kernels.

Facts: extlinux.conf of syslinux' doc/menu.txt; the UAPI group's boot loader specification; GRUB's
manual (menuentry, linux); the UEFI specification 3.5.1.1 (names of what is started by default).
"""

import re
import struct
from collections.abc import Iterator, Sequence

from appliance.bundle.model import BIOS, UEFI
from appliance.inspection.catalogue import Catalogue
from appliance.inspection.installed import Ownership
from appliance.inspection.machine_facts import KernelFacts, MenuEntry, StartFacts
from appliance.inspection.places import SeenDisk
from appliance.intake.trees.limits import DamagedError
from appliance.units import KIB

ESPS = ("/boot/efi", "/efi", "/boot")
DEFAULT_LOADERS = re.compile(r"boot(x64|aa64|ia32|arm|riscv64|loongarch64)\.efi$", re.I)
# What a boot loader has in its code, and its name.
SAID = ((b"GRUB", "GRUB"), (b"systemd-boot", "systemd-boot"), (b"#### LoaderInfo: systemd-stub",
        "unified kernel image"), (b"shim", "shim"), (b"EXTLINUX", "extlinux"),
        (b"isolinux", "syslinux"))  # fmt: skip
CODE = 512 * KIB  # bytes of a disk, or of a loader, that are searched
MENUS = ("/boot/grub/grub.cfg", "/boot/grub2/grub.cfg")
EXTLINUX = ("/boot/extlinux/extlinux.conf", "/boot/syslinux/syslinux.cfg", "/extlinux.conf")
ENTRIES = ("/boot/loader/entries", "/boot/efi/loader/entries", "/efi/loader/entries")
UNIFIED = ("/boot/efi/EFI/Linux", "/efi/EFI/Linux", "/boot/EFI/Linux")
GRUB_ENTRY = re.compile(r"^\s*menuentry\s+(['\"])(.*?)\1", re.M)
GRUB_LINUX = re.compile(r"^\s*linux(?:16|efi)?\s+(\S+)[ \t]*(.*)$", re.M)
EXTLINUX_LINE = re.compile(r"^\s*(menu label|kernel|linux|append)\s+(.*)$", re.M | re.I)
KERNEL = re.compile(r"vmlinu[xz]-(.+)$")
MOST = 100  # entries of a menu
SECTION = struct.Struct("<8sIIII")


def start(image: Catalogue | None, disks: Sequence[SeenDisk], target: str) -> StartFacts:
    """How the *image* on *disks* starts; *target*: the unit that its system starts."""
    codes = [code for disk in disks if (code := _boot_code(disk))]
    loaders = [_named(code, "boot code") for code in codes]
    efi = list(_efi_files(image)) if image else []
    data = [_read(image, path) for path in efi] if image else []
    loaders += [f"{_named(each, 'EFI')} ({path})" for path, each in zip(efi, data, strict=True)]
    firmware = [BIOS] if codes else []
    firmware += [UEFI] if any(DEFAULT_LOADERS.search(path) for path in efi) else []
    return StartFacts(
        firmware=tuple(firmware),
        loaders=tuple(dict.fromkeys(loaders)),
        secure_boot=any(is_signed(each) for each in data),
        entries=tuple(_entries(image))[:MOST] if image else (),
        target=target,
    )


def kernels(image: Catalogue, owned: Ownership) -> tuple[KernelFacts, ...]:
    """The kernels in /boot and beside their modules, the newest version first."""
    found: dict[str, KernelFacts] = {}
    for path in (*(f"/boot/{name}" for name in image.listed("/boot")), *_in_modules(image)):
        said = KERNEL.search(path)
        version = said[1] if said else "" if path.startswith("/boot/") else path.split("/")[-2]
        if version and version not in found and image.stat(path):
            found[version] = KernelFacts(version, owned.name(image.real(path)),
                                         _initramfs(image, version))  # fmt: skip
    return tuple(sorted(found.values(), key=lambda each: _numbers(each.version), reverse=True))


def is_signed(efi: bytes) -> bool:
    """Whether a program for UEFI has a table of certificates (the PE format, Attribute Certificate
    Table)."""
    try:
        (at,) = struct.unpack_from("<I", efi, 60)
        (magic,) = struct.unpack_from("<H", efi, at + 24)
        tables = at + 24 + (112 if magic == 0x20B else 96)
        place, size = struct.unpack_from("<II", efi, tables + 4 * 8)
    except struct.error:
        return False
    return efi[at : at + 4] == b"PE\0\0" and place > 0 and size > 0


def _boot_code(disk: SeenDisk) -> bytes:
    """What a BIOS would start from the *disk*, with what is behind it; empty if there is nothing.
    GRUB's second part lies before the first partition, or in one of its own."""
    with disk.raw.open("rb") as file:
        head = file.read(CODE)
    code = head[:440]
    if not any(code) or head[510:512] != b"\x55\xaa":
        return b""
    first = min((part.start for part in disk.table.partitions), default=len(head))
    return head[:first] + b"".join(_parts_of_bios(disk))


def _parts_of_bios(disk: SeenDisk) -> Iterator[bytes]:
    for part in disk.table.partitions:
        if part.type.upper() == "21686148-6449-6E6F-744E-656564454649" or part.bootable:
            with disk.raw.open("rb") as file:
                file.seek(part.start)
                yield file.read(min(CODE, part.size))


def _named(code: bytes, unknown: str) -> str:
    return next((name for mark, name in SAID if mark in code), unknown)


def _efi_files(image: Catalogue) -> Iterator[str]:
    """The programs that UEFI may start."""
    seen: set[str] = set()
    for path, entry in image.by_path.items():
        place = next((each for each in ESPS if path.startswith(f"{each}/EFI/")), "")
        if place and path.lower().endswith(".efi") and entry.path not in seen and len(seen) < MOST:
            seen.add(entry.path)
            yield path


def _read(image: Catalogue, path: str) -> bytes:
    try:
        return image.tree.read(path, 4 * CODE)
    except DamagedError:
        return b""


def _entries(image: Catalogue) -> Iterator[MenuEntry]:
    for path in MENUS:
        yield from _of_grub(image.text(path), path)
    for path in EXTLINUX:
        yield from _of_extlinux(image.text(path), path)
    for directory in ENTRIES:
        for path, text in image.texts(directory, ".conf"):
            yield _of_specification(text, path)
    for directory in UNIFIED:
        for name in image.listed(directory):
            path = f"{directory}/{name}"
            arguments = _section(_read(image, path), b".cmdline")
            yield MenuEntry(name, path, arguments.strip("\0\n "), path)


def _of_grub(text: str, path: str) -> Iterator[MenuEntry]:
    pieces = GRUB_ENTRY.split(text)
    for title, body in zip(pieces[2::3], pieces[3::3], strict=False):
        if found := GRUB_LINUX.search(body):
            yield MenuEntry(title, found[1], found[2].strip(), path)


def _of_extlinux(text: str, path: str) -> Iterator[MenuEntry]:
    for block in re.split(r"^\s*label\s+", text, flags=re.M | re.I)[1:]:
        rows = EXTLINUX_LINE.findall(block)
        said = {word.lower(): value.strip() for word, value in rows}
        title = said.get("menu label", block.split("\n")[0].strip())
        kernel = said.get("linux", said.get("kernel", ""))
        yield MenuEntry(title, kernel, said.get("append", ""), path)


def _of_specification(text: str, path: str) -> MenuEntry:
    said: dict[str, list[str]] = {}
    for line in text.split("\n"):
        word, _, value = line.strip().partition(" ")
        said.setdefault(word, []).append(value.strip())
    title = "".join(said.get("title", [path.rpartition("/")[2]])[:1])
    kernel = "".join((said.get("linux") or said.get("efi") or said.get("uki") or [""])[:1])
    return MenuEntry(title, kernel, " ".join(said.get("options", ())), path)


def _section(efi: bytes, name: bytes) -> str:
    """The text of a section of a program for UEFI; empty if there is none."""
    try:
        (at,) = struct.unpack_from("<I", efi, 60)
        (count,) = struct.unpack_from("<H", efi, at + 6)
        (optional,) = struct.unpack_from("<H", efi, at + 20)
        for number in range(min(count, MOST)):
            said, size, _, raw, place = SECTION.unpack_from(efi, at + 24 + optional + number * 40)
            if said.rstrip(b"\0") == name:
                return efi[place : place + min(size, raw)].decode("utf-8", "replace")
    except struct.error:
        return ""
    return ""


def _in_modules(image: Catalogue) -> list[str]:
    places = ("/usr/lib/modules", "/lib/modules")
    return [f"{place}/{name}/vmlinuz" for place in places for name in image.listed(place)]


def _initramfs(image: Catalogue, version: str) -> str:
    names = f"initrd.img-{version}", f"initramfs-{version}.img", f"initrd-{version}"
    return next((f"/boot/{name}" for name in names if image.stat(f"/boot/{name}")), "")


def _numbers(version: str) -> tuple[tuple[int, str], ...]:
    """*version*, so that 6.12 comes after 6.9."""
    return tuple(
        (int(part), "") if part.isdigit() else (-1, part)
        for part in re.findall(r"[0-9]{1,18}|[^0-9]+", version)
    )
