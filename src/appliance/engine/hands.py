"""The hands of a running step: appliance.work.Work, on this machine."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from appliance.engine.inside import OwnJail, OwnMachine
from appliance.engine.order import SCRIPT_SECONDS
from appliance.engine.shown_tree import ShownTree
from appliance.engine.tree import Tree
from appliance.errors import Where
from appliance.events import Emit, Noted, Progress, ToolSaid
from appliance.host import command, probe, rooted, sandbox, trees
from appliance.layout.identity import stable_uuid
from appliance.store.results import DATA, Store
from appliance.work.results import PASSING, Result


@dataclass(frozen=True)
class KeptResults:
    """See appliance.work.Results; *draft* is where the result *gives* is to be, *digests* those
    before it. *passing* holds the directories of results that are in no store."""

    store: Store
    digests: Mapping[Result, str]
    gives: Result
    draft: Path
    passing: Path

    def path(self, result: Result) -> Path:
        """Our own result is the draft, the others are kept, but for those that pass."""
        if result == self.gives:
            return self.draft / DATA
        if isinstance(result, PASSING):
            return self.passing / self.digests[result] / DATA
        return self.store.data(self.digests[result])

    def keep(self, made: Path) -> None:
        """Move it into the store."""
        trees.move(made, self.path(self.gives))


@dataclass(frozen=True)
class KeptPackages:
    """See appliance.work.Packages; *place* is the store's."""

    place: Path

    def find(self, sha256: str) -> Path:
        """Under its digest, of whichever kind it is."""
        rpm = self.place / f"{sha256}.rpm"
        return rpm if rpm.exists() else rpm.with_suffix(".deb")


@dataclass(frozen=True)
class Hands:
    """See appliance.work.Work; *draft* is where the result is to be, *digests* those before,
    *layers* the tree of the image, *passing* where results are that no store holds.

    *tools* is the root whose programs do the work; empty: this machine's.
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

    @property
    def identity(self) -> str:
        """Of the step's digest."""
        return stable_uuid(self.digests[self.gives])

    @property
    def results(self) -> KeptResults:
        """Those of the store."""
        return KeptResults(self.layers.store, self.digests, self.gives, self.draft, self.passing)

    @property
    def packages(self) -> KeptPackages:
        """Those of the store."""
        return KeptPackages(self.layers.store.packages)

    @property
    def tree(self) -> ShownTree:
        """The layers, as files."""
        return ShownTree(self.layers, self.scratch, self.clock, self.run, self.note)

    @property
    def jail(self) -> OwnJail:
        """On the layers."""
        return OwnJail(
            self.layers, self.clock, self.tools, self.script_seconds, self._said, self.note
        )

    @property
    def machine(self) -> OwnMachine:
        """With the kernel of the layers."""
        return OwnMachine(self.layers, self.clock, self.tools, self.scratch, self._said)

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Its lines become events."""
        words = argv
        if self.tools:
            words = sandbox.in_tools(argv, self.tools, places=(self.layers.store.place,))
        now = {"SOURCE_DATE_EPOCH": str(self.clock)}
        return command.run(
            words, stdin=stdin, env={**now, **(env or {})}, on_line=self._said, name=str(argv[0])
        )

    def tool_file(self, path: str) -> Path:
        """Links are followed as inside the tools' root."""
        return rooted.find(Path(self.tools or "/"), path)

    def run_together(self, commands: Sequence[Sequence[str | Path]]) -> None:
        """As many at once as there are cores."""
        with ThreadPoolExecutor(self.cores) as pool:
            for _ in pool.map(self.run, commands):
                pass

    @contextmanager
    def room(self, size: int) -> Iterator[Path]:
        """A file system of its own."""
        place = self.scratch / "room"
        place.mkdir()
        half = probe.memory_available() // 2
        sandbox.mount_draft(place, in_memory=True, size=min(size, half))
        try:
            yield place
        finally:
            sandbox.lift(place)

    def place(self, made: Path, disk: Path, start: int) -> None:
        """Block by block, each given back once it is moved."""
        trees.move_into(made, disk, start)

    def passphrase(self, source: str, where: Where) -> str:
        """Told to the worker apart from the plan."""
        return self.secrets[source]

    def progress(self, done: int, total: int, unit: str) -> None:
        """An event."""
        self.emit(Progress(str(self.gives), done, total, unit))

    def note(self, text: str) -> None:
        """An event."""
        self.emit(Noted(text))

    def _said(self, line: str) -> None:
        self.emit(ToolSaid(str(self.gives), line))
