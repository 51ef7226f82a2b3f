"""Which Debian packages there are, and fetching them: with apt, in a state of our own.

Where they come from is what apt on this host is configured with; nothing is installed.
"""

import hashlib
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

SUITE = "trixie"
NEWER = "forky"  # its GRUB has the module that reads boot loader entries (upstream since 2.14)
FROM_NEWER = (
    "grub2-common grub-common grub-pc-bin grub-efi-amd64-bin grub-efi-amd64-unsigned "
    "libefivar1t64 libefiboot1t64"
)
NEVER = ("initramfs-tools", "dbus-daemon", "apparmor", "nano", "exim4-base")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
FRESH = 3600  # seconds for which an answer of apt is not asked for again

CONFIGURATION = """Dir "{place}/";
Dir::State "state"; Dir::State::status "status"; Dir::Cache "cache";
Dir::Etc "etc"; Dir::Etc::sourcelist "sources.list"; Dir::Etc::sourceparts "-";
APT::Architecture "amd64"; APT::Architectures {{ "amd64"; }};
APT::Install-Recommends "false"; APT::Sandbox::User "";
Acquire::Languages "none"; Acquire::Check-Valid-Until "false"; Acquire::ForceHash "SHA256";
"""
SOURCE = re.compile(r"^(?:URIs:\s*|deb\s+(?:\[[^]]*\]\s+)?)(https?://\S+)", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Wanted:
    """A package of a mirror, and how to know that it is the right one."""

    file: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        return self.file.partition("_")[0]

    @property
    def version(self) -> str:
        """With epoch and revision."""
        return self.file.split("_")[1].replace("%3a", ":")

    def is_at(self, path: Path) -> bool:
        """Whether *path* is that package."""
        if not path.exists() or path.stat().st_size != self.size:
            return False
        return hashlib.sha256(path.read_bytes()).hexdigest() == self.sha256


@dataclass(frozen=True)
class Debian:
    """Debian as apt knows it, with its state and all that was fetched in *place*."""

    place: Path

    @property
    def packages(self) -> Path:
        return self.place / "packages"

    def closure(self, seeds: Sequence[str]) -> tuple[Wanted, ...]:
        """All packages that installing *seeds* takes, in the order of their names.

        An answer is kept for FRESH seconds, and longer while there is no network.
        """
        text = " ".join((SUITE, NEWER, FROM_NEWER, *NEVER, *seeds))
        kept = self.place / f"closure-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
        if not kept.exists() or time.time() - kept.stat().st_mtime > FRESH:
            try:
                found = self._ask(seeds)
            except subprocess.CalledProcessError as error:
                if not kept.exists():
                    raise OSError(f"apt cannot say what there is: {error.stderr}") from error
                os.utime(kept)
            else:
                draft = kept.with_suffix(".part")
                draft.write_text(json.dumps([asdict(wanted) for wanted in found], indent=1))
                draft.replace(kept)
        return tuple(Wanted(**item) for item in json.loads(kept.read_text()))

    def _ask(self, seeds: Sequence[str]) -> list[Wanted]:
        self._configure()
        self._apt("update")
        # With packages fetched before at hand, apt would leave them out of its answer.
        with tempfile.TemporaryDirectory() as empty:
            (Path(empty) / "partial").mkdir()
            said = self._apt("install", "--print-uris", f"-oDir::Cache::archives={empty}", *seeds)
        found = re.findall(r"^'[^']+' (\S+) (\d+) SHA256:(\w+)", said, re.MULTILINE)
        return sorted(Wanted(file, int(size), digest) for file, size, digest in found)

    def fetch(self, seeds: Sequence[str], closure: Iterable[Wanted]) -> dict[str, Path]:
        """The files of a *closure* by the names of their packages, all of them verified."""
        closure = list(closure)
        if self._missing(closure):
            self._configure()
            (self.packages / "partial").mkdir(parents=True, exist_ok=True)
            self._apt(
                "install", "--download-only", f"-oDir::Cache::archives={self.packages}", *seeds
            )
            if missing := self._missing(closure):
                raise OSError(f"not fetched: {', '.join(missing)}")
        return {wanted.name: self.packages / wanted.file for wanted in closure}

    def _missing(self, closure: Sequence[Wanted]) -> list[str]:
        with ThreadPoolExecutor() as pool:
            good = pool.map(lambda wanted: wanted.is_at(self.packages / wanted.file), closure)
            return [
                wanted.file for wanted, is_good in zip(closure, good, strict=True) if not is_good
            ]

    def _configure(self) -> None:
        for name in ("etc/preferences.d", "state/lists/partial", "cache/archives/partial"):
            (self.place / name).mkdir(parents=True, exist_ok=True)
        mirror = host_mirror()
        sources = [f"deb [signed-by={KEYRING}] {mirror} {suite} main" for suite in (SUITE, NEWER)]
        (self.place / "etc/sources.list").write_text("\n".join(sources) + "\n")
        pins = [f"Package: *\nPin: release n={NEWER}\nPin-Priority: 50\n"]
        pins.append(f"Package: {FROM_NEWER}\nPin: release n={NEWER}\nPin-Priority: 995\n")
        pins += [f"Package: {name}\nPin: release *\nPin-Priority: -1\n" for name in NEVER]
        (self.place / "etc/preferences").write_text("\n".join(pins))
        (self.place / "status").write_text("")
        text = CONFIGURATION.format(place=self.place)
        (self.place / "apt.conf").write_text(_how_the_host_connects() + text)

    def _apt(self, *words: str) -> str:
        environment = {**os.environ, "APT_CONFIG": str(self.place / "apt.conf"), "LC_ALL": "C"}
        argv = ["apt-get", "-q", "-y", *words]
        return subprocess.run(
            argv, env=environment, check=True, capture_output=True, text=True
        ).stdout


def host_mirror() -> str:
    """The first mirror of Debian that apt on this host is configured with."""
    for path in sorted(Path("/etc/apt").rglob("*")):
        if path.suffix in (".sources", ".list"):
            for mirror in SOURCE.findall(path.read_text()):
                if "security" not in mirror:
                    return str(mirror)
    raise OSError("no mirror of Debian in /etc/apt")


def _how_the_host_connects() -> str:
    """Proxies and the like, in the words of the host's own configuration."""
    words = ["apt-config", "dump", "--no-empty", "Acquire"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout
