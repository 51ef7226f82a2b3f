"""What a step may touch, as one protocol for each part, so that a function can ask for just the
part that it needs."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from appliance.errors import Where
from appliance.work.file_tree import FileTree
from appliance.work.results import Result
from appliance.work.terms import Jail, MachineDisk


class Conversion(Protocol):
    """What a function may ask of the world that turns one file into another."""

    @property
    def clock(self) -> int:
        """The moment of the build, in seconds since 1970, which every tool takes for now."""

    @property
    def identity(self) -> str:
        """A UUID that is derived from this step and all that goes into it."""

    @property
    def cores(self) -> int:
        """How many programs or threads may usefully run at once."""

    @property
    def scratch(self) -> Path:
        """A directory for the step's own files, empty at first, which is removed after the
        step."""

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Run a tool (of the host, or of another root that was named for tools) to its end and
        return what it printed. It reads *stdin*; *env* is added to its environment.

        Raises CommandError if the tool fails.
        """

    def progress(self, done: int, total: int, unit: str) -> None:
        """Tell whoever is watching that *done* of *total* is done, in *unit*: bytes, or the plural
        of what is counted."""


class Tools(Conversion, Protocol):
    """What a function may ask of the world that makes files with this host's programs."""

    def tool_file(self, path: str) -> Path:
        """Return where the file *path* is of the root whose tools run() runs, for instance of a
        module of GRUB."""

    def run_together(self, commands: Sequence[Sequence[str | Path]]) -> None:
        """Run several tools at once, no more than there are cores.

        Raises the CommandError of the first that fails.
        """

    def room(self, size: int) -> AbstractContextManager[Path]:
        """Lend an empty directory in memory that holds at most *size* bytes, or fewer if there is
        less memory; it is removed afterwards."""

    def place(self, made: Path, disk: Path, start: int) -> None:
        """Move the data of the file *made*, a result that no store holds, into the
        file *disk*, from its byte *start* on.

        *disk* must have holes there. Holes stay holes, no data take space twice on the way, and
        *made* is gone afterwards.
        """

    def note(self, text: str) -> None:
        """Tell whoever is watching something that they should know; the build goes on."""

    def warn(self, text: str, where: Where | None) -> None:
        """Tell whoever is watching what went wrong at *where*; the build goes on. They are told
        again whenever the result of this step is used."""


class Results(Protocol):
    """The results of steps, each of which is one file: in the store, or, like a filesystem's image,
    where it was made until a step takes it."""

    def path(self, result: Result) -> Path:
        """Return where the file of *result* is; for the step's own result, where it has to be
        made."""

    def keep(self, made: Path) -> None:
        """Make the scratch file *made* this step's result, by moving it."""


class Packages(Protocol):
    """The package files, all of them fetched and checked before the build began."""

    @property
    def place(self) -> Path:
        """The directory that holds them."""

    def find(self, sha256: str) -> Path:
        """Return the file with the digest *sha256*, in hexadecimal; in a Debian package the data
        are uncompressed."""


class OwnFiles(Protocol):
    """The author's own files, of this machine, each by the digest that it had when the build was
    planned. Whoever has changed them since is told, by RequestError."""

    def copy(
        self, digest: str, place: str, *, owner: tuple[int, int], mode: int | None = None
    ) -> None:
        """Copy the file or directory with that *digest* to *place*, an absolute path of the image;
        links above it are followed as inside the image. *owner* is the numbers of user and group,
        *mode* that of files, if they do not keep their own.

        Raises CommandError for what cannot be written there.
        """

    def show(self, digests: Sequence[str], *, also: Sequence[str]) -> Path:
        """Return a directory of this host with copies of all that is in the directories with these
        *digests*, and with links to itself that are called as *also* says."""


class RootTree(Protocol):
    """The image's files, before there is a filesystem to hold them."""

    @property
    def root(self) -> Path:
        """The directory of the image's root tree, with every layer that the step takes. Steps
        that give a layer change it in place."""

    def files(self) -> FileTree:
        """The image's files, to be looked at; no link is followed."""

    def inside(self, path: str) -> Path:
        """Return the file of this host that is *path* in the image. Links are followed as inside
        the image, never out of it."""

    def write(self, path: str, text: str, *, mode: int = 0o644) -> None:
        """Write *text* to the file *path* of the image. Links in *path* are followed as inside the
        image."""

    def view(
        self, mount_point: str, *, hidden: Sequence[str], extra: Mapping[str, Path]
    ) -> AbstractContextManager[Path]:
        """Lend a directory that shows the part of the finished root tree below *mount_point* as a
        filesystem is to hold it: in order of names where that matters, without what is below the
        paths *hidden*, and with the files *extra* (path in the filesystem: file of this host)."""

    def gather(
        self, parts: Mapping[str, tuple[str, Sequence[str]]], *, top: str, hidden: Sequence[str]
    ) -> AbstractContextManager[Path]:
        """Lend one directory that shows several parts of the tree.

        *parts* maps the name of each in the directory to its mount point and the paths below which
        nothing of it is shown. With *top*, a mount point, the directory itself is the part there,
        without what is below *hidden*.
        """

    def label(self, table: Path) -> None:
        """Give the files of the tree their SELinux labels; *table* is the file that the step
        LabelFiles made. Where the host does not allow that, whoever is watching is told, and the
        image labels itself at its first boot."""


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
        """Run a program of the image to its end, on the terms of *jail*; return what it printed.

        It reads *stdin*; its environment is the same on every machine but for what *env* adds.
        *on_line* is called with each line that it prints. Raises CommandError if it fails.
        """


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
        """Boot the kernel with a root in memory, run *script* there as root with `sh -eu`, and
        return what it printed. It is ended when it prints nothing for *seconds*, when it has not
        ended after 24 times as long (both ten times as long where the guest is emulated), and when
        it prints more than 16 MiB.

        *programs*: tools for its PATH, from the root whose tools Conversion.run() runs, with the
            libraries that they need; tar, mount, cp, mkdir and their like are always there.
        *modules*: modules of the kernel to load before.
        *disks*: what it finds as /dev/vda, /dev/vdb and so on.
        *files*: files for its root: the path there, and the file of this host.

        It takes seconds where guests run on KVM, a minute where they are emulated. What it writes
        is not repeatable to the bit. Raises CommandError if the script fails, HostError if there is
        no QEMU or no such program, RecipeError if the image has no kernel with all modules."""
