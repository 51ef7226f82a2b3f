"""Run the %pre scripts before the rest of a kickstart is read, and keep what they decide."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from appliance.errors import CommandError
from appliance.steps.run_script import ROOM, RunScript
from appliance.steps.script_surroundings import DISKS, FILES, TABLES, pack
from appliance.work import Jail, Work
from appliance.work.results import LeftFiles


@dataclass(frozen=True)
class RunBefore:
    """Run %pre scripts, one after the other, with the same /tmp and the same disks.

    *name*: the name of the result.
    *scripts*: the scripts, whose devices lead to the disks.
    *disks*: the names of the disks that they find, and their sizes in bytes. They are sparse files
        in memory, which are gone afterwards.
    """

    version: ClassVar[int] = 1
    name: str
    scripts: tuple[RunScript, ...]
    disks: tuple[tuple[str, int], ...]

    @property
    def takes(self) -> tuple[LeftFiles, ...]:
        """Nothing: this comes before everything else."""
        return ()

    @property
    def gives(self) -> LeftFiles:
        """The files that the scripts left in /tmp, and each disk's partition table, in JSON."""
        return LeftFiles(self.name)

    @property
    def repeatable(self) -> bool:
        """Whether no script has a network."""
        return all(script.repeatable for script in self.scripts)

    def run(self, work: Work) -> None:
        """Run the scripts, read the tables that they wrote, keep both.

        Raises CommandError for a script that fails as RunScript.run() does.
        """
        with work.room(ROOM) as room:
            tmp, disks, tables = (room / name for name in (FILES, "disks", TABLES))
            for place in (tmp, disks, tables):
                place.mkdir()
            tmp.chmod(0o1777)
            for name, size in self.disks:
                with (disks / name).open("wb") as file:
                    file.truncate(size)
            for script in self.scripts:
                script.run_before(work, tmp, ((disks, DISKS),))
            for name, _ in self.disks:
                (tables / f"{name}.json").write_text(_table(work, disks, name))
            shutil.rmtree(disks)
            made = work.scratch / "before.tar"
            pack(room, made, work.clock)
            work.results.keep(made)


def _table(work: Work, disks: Path, name: str) -> str:
    """Return the partition table of a disk, as `sfdisk --json` prints it; empty if it has none. It
    is read in the sandbox, for a stranger wrote it."""
    jail = Jail(outside=True, binds=((disks, DISKS),), limited=True)
    try:
        return work.jail.run(["sfdisk", "--json", f"{DISKS}/{name}"], jail=jail)
    except CommandError:
        return ""
