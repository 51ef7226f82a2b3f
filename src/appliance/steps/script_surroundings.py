"""What the author's scripts find around them, which is what they would find in an installer."""

import tarfile
from collections.abc import Mapping
from pathlib import Path

from appliance.work import RootTree

IMAGES = ("/mnt/sysimage/", "/mnt/sysroot/")  # where a script beside the root finds it
SCRIPT = "/tmp/ks-script"
SHOWN = "/mnt/files"  # what scripts beside the root see of the author's own files
WRAPPERS = "/run/appliance"  # first in PATH
LIMIT = "appliance: ended: "  # what the jail's first process says when it ends a script
PATH = f"{WRAPPERS}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SURROUNDINGS: Mapping[bool, Mapping[str, str]] = {  # by whether the script runs beside the root
    False: {"PATH": PATH, "LC_ALL": "C"},
    True: {"PATH": PATH, "LC_ALL": "C", "ANA_INSTALL_PATH": "/mnt/sysimage"},
}
# Scripts take away what an installer had mounted; here the sandbox takes it away itself.
UMOUNT = """\
#!/bin/sh
ours=yes
for word; do
    case $word in
    -*) ;;
    /proc* | /sys* | /dev* | /run* | /tmp | /mnt/sysimage* | /mnt/sysroot*) ;;
    *) ours= ;;
    esac
done
if [ "$#" -gt 0 ] && [ "$ours" ]; then
    echo "umount: $*: goes away with the script" >&2
    exit 0
fi
PATH=${PATH#*:}
exec umount "$@"
"""
# "uname -r" is asked for the kernel that the image will run.
UNAME = """\
#!/bin/sh
PATH=${PATH#*:}
said=$(uname "$@") || exit
case " $*" in
*" -"*[ra]* | *" --kernel-release"* | *" --all"*)
    host=$(uname -r)
    case $said in *"$host"*) said="${said%%"$host"*}RELEASE${said#*"$host"}" ;; esac
    ;;
esac
printf '%s\\n' "$said"
"""

# The disks of a %pre are files, which dd would cut off; no kernel and no daemon wants to hear of
# them.
DD = """\
#!/bin/sh
PATH=${PATH#*:}
case " $* " in *" of=/dev/"*) exec dd "$@" conv=notrunc ;; esac
exec dd "$@"
"""
NOTHING = "#!/bin/sh\nexit 0\n"
BLOCKDEV = """\
#!/bin/sh
for word; do disk=$word; done
case " $* " in
*" --getsize64 "*) exec stat -L -c %s "$disk" ;;
*" --getsz "* | *" --getsize "*) echo $(($(stat -L -c %s "$disk") / 512)) ;;
*" --getss "* | *" --getpbsz "*) echo 512 ;;
esac
"""
# Anaconda's own: the name of each disk, and its MiB.
LIST_HARDDRIVES = """\
#!/bin/sh
for disk in DISKS/*; do
    [ -f "$disk" ] && echo "${disk##*/} $(($(stat -c %s "$disk") / 1048576)).0"
done
"""
FILES, TABLES = "files", "tables"  # directories in what the %pre scripts leave
DISKS = "/run/disks"  # where a %pre finds its disks, to which names in /dev lead
BEFORE = {
    **dict.fromkeys(("partprobe", "partx", "udevadm"), NOTHING),
    "blockdev": BLOCKDEV,
    "dd": DD,
    "list-harddrives": LIST_HARDDRIVES.replace("DISKS", DISKS),
}  # the programs of an installer that a %pre calls


def wrappers(
    tree: RootTree, place: Path, *, outside: bool, more: Mapping[str, str] | None = None
) -> None:
    """Write the programs that come first in a script's PATH to the directory *place*: umount, for a
    script in the root uname, which states the release of the image's kernel, and *more*, as texts
    by their names."""
    place.mkdir(exist_ok=True)
    programs = {"umount": UMOUNT, **(more or {})}
    release = "" if outside else only_kernel(tree)
    if release:
        programs["uname"] = UNAME.replace("RELEASE", release)
    for name, text in programs.items():
        (place / name).write_text(text)
        (place / name).chmod(0o755)


def only_kernel(tree: RootTree) -> str:
    """The release of the image's kernel; empty if it has none, or more than one."""
    modules = tree.inside("/lib/modules")
    found = [place.name for place in modules.iterdir()] if modules.is_dir() else []
    plain = all(letter.isalnum() or letter in "._+~-" for letter in "".join(found))
    return found[0] if len(found) == 1 and plain else ""


def pack(directory: Path, archive: Path, clock: int) -> None:
    """Write all that is in *directory* to the tar file *archive*, with no time later than *clock*;
    the same files give the same bytes."""

    def dated(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.mtime = min(int(member.mtime), clock)
        member.uname = member.gname = ""
        return member

    with tarfile.open(archive, "w", format=tarfile.GNU_FORMAT) as tar:
        for path in sorted(directory.iterdir()):
            tar.add(path, path.name, filter=dated)


def unpack(archive: Path, directory: Path, *, within: str = "") -> None:
    """Unpack the tar file *archive*, which pack() wrote, into *directory*; if *within* is given,
    only what is in that directory of the archive."""
    start = f"{within}/" if within else ""
    with tarfile.open(archive) as tar:
        taken = [member for member in tar.getmembers() if member.name.startswith(start)]
        for member in taken:
            member.name = member.name.removeprefix(start)
            if member.islnk():
                member.linkname = member.linkname.removeprefix(start)
        tar.extraction_filter = lambda member, path: member  # we wrote it, modes and all
        tar.extractall(directory, taken, numeric_owner=True)
