"""The texts of /etc/fstab and /etc/crypttab: every volume by UUID (fstab(5), crypttab(5))."""

from appliance.filesystem_facts import facts
from appliance.layout.contents import Content, contents, early
from appliance.layout.storage import Encrypted, Storage, Swap
from appliance.recipe.volumes import MemoryVolume
from appliance.units import MIB

ATTACH = ",x-initrd.attach"


def fstab(storage: Storage) -> str:
    """Write the table: by mount point, swap last."""
    lines = ["# Made by appliance-tools from the kickstart's storage commands; see fstab(5)."]
    everything = contents(storage)
    mounted = {one.mount_point: _mounted(one) for one in everything if one.mount_point}
    mounted |= {one.mount_point: _in_memory(one) for one in storage.in_memory}
    lines += [mounted[mount_point] for mount_point in sorted(mounted)]
    for content in everything:
        if isinstance(content.held, Swap):
            options = content.mount_options or "defaults"
            lines.append(f"{content.source} none swap {options} 0 0")
    return "\n".join(lines) + "\n"


def _mounted(content: Content) -> str:
    kind = facts(content.held.kind)
    options = content.mount_options or kind.mount_options
    if kind.read_only and "ro" not in options.split(","):
        options += ",ro"
    if content.subvolume:
        own = "" if options == "defaults" else f",{options}"
        options = f"subvol={content.subvolume.name}{own}"
    check = 0 if not kind.checked else 1 if content.mount_point == "/" else 2
    return f"{content.source} {content.mount_point} {kind.mounted_as} {options} 0 {check}"


def _in_memory(volume: MemoryVolume) -> str:
    size = f",size={volume.size // MIB}m" if volume.size else ""
    return f"tmpfs {volume.mount_point} tmpfs {volume.mount_options or 'defaults'}{size} 0 0"


def crypttab(storage: Storage, *, attach: str = ATTACH) -> str:
    """Write the table of encrypted volumes; empty if there are none.

    What is needed for / is opened in the initramfs: *attach* are the options that say so.
    """
    opened: dict[str, tuple[Encrypted, bool]] = {}
    needed = early(storage)
    for content in contents(storage):
        soon = content in needed
        for one in content.containers:
            opened[one.uuid] = (one, soon or opened.get(one.uuid, (one, False))[1])
    return "".join(
        f"{one.name} UUID={one.uuid} none luks,discard{attach if soon else ''}\n"
        for one, soon in opened.values()
    )


def layout_arguments(storage: Storage) -> tuple[str, ...]:
    """The kernel's arguments without which the root would not be found (dracut.cmdline(7))."""
    needed: list[str] = []
    for content in early(storage):
        if content.hibernation and not any(word.startswith("resume=") for word in needed):
            needed.append(f"resume={content.source}")
        if content.mount_point == "/" and content.subvolume:
            needed.append(f"rootflags=subvol={content.subvolume.name}")
        needed += [f"rd.luks.uuid={one.name}" for one in content.containers]
        if content.logical:
            needed.append(f"rd.lvm.lv={content.logical}")
    return tuple(dict.fromkeys(needed))
