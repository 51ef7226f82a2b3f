"""Run a script in the root's sandbox: the system's settings, and the author's own sections."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from appliance.errors import CommandError, Where
from appliance.steps.script_surroundings import (
    IMAGES,
    LIMIT,
    SCRIPT,
    SURROUNDINGS,
    WRAPPERS,
    pack,
    unpack,
    wrappers,
)
from appliance.work import Jail, Work
from appliance.work.results import Layer, LeftFiles

ROOM = 1 << 30  # bytes that the /tmp of a script may take


@dataclass(frozen=True)
class RunScript:
    """Change the tree by *body*, run by *interpreter*.

    *name* names the layer; *network*: the script may use the build host's; *outside*: it runs
    beside the root; *strict*: a failure ends the build; *log*: where in the root (or beside it,
    in /tmp) its output is kept. *where* is the line that the author wrote, *section* which kind
    of section it starts; empty: the script is our own.

    *files* are results of %pre that have to be there: a script beside the root finds those of the
    last in its /tmp. *devices* are what there is in /dev instead of disks, see work.Jail.
    """

    version: ClassVar[int] = 2
    name: str
    after: tuple[Layer, ...]
    body: str
    interpreter: str
    network: bool = False
    outside: bool = False
    strict: bool = True
    log: str = ""
    where: Where | None = None
    section: str = ""
    files: tuple[LeftFiles, ...] = ()
    devices: tuple[tuple[str, str], ...] = ()

    @property
    def repeatable(self) -> bool:
        """False with a network: nobody knows what it brings the next time."""
        return not self.network

    @property
    def takes(self) -> tuple[Layer | LeftFiles, ...]:
        """The layers below, and what scripts before them left."""
        return (*self.after, *self.files)

    @property
    def gives(self) -> Layer | LeftFiles:
        """A layer; of a %pre only what it left in /tmp."""
        return LeftFiles(self.name) if self.section == "pre" else Layer(self.name)

    def run(self, work: Work) -> None:
        """Run it; CommandError says where it stands and its last words."""
        with ExitStack() as stack:
            tmp = stack.enter_context(self._tmp(work)) if self.section else None
            said = self._run(work, self._jail(work, tmp))
            self._keep_log(work, tmp, said)
            if self.section == "pre" and tmp:
                made = work.scratch / "files.tar"
                pack(tmp, made, work.clock)
                work.results.keep(made)

    def _jail(self, work: Work, tmp: Path | None) -> Jail:
        if tmp is None:
            program = work.scratch / "script"
            program.write_text(self.body)
            program.chmod(0o700)
            return Jail(outside=self.outside, binds=((work.scratch, "/run/appliance"),))
        program = _clear(tmp / Path(SCRIPT).name)
        program.write_text(self.body)
        program.chmod(0o700)
        around = work.scratch / "around"
        wrappers(work.tree, around, outside=self.outside)
        return Jail(
            network=self.network,
            outside=self.outside,
            binds=((around, WRAPPERS),),
            writable=((tmp, "/tmp"),),
            devices=self.devices,
            limited=True,
        )

    def _run(self, work: Work, jail: Jail) -> str:
        program = SCRIPT if self.section else "/run/appliance/script"
        env = SURROUNDINGS[self.outside] if self.section else {}
        try:
            return work.jail.run([*self.interpreter.split(), program], jail=jail, env=env)
        except CommandError as error:
            ended = next((line for line in error.tail if line.startswith(LIMIT)), "")
            if self.strict or ended:
                problem = ended.removeprefix(LIMIT) or error.problem
                raise CommandError(
                    f"{self.title} {'was ended' if ended else 'failed'}: {problem}",
                    where=self.where,
                    tail=error.tail,
                    hint=self.advice,
                ) from error
            work.note(f"{self.where}: {self.title} failed, and the build went on: {error}")
            return "\n".join(error.tail) + "\n"

    @contextmanager
    def _tmp(self, work: Work) -> Iterator[Path]:
        """Lend the script's /tmp, of bounded size: beside the root with what %pre left, in it
        with what the root has there, which afterwards has what the script left."""
        with work.room(ROOM) as room:
            own = work.tree.root / "tmp"
            moved = work.scratch / "tmp.tar"
            room.chmod(0o1777)
            if self.outside:
                if self.files:
                    unpack(work.results.path(self.files[-1]), room)
            elif own.is_dir() and not own.is_symlink():
                pack(own, moved, work.clock)
                unpack(moved, room)
            yield room
            _clear(room / Path(SCRIPT).name)
            if not self.outside and own.is_dir() and not own.is_symlink():
                _replace(own, room, moved, work.clock)

    def _keep_log(self, work: Work, tmp: Path | None, said: str) -> None:
        """Write the log where the author wants it, parents and all, for root's eyes."""
        place = self.log_in_root()
        if place:
            work.tree.write(place, said, mode=0o600)
        elif tmp and self.outside and self.log.startswith("/tmp/"):
            target = tmp / self.log.removeprefix("/tmp/")
            parent = os.path.realpath(target.parent)  # raises nothing when links go in circles
            if Path(parent).is_relative_to(tmp.resolve()):
                self._write_log(target, said)

    def _write_log(self, target: Path, said: str) -> None:
        """Write it where a script may have left anything."""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _clear(target).write_text(said)
        except OSError as error:
            problem = f"--log={self.log} cannot be written: {error.strerror}"
            raise CommandError(problem, where=self.where) from error
        target.chmod(0o600)

    def log_in_root(self) -> str:
        """Where in the image the log goes; empty if a script beside it names another place."""
        if not self.outside:
            return self.log
        for image in IMAGES:
            if self.log.startswith(image):
                return self.log.removeprefix(image)
        return ""

    @property
    def title(self) -> str:
        """What people call it."""
        return f"%{self.section}" if self.section else f"the step '{self.name}'"

    @property
    def advice(self) -> str:
        """What to try when it fails."""
        if not self.section:
            return "the build log has every command"
        return "appliance build --shell, to look around where it failed"


def _clear(place: Path) -> Path:
    """Return *place*, with nothing there: a script may have left a link that leads to the host, a
    directory, or a pipe in which we would be stuck."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
    return place


def _replace(own: Path, room: Path, moved: Path, clock: int) -> None:
    """Give the root's /tmp what is in *room*, and nothing else."""
    before = moved.read_bytes() if moved.exists() else b""
    pack(room, moved, clock)
    if moved.read_bytes() == before:
        return
    for path in own.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    unpack(moved, own)
