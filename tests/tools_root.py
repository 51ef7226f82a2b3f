"""A small root file system with tools, of copies of this host's own programs."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

PROGRAMS = (
    "sh cat ls env pwd id touch cp rm mkdir find xargs sort tar gzip zstd test true date echo "
    "apt-get apt-cache apt-config gpgv dpkg dpkg-deb mke2fs debugfs mkfs.vfat mcopy mmd sfdisk "
    "grub-mkimage "
    "sed grep cut tr mktemp chmod readlink cmp basename dirname head tail stat "  # for apt-key
)
TREES = ("usr/lib/apt/methods", "usr/lib/apt/apt-helper", "usr/lib/grub/i386-pc",
         "usr/lib/grub/x86_64-efi", "usr/bin/apt-key", "usr/lib/locale/C.utf8",
         "usr/share/dpkg")  # fmt: skip
GCONV = ("gconv-modules", "gconv-modules.cache", "gconv-modules.d/*", "IBM850.so")  # for mtools
MARK = "usr/share/of-the-tools"
MKE2FS = '#!/bin/sh\n/usr/bin/cat /usr/share/of-the-tools\nexec /usr/lib/mke2fs "$@"\n'


def make(root: Path) -> None:
    """Make one at *root*, as of Debian; its mke2fs says where it is from."""
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    found = [shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") for name in PROGRAMS.split()]
    for path in filter(None, found):
        copy(path, root)
    for name in filter(lambda name: Path("/", name).exists(), TREES):
        shutil.copytree(f"/{name}", root / name) if Path("/", name).is_dir() else copy(name, root)
    for name in GCONV:
        for path in Path("/usr").glob(f"lib*/**/gconv/{name}"):
            copy(str(path), root)
    for path in libraries(str(path) for path in root.rglob("*") if path.is_file()):
        copy(path, root)
    (root / "usr/sbin/mke2fs").rename(root / "usr/lib/mke2fs")
    (root / "usr/sbin/mke2fs").write_text(MKE2FS)
    (root / "usr/sbin/mke2fs").chmod(0o755)
    (root / MARK).write_text("of the tools\n")
    (root / "etc").mkdir()
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/os-release").write_text("ID=debian\n")
    (root / "etc/nsswitch.conf").write_text("hosts: files dns\n")


def copy(path: str, root: Path) -> None:
    """Copy a file of this host to where it is after / and /usr are merged."""
    merged = re.sub(r"^/?(usr/)?", "usr/", path)
    (root / merged).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path("/", path).resolve(), root / merged)


def libraries(files: Iterable[str]) -> set[str]:
    said = subprocess.run(["ldd", *files], capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"(?:=> |^\s+)(/\S+) \(0x", said, re.MULTILINE))
