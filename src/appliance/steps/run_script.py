"""Run a script in the sandbox on the root: for the system's settings, and the author's sections."""

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from appliance.errors import CommandError, Where
from appliance.recipe.secrets import without_texts
from appliance.steps.script_surroundings import (
    BEFORE,
    FILES,
    IMAGES,
    LIMIT,
    SCRIPT,
    SHOWN,
    SURROUNDINGS,
    WRAPPERS,
    pack,
    unpack,
    wrappers,
)
from appliance.work import Jail, Work
from appliance.work.results import Layer, LeftFiles

NO_FILE = os.strerror(errno.ENOENT)
LOOKING = "--files DIR: scripts beside the image see only such directories of this machine"
ROOM = 1 << 30  # bytes that the /tmp of a script may take


@dataclass(frozen=True)
class RunScript:
    """Change the root tree by running one script.

    *name*: the name of the layer that the step gives.
    *after*: the layers that are in the root before.
    *body*: the text of the script.
    *interpreter*: the program that runs it, with its arguments.
    *network*: which network the script has, as work.Jail has it.
    *outside*: whether it runs beside the root, with the tools' programs, rather than in it.
    *strict*: whether its failure ends the build.
    *log*: the file in the root (or beside it, in /tmp) that gets its output; empty: none does.
    *where*: the line of the kickstart that the author wrote; None for a script of ours.
    *section*: the kind of section that it is (pre, post, ...); empty for a script of ours.
    *files*: what the %pre scripts left, which a script beside the root finds in its /tmp.
    *devices*: what it finds in /dev instead of disks, as work.Jail has it.
    *variables*: what it finds in its environment besides, as (name, value).
    *secrets*: further names there, each with the fingerprint of a value that no step holds.
    *shown*: the digests of the author's own directories that it sees if it runs beside the root.
    *called*: the names by which it calls these directories, too.
    *programs*: programs that come before the image's own, as (name, text).
    """

    version: ClassVar[int] = 3
    name: str
    after: tuple[Layer, ...]
    body: str
    interpreter: str
    network: str = ""
    outside: bool = False
    strict: bool = True
    log: str = ""
    where: Where | None = None
    section: str = ""
    files: tuple[LeftFiles, ...] = ()
    devices: tuple[tuple[str, str], ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()
    shown: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    programs: tuple[tuple[str, str], ...] = ()

    @property
    def repeatable(self) -> bool:
        """Whether the script runs without a network: nobody knows what that brings next time."""
        return not self.network

    @property
    def takes(self) -> tuple[Layer | LeftFiles, ...]:
        """The layers that are in the root before, and the files that %pre scripts left."""
        return (*self.after, *self.files)

    @property
    def gives(self) -> Layer:
        """The layer that the script makes."""
        return Layer(self.name)

    def run(self, work: Work) -> None:
        """Run the script, and keep its log.

        Raises CommandError, with the line of the kickstart and the script's last output, if it
        fails and is strict, or if it was ended because it took too much.
        """
        with ExitStack() as stack:
            tmp = stack.enter_context(self._tmp(work)) if self.section else None
            said = self._run(work, self._jail(work, tmp))
            self._keep_log(work, tmp, said)

    def run_before(self, work: Work, tmp: Path, writable: tuple[tuple[Path, str], ...]) -> None:
        """Run the script of a section with the directory *tmp* as its /tmp; it may also write to
        the directories *writable*, each with its place inside. Raises what run() does."""
        jail = self._jail(work, tmp)
        said = self._run(work, replace(jail, writable=(*jail.writable, *writable)))
        self._keep_log(work, tmp, said)
        _clear(tmp / Path(SCRIPT).name)

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
        more = {**(BEFORE if self.section == "pre" else {}), **dict(self.programs)}
        wrappers(work.tree, around, outside=self.outside, more=more)
        binds = [(around, WRAPPERS)]
        if self.shown:
            binds.append((work.own_files.show(self.shown, also=self.called), SHOWN))
        return Jail(
            network=self.network,
            outside=self.outside,
            binds=tuple(binds),
            writable=((tmp, "/tmp"),),
            devices=self.devices,
            directory=SHOWN if self.shown else "/",
            limited=True,
            secrets=tuple(self._secrets(work).items()),
        )

    def _run(self, work: Work, jail: Jail) -> str:
        program = SCRIPT if self.section else "/run/appliance/script"
        env = {**SURROUNDINGS[self.outside], **dict(self.variables)} if self.section else {}
        try:
            said = work.jail.run([*self.interpreter.split(), program], jail=jail, env=env)
            if missed := self._missed(said.splitlines()):
                work.note(f"{self.where}: {self.title} went on after '{missed}': {LOOKING}")
            return self._masked(work, said)
        except CommandError as error:
            ended = next((line for line in error.tail if line.startswith(LIMIT)), "")
            if self.strict or ended:
                problem = ended.removeprefix(LIMIT) or error.problem
                raise CommandError(
                    f"{self.title} {'was ended' if ended else 'failed'}: {problem}",
                    where=self.where,
                    tail=error.tail,
                    hint=self.advice(error.tail),
                ) from error
            tried = f"\n  try: {LOOKING}" if self._missed(error.tail) else ""
            work.warn(f"{self.title} failed, and the build went on: {error}{tried}", self.where)
            return self._masked(work, "\n".join(error.tail) + "\n")

    def _secrets(self, work: Work) -> dict[str, str]:
        return {name: work.secret(name) for name, _ in self.secrets}

    def _masked(self, work: Work, said: str) -> str:
        """What the script *said*, with the names of secrets in their place."""
        return without_texts(said, {f"${{{n}}}": text for n, text in self._secrets(work).items()})

    @contextmanager
    def _tmp(self, work: Work) -> Iterator[Path]:
        """Lend a directory of bounded size for the script's /tmp. A script beside the root finds
        there what %pre left; a script in the root finds what the root's /tmp holds, and what it
        leaves becomes the content of the root's /tmp."""
        with work.room(ROOM) as room:
            own = work.tree.root / "tmp"
            moved = work.scratch / "tmp.tar"
            room.chmod(0o1777)
            if self.outside:
                if self.files:
                    unpack(work.results.path(self.files[-1]), room, within=FILES)
            elif own.is_dir() and not own.is_symlink():
                pack(own, moved, work.clock)
                unpack(moved, room)
            yield room
            _clear(room / Path(SCRIPT).name)
            if not self.outside and own.is_dir() and not own.is_symlink():
                _replace(own, room, moved, work.clock)

    def _keep_log(self, work: Work, tmp: Path | None, said: str) -> None:
        """Write the log where the author wants it, with the directories above it, for root only."""
        place = self.log_in_root()
        if place:
            work.tree.write(place, said, mode=0o600)
        elif tmp and self.outside and self.log.startswith("/tmp/"):
            target = tmp / self.log.removeprefix("/tmp/")
            parent = os.path.realpath(target.parent)  # raises nothing when links go in circles
            if Path(parent).is_relative_to(tmp.resolve()):
                self._write_log(target, said)

    def _write_log(self, target: Path, said: str) -> None:
        """Write the output *said* to *target*, whatever the script may have left there.

        Raises CommandError if that is not possible.
        """
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
        """What errors and notes call the script: its section, or the name of our step."""
        return f"%{self.section}" if self.section else f"the step '{self.name}'"

    def _missed(self, said: Sequence[str]) -> str:
        """The first line of what the author's script *said* that tells of a file that is not there:
        beside the root, it may have been one of this machine. Empty if there is none."""
        if not (self.outside and self.section):
            return ""
        return next((line for line in said if NO_FILE in line), "")

    def advice(self, said: Sequence[str]) -> str:
        """What to try when the script, which *said* this at last, fails: the hint of an error."""
        if not self.section:
            return "the build log has every command"
        if self._missed(said):
            return LOOKING
        return "appliance build --shell, to look around where it failed"


def _clear(place: Path) -> Path:
    """Remove what is at *place*, and return *place*: a script may have left a link that leads to
    the host, a directory, or a pipe in which we would be stuck."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
    return place


def _replace(own: Path, room: Path, moved: Path, clock: int) -> None:
    """Make the content of the root's /tmp, *own*, that of *room*; *moved* is a tar file of what
    *own* held before, if it held anything."""
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
