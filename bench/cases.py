"""The builds that are measured: what each needs to find, and what it must not."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from scratch import Peak, Watch, disk_use
from timed import Run, run

SECTOR = 512
CHANGING = """%include {recipe}

%post --erroronfail
echo "line {line}" > /etc/bench
%end
"""


@dataclass(frozen=True)
class Bench:
    """Builds of *recipe* in *place*, with a store and an output directory of their own."""

    place: Path
    recipe: str
    options: tuple[str, ...] = ()

    @property
    def store(self) -> Path:
        """Where packages and metadata stay from round to round."""
        return self.place / "store"

    @property
    def output(self) -> Path:
        """Where the appliances appear."""
        return self.place / "out"

    @property
    def kickstarts(self) -> Path:
        """A copy of the recipe's directory, without locks: apt is asked, as mkosi asks it."""
        return self.place / "kickstarts"

    def prepare(self, kickstarts: Path) -> list[str]:
        """Have all packages, and current metadata; return the names of the packages."""
        self.place.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.kickstarts, ignore_errors=True)
        shutil.copytree(kickstarts, self.kickstarts, ignore=shutil.ignore_patterns("*.lock"))
        self._build(self.recipe, "--refresh")
        return self._manifest()

    def full(self) -> tuple[Run, Peak]:
        """(a) Everything, from packages and repository metadata that are there."""
        self._forget()
        watch = Watch(self.store / "drafts", self.output)
        return self._build(self.recipe, watch=watch), watch.peak()

    def script(self) -> Run:
        """(b) Again, after one line of a %post has changed."""
        self._write_changing()
        self._build("changing.ks")
        self._write_changing()
        return self._build("changing.ks")

    def other_format(self) -> Run:
        """(c) The same, as a raw disk."""
        return self._build(self.recipe, "--format=raw")

    def nothing(self) -> Run:
        """(d) The same again, when it is there already."""
        self._build(self.recipe)
        return self._build(self.recipe)

    def kept(self) -> int:
        """Bytes that the results of these builds take in the store."""
        return disk_use(self.store / "results")

    def _manifest(self) -> list[str]:
        """Names of the packages in the appliance."""
        name = Path(self.recipe).stem
        text = (self.output / name / f"{name}.packages.json").read_text()
        return [package["name"] for package in json.loads(text)["packages"]]

    def sources(self) -> str:
        """The repositories that were asked, in the words of sources.list(5)."""
        asked = max(self.store.glob("apt/*/asked"), key=lambda mark: mark.stat().st_mtime)
        return (asked.parent / "etc/sources.list").read_text()

    def installed_size(self) -> int:
        """Bytes that files take in the root filesystem: what df(1) would say in the guest."""
        self.other_format()
        name = Path(self.recipe).stem
        disk = self.output / name / f"{name}-sda.raw"
        table = json.loads(ask("sfdisk", "--json", str(disk)))["partitiontable"]
        root = max(table["partitions"], key=lambda part: part["size"])
        facts = dict(
            re.findall(
                r"^(.+?): +(\d+)$",
                ask("dumpe2fs", "-h", f"{disk}?offset={root['start'] * SECTOR}"),
                re.MULTILINE,
            )
        )
        blocks = int(facts["Block count"]) - int(facts["Free blocks"])
        return (blocks - int(facts["Overhead clusters"])) * int(facts["Block size"])

    def _build(self, recipe: str, *words: str, watch: Watch | None = None) -> Run:
        argv = [
            sys.executable, "-m", "appliance", "build", str(self.kickstarts / recipe),
            "--store", str(self.store), "--output", str(self.output), "--events=json",
            *self.options, *words,
        ]  # fmt: skip
        if watch is None:
            return run(argv, directory=self.place)
        with watch:
            return run(argv, directory=self.place, watch=watch.begin)

    def _forget(self) -> None:
        """Leave packages and metadata, take the rest: results, and what apt answered."""
        for path in (self.store / "results", self.output, *self.store.glob("apt/*/choices")):
            shutil.rmtree(path, ignore_errors=True)
        for mark in self.store.glob("apt/*/asked"):
            os.utime(mark)  # metadata counts as current for an hour: not to run out in a round

    def _write_changing(self) -> None:
        text = CHANGING.format(recipe=self.recipe, line=time.time_ns())
        (self.kickstarts / "changing.ks").write_text(text)


def ask(*argv: str) -> str:
    """What a tool prints."""
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    return subprocess.run(
        argv, check=True, capture_output=True, text=True, env={**os.environ, "PATH": path}
    ).stdout
