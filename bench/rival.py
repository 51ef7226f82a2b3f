"""mkosi's disk image of the same packages, from the same repositories."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from timed import Run, run

OLDEST = 26
# mkosi boots disks by systemd-boot and a unified kernel image unless told otherwise, and takes
# both from this package; GRUB, as the AOS has it, would need more packages in the image.
BOOT_LOADER = "systemd-boot-efi"
CONFIGURATION = """[Distribution]
Distribution=debian
Release={release}

[Output]
Format=disk
OutputDirectory=out

[Content]
Bootable=yes
Bootloader=systemd-boot
WithDocs=no
WithRecommends=no
Packages=
{packages}

[Build]
Incremental=no
CacheOnly=metadata
CacheDirectory=cache
PackageCacheDirectory=packages
SandboxTrees=sandbox
{workspace}
"""


@dataclass
class Rival:
    """A mkosi that can be run; *place* is set by prepare().

    *workspace*: where it puts the image together, if not where it likes.
    """

    program: str
    name: str
    workspace: Path | None = None
    place: Path = field(default_factory=Path)

    def prepare(self, place: Path, packages: list[str], sources: str) -> None:
        """Describe the image in *place*; build it once, so that packages and metadata are there.

        *sources* are lines of sources.list(5).
        """
        self.place = place
        apt = place / "sandbox/etc/apt"
        for directory in (apt / "sources.list.d", place / "cache", place / "packages"):
            directory.mkdir(parents=True, exist_ok=True)
        (apt / "sources.list").write_text(sources)
        (apt / "sources.list.d/mkosi.sources").write_text("")  # else mkosi adds its own
        (place / "mkosi.conf").write_text(configuration(packages, sources, self.workspace))
        self._build("--cache-only=never")

    def build(self) -> Run:
        """Everything, from packages and repository metadata that are there."""
        return self._build()

    def _build(self, *words: str) -> Run:
        shutil.rmtree(self.place / "out", ignore_errors=True)
        (self.place / "out").mkdir()
        argv = [self.program, "--directory", str(self.place), *words, "build"]
        return run(argv, directory=self.place)


def configuration(packages: list[str], sources: str, workspace: Path | None) -> str:
    """The text of mkosi.conf; the release is that of the first of *sources*."""
    words = [word for word in re.sub(r"\[.*?\]", "", sources).split() if word != "deb"]
    names = "\n".join(f"    {name}" for name in sorted({*packages, BOOT_LOADER}))
    line = f"WorkspaceDirectory={workspace}" if workspace else ""
    return CONFIGURATION.format(release=words[1], packages=names, workspace=line)


def find(workspace: Path | None) -> tuple[Rival | None, str]:
    """$MKOSI or the one on PATH; or why there is none to be measured."""
    program = os.environ.get("MKOSI") or shutil.which("mkosi")
    if not program or not shutil.which(program):
        return None, f"no mkosi on PATH, none in $MKOSI: it takes version {OLDEST} or later"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"(\d+)", said.stdout)
    if not number or int(number.group(1)) < OLDEST:
        return None, f"{program} is {said.stdout.strip() or 'broken'}: it takes {OLDEST} or later"
    name = said.stdout.strip() + (f" working in {workspace}" if workspace else "")
    return Rival(program, name, workspace), ""
