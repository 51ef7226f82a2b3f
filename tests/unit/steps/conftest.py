"""The smallest world that a step can work in: files in a directory, and a list of what it asked."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import Where
from appliance.work import Jail
from appliance.work.results import Result


@dataclass
class World:
    """See appliance.work.Work; *asked* is what programs, jails and machines were asked, in order.

    Nothing is run: a program "answers" with what *answers* holds for its name.
    """

    scratch: Path
    files: Path
    root: Path
    asked: list[tuple[str, Any]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    clock: int = 1_700_000_000
    cores: int = 1
    identity: str = "12345678-1234-1234-1234-123456789abc"
    jails: list[Jail] = field(default_factory=list)

    @property
    def results(self) -> "Results":
        return Results(self.files)

    @property
    def packages(self) -> "Packages":
        return Packages(self.files)

    @property
    def own_files(self) -> "OwnFiles":
        return OwnFiles(self)

    @property
    def tree(self) -> "Tree":
        return Tree(self)

    @property
    def jail(self) -> "InJail":
        return InJail(self)

    @property
    def machine(self) -> "InMachine":
        return InMachine(self)

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
    ) -> str:
        self.asked.append((str(argv[0]), stdin or [str(word) for word in argv[1:]]))
        return self.answers.get(str(argv[0]), "")

    def run_together(self, commands: Sequence[Sequence[str | Path]]) -> None:
        for argv in commands:
            self.run(argv)

    def tool_file(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    @contextmanager
    def room(self, size: int) -> Iterator[Path]:
        place = self.scratch / "room"
        place.mkdir()
        yield place

    def place(self, made: Path, disk: Path, start: int) -> None:
        with disk.open("r+b") as file:
            file.seek(start)
            file.write(made.read_bytes())
        made.unlink()

    def progress(self, done: int, total: int, unit: str) -> None:
        self.asked.append(("progress", (done, total)))

    def note(self, text: str) -> None:
        self.notes.append(text)

    def warn(self, text: str, where: Where | None) -> None:
        self.notes.append(f"{where}: {text}")

    def secret(self, name: str) -> str:
        return f"the secret {name}"

    def passphrase(self, source: str, where: Where) -> str:
        return "word"


@dataclass
class Results:
    files: Path

    def path(self, result: Result) -> Path:
        return self.files / str(result).replace("/", "_")

    def keep(self, made: Path) -> None:
        made.rename(self.files / "kept")


@dataclass
class OwnFiles:
    world: World

    def copy(
        self, digest: str, place: str, *, owner: tuple[int, int], mode: int | None = None
    ) -> None:
        self.world.asked.append(("copy", (digest, place, owner, mode)))

    def show(self, digests: Sequence[str], *, also: Sequence[str]) -> Path:
        self.world.asked.append(("show", (*digests, *also)))
        return self.world.files


@dataclass
class Packages:
    place: Path

    def find(self, sha256: str) -> Path:
        return self.place / f"{sha256}.deb"


@dataclass
class Tree:
    world: World

    @property
    def root(self) -> Path:
        return self.world.root

    def inside(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def write(self, path: str, text: str, *, mode: int = 0o644) -> None:
        target = self.inside(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    @contextmanager
    def view(
        self, mount_point: str, *, hidden: Sequence[str], extra: Mapping[str, Path]
    ) -> Iterator[Path]:
        self.world.asked.append(("view", (mount_point, tuple(hidden), dict(extra))))
        yield self.inside(mount_point)

    @contextmanager
    def gather(
        self, parts: Mapping[str, tuple[str, Sequence[str]]], *, top: str, hidden: Sequence[str]
    ) -> Iterator[Path]:
        self.world.asked.append(("gather", (dict(parts), top, tuple(hidden))))
        yield self.root

    def label(self, table: Path) -> None:
        self.world.asked.append(("label", table.name))


@dataclass
class InJail:
    world: World

    def run(
        self,
        argv: Sequence[str],
        *,
        jail: Jail,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> str:
        self.world.asked.append(("jail", list(argv)))
        self.world.jails.append(jail)
        return self.world.answers.get("jail", "")


@dataclass
class InMachine:
    world: World

    def run(self, script: str, **words: Any) -> str:
        self.world.asked.append(("machine", script))
        return ""


@pytest.fixture
def world(tmp_path: Path) -> World:
    places = [tmp_path / name for name in ("scratch", "files", "root")]
    for place in places:
        place.mkdir()
    return World(*places)
