"""The hands of a running step: appliance.work.Work, on this machine."""

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from appliance.engine.name_servers import lent_resolver
from appliance.engine.order import SCRIPT_SECONDS
from appliance.engine.tree import Tree
from appliance.errors import CommandError, Where
from appliance.events import Emit, Noted, Progress, ToolSaid
from appliance.host import command, kernel_machine, probe, rooted, sandbox, trees
from appliance.host.jailed import in_jail
from appliance.layout.identity import stable_uuid
from appliance.work import Jail, MachineDisk
from appliance.work.results import Result

NOTE = "appliance-note: "
AT_FIRST_BOOT, FOREVER = "/.autorelabel", "-F\n"  # selinux-autorelabel(8), fixfiles(8)
ENVIRONMENT = {  # of every program in the jail
    **command.ENVIRONMENT,
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
}
KERNELS = "kernels"  # in scratch
IMAGE = "/mnt/sysimage"  # where a script beside the root finds it


@dataclass(frozen=True)
class Hands:
    """See appliance.work.Work; *draft* is where the result is to be, *digests* those before.

    *tools* is the root whose programs do the work; empty: this machine's.
    """

    clock: int
    cores: int
    gives: Result
    digests: dict[Result, str]
    scratch: Path
    draft: Path
    tree: Tree
    emit: Emit
    tools: str = ""
    script_seconds: int = SCRIPT_SECONDS
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def identity(self) -> str:
        """Of the step's digest."""
        return stable_uuid(self.digests[self.gives])

    @property
    def root(self) -> Path:
        """The tree."""
        return self.tree.root

    @property
    def packages(self) -> Path:
        """The store's."""
        return self.tree.store.packages

    def inside(self, path: str) -> Path:
        """See Tree.resolve."""
        return self.tree.resolve(path)

    def path(self, result: Result) -> Path:
        """Our own result is the draft, the others are kept."""
        if result == self.gives:
            return self.draft / "data"
        return self.tree.store.data(self.digests[result])

    def package(self, sha256: str) -> Path:
        """Under its digest, of whichever kind it is."""
        rpm = self.packages / f"{sha256}.rpm"
        return rpm if rpm.exists() else rpm.with_suffix(".deb")

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
            words = sandbox.in_tools(argv, self.tools, places=(self.tree.store.place,))
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

    def run_inside(
        self,
        argv: Sequence[str],
        *,
        jail: Jail,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> str:
        """What it prints becomes events too."""
        said: Callable[[str], None] = on_line or (lambda line: None)

        def heard(line: str) -> None:
            self._said(line)
            if line.startswith(NOTE):
                self.note(line.removeprefix(NOTE))
            said(line)

        own = {
            **ENVIRONMENT,
            "SOURCE_DATE_EPOCH": str(self.clock),
            **({"INSTALL_ROOT": IMAGE} if jail.outside else {}),
            **(env or {}),
        }
        words = in_jail(
            argv, root=self.root, environment=own, jail=jail, tools=self.tools,
            seconds=self.script_seconds,
        )  # fmt: skip
        with self._resolver(jail), self._room_left():
            return command.run(
                words,
                stdin=stdin,
                on_line=heard,
                name=argv[0] if argv[0] != "sh" else "a script",
            )

    @contextmanager
    def _room_left(self) -> Iterator[None]:
        """Raise OSError if the workbench is full afterwards, whatever the script made of that."""
        try:
            yield
        finally:
            if trees.is_full(self.tree.root):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def run_in_machine(
        self,
        script: str,
        *,
        programs: Sequence[str],
        modules: Sequence[str] = (),
        disks: Sequence[MachineDisk] = (),
        files: Mapping[str, Path] | None = None,
        seconds: int = 600,
    ) -> str:
        """What it prints becomes events."""
        tools = Path(self.tools or "/")
        errand = kernel_machine.Errand(
            script, tuple(programs), tuple(modules), tuple(disks), files or {},
            roots=(self.root, tools), tools=tools, clock=self.clock, seconds=seconds,
            kernels=self.scratch / KERNELS,
        )  # fmt: skip
        return kernel_machine.run(errand, self.scratch, on_line=self._said)

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

    def write(self, path: str, text: str, *, mode: int = 0o644) -> None:
        """Links are followed inside the root only."""
        target = self.tree.resolve(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_fifo() or target.is_socket():  # a script's: we would be stuck in it
                target.unlink()
            target.write_text(text)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise CommandError(
                f"{path} of the image cannot be written: {error.strerror}"
            ) from error
        target.chmod(mode)

    def keep(self, made: Path) -> None:
        """Move it into the store."""
        trees.move(made, self.path(self.gives))

    def _in_order(self) -> bool:
        """See Tree.put_in_order. The root itself is in no layer: its time is the build's moment."""
        done = self.tree.put_in_order()
        os.utime(self.tree.root, ns=(self.clock * 10**9,) * 2)
        return done

    @contextmanager
    def view(
        self, mount_point: str, *, hidden: Sequence[str], extra: Mapping[str, Path]
    ) -> Iterator[Path]:
        """Mount points are shown as empty directories; small trees get their extra files."""
        if not self._in_order():
            self.note("the tree lies on a disk: with mke2fs before 1.47.1 two builds may differ")
        place = self.tree.resolve(mount_point)
        self._keep_kernels(hidden)
        with ExitStack() as stack:
            for number, path in enumerate(_outermost(hidden)):
                over = self.tree.resolve(path)
                empty = self.scratch / f"empty-{number}"
                _empty_like(over, empty)
                sandbox.mount_empty(over, empty)
                stack.callback(sandbox.lift, over)
            if extra:
                place = self._with_extra(place, extra)
            yield place

    @contextmanager
    def gather(
        self, parts: Mapping[str, tuple[str, Sequence[str]]], *, top: str, hidden: Sequence[str]
    ) -> Iterator[Path]:
        """Mounts in the build's own namespace, lifted at once."""
        self._in_order()
        self._keep_kernels([*hidden, *(path for _, below in parts.values() for path in below)])
        whole = self._fresh("gathered")
        whole.mkdir()
        with ExitStack() as stack:
            if top:
                self._show(stack, whole, top, hidden)
            for name, (mount_point, below) in parts.items():
                target = rooted.find(whole, name)
                if not target.is_dir():
                    stack.enter_context(_lent(target))
                self._show(stack, target, mount_point, below)
            yield whole

    def _keep_kernels(self, hidden: Sequence[str]) -> None:
        """Copy what a machine may need aside, where /boot is about to be hidden."""
        kept = self.scratch / KERNELS
        if "/boot" in hidden and not kept.exists():
            kept.mkdir()
            for image in self.tree.resolve("/boot").glob("vmlinu*-*"):
                trees.copy(image, kept / image.name)

    def _show(
        self, stack: ExitStack, target: Path, mount_point: str, hidden: Sequence[str]
    ) -> None:
        """Show the tree below *mount_point* at *target*, with empty directories for *hidden*."""
        part = self.tree.resolve(mount_point)
        sandbox.mount_empty(target, part)
        stack.callback(sandbox.lift, target)
        for path in _outermost(hidden):
            inner = self.tree.resolve(path)
            empty = self._fresh("empty")
            _empty_like(inner, empty)
            over = target / inner.relative_to(part)
            sandbox.mount_empty(over, empty)
            stack.callback(sandbox.lift, over)

    def label(self, table: Path) -> None:
        """Once for all disks."""
        try:
            self.tree.label(table)
        except OSError as error:
            self.write(AT_FIRST_BOOT, FOREVER)
            self.note(
                "selinux: files get their labels at first boot, which then takes longer: "
                f"this host does not let us write them ({error.strerror})"
            )

    def passphrase(self, source: str, where: Where) -> str:
        """Told to the worker apart from the plan."""
        return self.secrets[source]

    def _with_extra(self, place: Path, extra: Mapping[str, Path]) -> Path:
        copy = self._fresh("with-extra")
        self.run(["cp", "-a", place, copy])
        for path, source in sorted(extra.items()):
            target = copy / path
            for part in (target, *target.parents):  # a link could lead out of the copy
                if part.is_relative_to(copy) and part.is_symlink():
                    part.unlink()
            target.parent.mkdir(parents=True, exist_ok=True)
            trees.copy(source, target)
        everything = tuple(name for name, _ in trees.walk(copy))
        trees.clamp(copy, everything, self.clock)
        return copy

    def _fresh(self, name: str) -> Path:
        """A place in scratch where nothing is yet."""
        return self.scratch / f"{name}-{len(list(self.scratch.glob(f'{name}-*')))}"

    def progress(self, done: int, total: int, unit: str) -> None:
        """An event."""
        self.emit(Progress(str(self.gives), done, total, unit))

    def note(self, text: str) -> None:
        """An event."""
        self.emit(Noted(text))

    def _said(self, line: str) -> None:
        self.emit(ToolSaid(str(self.gives), line))

    @contextmanager
    def _resolver(self, jail: Jail) -> Iterator[None]:
        """Lend the host's resolv.conf to a script with network, if the root's names no servers."""
        if jail.network and not jail.outside:
            with lent_resolver(self.tree.resolve, self.clock):
                yield
        else:
            yield


@contextmanager
def _lent(place: Path) -> Iterator[None]:
    """Lend a directory at *place*, which may be in the image's own tree: that looks the same
    meanwhile, its times included, and afterwards."""
    parent = place.parent.stat()

    def as_it_was() -> None:
        os.utime(place.parent, ns=(parent.st_atime_ns, parent.st_mtime_ns))

    place.mkdir()
    as_it_was()
    try:
        yield
    finally:
        place.rmdir()
        as_it_was()


def _outermost(paths: Sequence[str]) -> list[str]:
    """Those of *paths* that are in no other: where /boot is hidden, so is /boot/efi."""
    return [
        path
        for path in paths
        if not any(path.startswith(f"{other.rstrip('/')}/") for other in paths if other != path)
    ]


def _empty_like(place: Path, empty: Path) -> None:
    """Make *empty* look like *place* from outside: owner, mode, label and the like, time."""
    status = place.stat()
    empty.mkdir(exist_ok=True)
    os.chown(empty, status.st_uid, status.st_gid)
    empty.chmod(stat.S_IMODE(status.st_mode))
    for name in os.listxattr(place):
        os.setxattr(empty, name, os.getxattr(place, name))
    os.utime(empty, ns=(status.st_atime_ns, status.st_mtime_ns))
