"""What is in the root of an image, read by debugfs: nothing is mounted, and no code is ours."""

import posixpath
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from appliance.units import SECTOR

UNITS = "/etc/systemd/system"


def ask(*words: str | Path) -> str:
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Tree:
    """An ext filesystem that begins at byte *start* of a disk."""

    disk: Path
    start: int = 1 << 20

    def _debugfs(self, request: str) -> str:
        return ask("debugfs", "-R", request, f"{self.disk}?offset={self.start}")

    def text(self, path: str) -> str:
        """A file's text, or that of the file to which a link points; empty if there is none."""
        if "Fast link dest:" in self._stat(path):
            path = posixpath.normpath(posixpath.join(path, "..", self.link(path)))
        return self._debugfs(f'cat "{path}"')

    def _stat(self, path: str) -> str:
        return self._debugfs(f'stat "{path}"')

    def exists(self, path: str) -> bool:
        return "Inode:" in self._stat(path)

    def mode(self, path: str) -> str:
        """As `stat -c '%u:%g %a'` says it."""
        said = self._stat(path)
        found = re.search(r"Mode:\s+(\d+).*?User:\s+(\d+)\s+Group:\s+(\d+)", said, re.DOTALL)
        assert found, f"there is no {path}"
        return f"{found[2]}:{found[3]} {int(found[1], 8):o}"

    def link(self, path: str) -> str:
        """Where a symbolic link points."""
        found = re.search(r'Fast link dest: "(.*)"', self._stat(path))
        assert found, f"{path} is no link"
        return found[1]

    def names(self, path: str) -> set[str]:
        """What is in a directory; nothing if there is none."""
        lines = [line.split("/") for line in self._debugfs(f'ls -p "{path}"').splitlines() if line]
        return {line[5] for line in lines if len(line) > 5} - {".", ".."}

    def enabled(self, unit: str) -> bool:
        """True if something that starts wants a unit (systemctl(1), enable)."""
        wanting = [name for name in self.names(UNITS) if name.endswith((".wants", ".requires"))]
        return any(unit in self.names(f"{UNITS}/{name}") for name in wanting)

    def entry(self, path: str, name: str) -> list[str]:
        """The fields of *name* in /etc/passwd and its like; none if it is not there."""
        lines = [line.split(":") for line in self.text(path).splitlines()]
        return next((fields for fields in lines if fields[0] == name), [])


def same_password(plain: str, hashed: str) -> bool:
    """True if openssl makes the same of *plain*, with the salt of a crypt(5) hash of SHA-512."""
    _, kind, salt, _ = hashed.split("$")
    return ask("openssl", "passwd", f"-{kind}", "-salt", salt, plain).strip() == hashed


def starts(disk: Path) -> list[int]:
    """Where each partition of a disk begins, in bytes, as sfdisk reads it."""
    said = ask("sfdisk", "--dump", disk)
    return [int(number) * SECTOR for number in re.findall(r"start=\s*(\d+)", said)]
