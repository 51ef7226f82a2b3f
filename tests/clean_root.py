"""A Debian that never saw this project: what every Debian has, with git and make.

It installs as this host does, from where this host does: apt's and pip's own settings are taken
along, so none has to be written down.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.boot.conftest import appliance

from appliance.host import sandbox

RECIPE = """\
repo --name=debian-{suite}
clearpart --all --initlabel --disklabel=gpt
part / --fstype=ext4 --size=2000
bootloader --location=none
%packages --nocore --excludedocs --exclude-weakdeps
apt
ca-certificates
git
make
%end
"""
APT = ("sources.list", "sources.list.d", "apt.conf.d", "trusted.gpg.d", "keyrings")
KEYRINGS = "/usr/share/keyrings"
NAMES = ("/etc/hosts", "/etc/resolv.conf")
INHERITED = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
             "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")  # fmt: skip
NO_DAEMONS = "#!/bin/sh\nexit 101\n"  # what packages bring is not started (deb-policy(7))
# As the first process of a namespace: the root $1 becomes / with the places $2 of the host in it.
ENTER = """\
import os, sys
from pathlib import Path
from appliance.host.sandbox import kernel
root, places, *argv = sys.argv[1:]
kernel.bind(root, root)
for path in ("/dev", "/sys", *filter(None, places.split(":"))):
    kernel.bind(path, root + path)
kernel.mount("proc", f"{root}/proc", "proc")
kernel.pivot(Path(root))
os.execvp(argv[0], argv)
"""


def make(place: Path, suite: str) -> Path:
    """Build it in *place* from Debian's *suite*; say where its root is."""
    recipe = place / "clean.ks"
    recipe.write_text(RECIPE.format(suite=suite))
    words = ("-q", "--format", "dir", "-o", place / "out", "--store", place / "store")
    built = appliance("build", recipe, *words)
    assert built.returncode == 0, built.stderr
    root = place / "out/clean/clean.root"
    for name in filter(lambda name: Path("/etc/apt", name).exists(), APT):
        _replace(Path("/etc/apt", name), root / "etc/apt" / name)
    shutil.copytree(KEYRINGS, f"{root}{KEYRINGS}", dirs_exist_ok=True)
    for name in NAMES:
        _replace(Path(name).resolve(), Path(f"{root}{name}"))
    refusal = root / "usr/sbin/policy-rc.d"
    refusal.write_text(NO_DAEMONS)
    refusal.chmod(0o755)
    return root


def suite() -> str:
    """The release of this host, as Debian calls it; empty if it is no Debian."""
    release = platform.freedesktop_os_release()
    return release.get("VERSION_CODENAME", "") if release["ID"] == "debian" else ""


def run(root: Path, script: str) -> subprocess.Popen[str]:
    """Start a shell *script* in *root*, with this host's network, devices and settings of pip."""
    pip = pip_settings()
    places = [path for path in paths_in(pip.values()) if Path(path).exists()]
    for path in places:
        _mount_point(Path(path), Path(f"{root}{path}"))
    argv = [sys.executable, "-c", ENTER, str(root), ":".join(places), "sh", "-euc", script]
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8"}
    return subprocess.Popen(
        sandbox.in_namespace(argv), env={**clean, **kept, **pip}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def pip_settings() -> dict[str, str]:
    """What this host tells pip, in files and otherwise, as variables (pip's "Configuration")."""
    asked = [sys.executable, "-m", "pip", "config", "list"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^(?:global|install|:env:)\.([\w-]+)='(.*)'$", said, re.MULTILINE)
    return {f"PIP_{key.upper().replace('-', '_')}": value for key, value in found}


def paths_in(values: Iterable[str]) -> list[str]:
    """Files and directories of this host that settings name; beside an index are its files."""
    words = [word.rstrip("/") for value in values for word in value.split()]
    near = [str(Path(word[7:]).parent) for word in words if word.startswith("file:///")]
    return sorted({*near, *(word for word in words if word.startswith("/"))})


def _mount_point(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        target.mkdir(exist_ok=True)
    else:
        target.touch()


def _replace(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy(source, target)
