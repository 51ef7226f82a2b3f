"""What a running step may ask of the world (appliance.work.Work), as this machine provides it."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from appliance.engine.brought import BroughtFiles
from appliance.engine.inside import OwnJail, OwnMachine
from appliance.engine.order import SCRIPT_SECONDS, Source
from appliance.engine.shown_tree import ShownTree
from appliance.engine.tree import Tree
from appliance.errors import Where
from appliance.events import Emit, Noted, Progress, ToolSaid, warned
from appliance.host import command, probe, rooted, sandbox, trees
from appliance.layout.identity import stable_uuid
from appliance.recipe.secrets import without_texts
from appliance.store.results import DATA, Store
from appliance.store.warnings import keep_warning
from appliance.work import Builder
from appliance.work.results import PASSING, Result


@dataclass(frozen=True)
class KeptResults:
    """The files of the results that a step takes and makes, as appliance.work.Results.

    *store*: where results of earlier steps are kept.
    *digests*: the digest of every result, under which it is kept.
    *gives*: the result that the step makes.
    *draft*: the directory in which it is made.
    *passing*: the directory with those results that the store does not hold.
    """

    store: Store
    digests: Mapping[Result, str]
    gives: Result
    draft: Path
    passing: Path

    def path(self, result: Result) -> Path:
        """Return where the file of *result* is: in the draft if the step makes it, else in the
        store, or on the workbench if the store does not hold such results."""
        if result == self.gives:
            return self.draft / DATA
        if isinstance(result, PASSING):
            return self.passing / self.digests[result] / DATA
        return self.store.data(self.digests[result])

    def keep(self, made: Path) -> None:
        """Move the scratch file *made* to the draft of the step's result."""
        trees.move(made, self.path(self.gives))


@dataclass(frozen=True)
class KeptPackages:
    """The package files, as appliance.work.Packages; *place* is the store's directory of them."""

    place: Path

    def find(self, sha256: str) -> Path:
        """Return where the .rpm or .deb file with the digest *sha256* is."""
        rpm = self.place / f"{sha256}.rpm"
        return rpm if rpm.exists() else rpm.with_suffix(".deb")


@dataclass(frozen=True)
class Hands:
    """What one running step may ask of the world, as appliance.work.Work.

    *clock*: the moment of the build, in seconds since 1970.
    *cores*: how many programs or threads may usefully run at once.
    *gives*: the result that the step makes.
    *digests*: the digest of every result of the plan.
    *scratch*: the directory for the step's own files.
    *draft*: the directory in which the result is made.
    *passing*: the directory with those results that the store does not hold.
    *layers*: the root tree of the image.
    *emit*: sends an event to whoever is watching.
    *tools*: the root whose programs do the work; empty: this machine's.
    *script_seconds*: how long each of the author's scripts may run.
    *secrets*: the passphrases of encrypted volumes, by their sources, and the values of secret
        variables, by ${NAME}.
    *sources*: where the author's own files are.
    *shown*: the directory, on disk, for copies of what scripts see of them.
    *builder*: what tells of this machine, where it stands in a file.
    """

    clock: int
    cores: int
    gives: Result
    digests: dict[Result, str]
    scratch: Path
    draft: Path
    passing: Path
    layers: Tree
    emit: Emit
    tools: str = ""
    script_seconds: int = SCRIPT_SECONDS
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    sources: Sequence[Source] = ()
    shown: Path = Path()
    builder: Builder = field(default_factory=Builder)

    @property
    def identity(self) -> str:
        """A UUID that is derived from the digest of the step."""
        return stable_uuid(self.digests[self.gives])

    @property
    def results(self) -> KeptResults:
        """The files of the results that the step takes, and of the one that it makes."""
        return KeptResults(self.layers.store, self.digests, self.gives, self.draft, self.passing)

    @property
    def packages(self) -> KeptPackages:
        """The package files, which are in the store."""
        return KeptPackages(self.layers.store.packages)

    @property
    def own_files(self) -> BroughtFiles:
        """What copies and shows the author's own files."""
        return BroughtFiles(self.sources, self.layers, self.shown, self.clock)

    @property
    def tree(self) -> ShownTree:
        """The root tree, with the layers that the step takes."""
        return ShownTree(self.layers, self.scratch, self.clock, self.run, self.note)

    @property
    def jail(self) -> OwnJail:
        """What runs programs in a sandbox on the root tree."""
        return OwnJail(
            self.layers, self.clock, self.tools, self.script_seconds, self._said, self.note
        )

    @property
    def machine(self) -> OwnMachine:
        """What boots the kernel of the root tree."""
        return OwnMachine(self.layers, self.clock, self.tools, self.scratch, self._said)

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Run a tool of the host, or of the root *tools*; return what it printed, whose lines
        become events too. Raises CommandError if it fails."""
        words = argv
        if self.tools:
            words = sandbox.in_tools(argv, self.tools, places=(self.layers.store.place,))
        now = {"SOURCE_DATE_EPOCH": str(self.clock)}
        return command.run(
            words, stdin=stdin, env={**now, **(env or {})}, on_line=self._said, name=str(argv[0])
        )

    def tool_file(self, path: str) -> Path:
        """Return the file *path* of the root that tools come from, following links inside it."""
        return rooted.find(Path(self.tools or "/"), path)

    def run_together(self, commands: Sequence[Sequence[str | Path]]) -> None:
        """Run several tools, as many at once as there are cores; raise the CommandError of the
        first that failed."""
        with ThreadPoolExecutor(self.cores) as pool:
            for _ in pool.map(self.run, commands):
                pass

    @contextmanager
    def room(self, size: int) -> Iterator[Path]:
        """Lend a tmpfs of at most *size* bytes, and of at most half of the memory that is free."""
        place = self.scratch / "room"
        place.mkdir()
        half = probe.memory_available() // 2
        sandbox.mount_draft(place, in_memory=True, size=min(size, half))
        try:
            yield place
        finally:
            sandbox.lift(place)

    def place(self, made: Path, disk: Path, start: int) -> None:
        """Move the data of *made* into *disk*, from its byte *start* on, freeing each block of
        *made* once it is moved."""
        trees.move_into(made, disk, start)

    def secret(self, name: str) -> str:
        """Return the value of the secret variable *name*, which the worker was told apart from the
        plan."""
        return self.secrets[f"${{{name}}}"]

    def passphrase(self, source: str, where: Where) -> str:
        """Return the passphrase from *source*, which the worker was told apart from the plan."""
        return self.secrets[source]

    def progress(self, done: int, total: int, unit: str) -> None:
        """Send an event that *done* of *total* of the step is done."""
        self.emit(Progress(str(self.gives), done, total, unit))

    def note(self, text: str) -> None:
        """Send an event with *text*, which the author of the appliance should know."""
        self.emit(Noted(text))

    def warn(self, text: str, where: Where | None) -> None:
        """Send an event with *text*, which went wrong at *where*, and keep *text* with the
        result."""
        keep_warning(self.draft, without_texts(text, self.secrets))
        self.emit(warned(text, where))

    def _said(self, line: str) -> None:
        self.emit(ToolSaid(str(self.gives), line))
