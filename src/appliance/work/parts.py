"""What a step may touch, in parts: whoever needs only one of them asks for no more."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from appliance.work.results import Result
from appliance.work.terms import Jail, MachineDisk


class Conversion(Protocol):
    """What turning one file into another may ask of the world."""

    @property
    def clock(self) -> int:
        """The build's moment, in seconds since 1970: what every tool is told the time is."""

    @property
    def identity(self) -> str:
        """A UUID that belongs to this step and to all that goes into it."""

    @property
    def cores(self) -> int:
        """How many programs may usefully run at once."""

    @property
    def scratch(self) -> Path:
        """An empty directory that goes away with the step."""

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Run a tool (of the host, or of another root that was named for it) to its end; return
        what it printed; raise CommandError if it refuses."""

    def progress(self, done: int, total: int, unit: str) -> None:
        """Tell whoever is watching how far the step is."""


class Tools(Conversion, Protocol):
    """What making files with this host's programs may ask besides."""

    def tool_file(self, path: str) -> Path:
        """Return where the file *path* of those who run() is, like the modules of GRUB."""

    def run_together(self, commands: Sequence[Sequence[str | Path]]) -> None:
        """Run several tools at once, no more than there are cores; raise the first refusal."""

    def room(self, size: int) -> AbstractContextManager[Path]:
        """Lend an empty directory in memory that holds at most *size* bytes, less if there is
        not so much; it goes away afterwards."""

    def place(self, made: Path, disk: Path, start: int) -> None:
        """Move the data of the scratch file *made* to *start* bytes into the file *disk*: holes
        stay holes, nothing is there twice, and *made* is gone. Only holes may have been there."""

    def note(self, text: str) -> None:
        """Tell whoever is watching something that they should know; the build goes on."""


class Results(Protocol):
    """The results of steps: files that stay in the store."""

    def path(self, result: Result) -> Path:
        """Return where the file of *result* lives (or will live)."""

    def keep(self, made: Path) -> None:
        """Make the scratch file *made* this step's result; it is gone from where it was."""


class Packages(Protocol):
    """The package files, all of them fetched and checked before the build began."""

    @property
    def place(self) -> Path:
        """The directory that holds them."""

    def find(self, sha256: str) -> Path:
        """Return the file with that digest; a Debian package has its data uncompressed."""


class RootTree(Protocol):
    """The image's files, before there is a filesystem to hold them."""

    @property
    def root(self) -> Path:
        """The image's root tree, with every layer that the step takes. Steps that give a layer
        change it in place."""

    def inside(self, path: str) -> Path:
        """Find *path* of the image; links are followed as inside the image, never out of it."""

    def write(self, path: str, text: str, *, mode: int = 0o644) -> None:
        """Write a file of the image; links in *path* are followed as inside the image."""

    def view(
        self, mount_point: str, *, hidden: Sequence[str], extra: Mapping[str, Path]
    ) -> AbstractContextManager[Path]:
        """Show the part of the finished root tree below *mount_point*, as a filesystem is to hold
        it: in order of names where that matters, without what is below *hidden*, with the files
        *extra* (path in it: file) besides."""

    def gather(
        self, parts: Mapping[str, tuple[str, Sequence[str]]], *, top: str, hidden: Sequence[str]
    ) -> AbstractContextManager[Path]:
        """Show several parts of the tree in one directory: by its name each that is below a mount
        point, without what is below the paths that are hidden in it. With *top*, that part (without
        *hidden*) is what they stand in."""

    def label(self, table: Path) -> None:
        """Give the files of the tree their SELinux labels; *table* is what LabelFiles made. A host
        that does not allow it is noted, and the image labels itself at its first boot."""


class InJail(Protocol):
    """The image's own programs and scripts, in a sandbox."""

    def run(
        self,
        argv: Sequence[str],
        *,
        jail: Jail,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> str:
        """Run a program to its end, on the terms of *jail*; return what it printed; raise
        CommandError if it fails. Its environment is the same on every machine but for what *env*
        adds.

        *on_line* sees each line that it prints."""


class InMachine(Protocol):
    """The image's own kernel, under QEMU: for what only a kernel can do."""

    def run(
        self,
        script: str,
        *,
        programs: Sequence[str],
        modules: Sequence[str] = (),
        disks: Sequence[MachineDisk] = (),
        files: Mapping[str, Path] | None = None,
        seconds: int = 600,
    ) -> str:
        """Boot the kernel with a root in memory, and run *script* there as root: sh, `set -eu`, a
        line that reaches *seconds* without a word ends it (ten times that where the guest is
        emulated). Return what it printed.

        In its PATH are *programs* of those who Conversion.run(), with the libraries that they
        need, and the usual small ones (tar, mount, cp, mkdir). *modules* of the kernel are loaded,
        *files* (path there: file) lie where they are named. It takes seconds where guests run on
        KVM, a minute where they are emulated. Nothing in it is repeatable to the bit.

        Raises CommandError if the script fails, HostError if there is no QEMU or no program,
        RecipeError if the image has no kernel that can."""
