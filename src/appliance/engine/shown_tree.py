"""The image's files as steps see them, appliance.work.RootTree: by mounts that nobody sees."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.engine.tree import Tree
from appliance.errors import CommandError
from appliance.host import rooted, sandbox, trees

AT_FIRST_BOOT, FOREVER = "/.autorelabel", "-F\n"  # selinux-autorelabel(8), fixfiles(8)
KERNELS = "kernels"  # in scratch: those of an image whose /boot is hidden


@dataclass(frozen=True)
class ShownTree:
    """See appliance.work.RootTree; *layers* is the tree that is shown, *scratch* where copies and
    mount points go. *run* runs a tool, *note* tells whoever is watching."""

    layers: Tree
    scratch: Path
    clock: int
    run: Callable[[Sequence[str | Path]], str]
    note: Callable[[str], None]

    @property
    def root(self) -> Path:
        """The tree."""
        return self.layers.root

    def inside(self, path: str) -> Path:
        """See Tree.resolve."""
        return self.layers.resolve(path)

    def write(self, path: str, text: str, *, mode: int = 0o644) -> None:
        """Links are followed inside the root only."""
        target = self.layers.resolve(path)
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

    def _in_order(self) -> bool:
        """See Tree.put_in_order. The root itself is in no layer: its time is the build's moment."""
        done = self.layers.put_in_order()
        os.utime(self.layers.root, ns=(self.clock * 10**9,) * 2)
        return done

    @contextmanager
    def view(
        self, mount_point: str, *, hidden: Sequence[str], extra: Mapping[str, Path]
    ) -> Iterator[Path]:
        """Mount points are shown as empty directories; small trees get their extra files."""
        if not self._in_order():
            self.note("the tree lies on a disk: with mke2fs before 1.47.1 two builds may differ")
        place = self.layers.resolve(mount_point)
        self._keep_kernels(hidden)
        with ExitStack() as stack:
            for number, path in enumerate(_outermost(hidden)):
                over = self.layers.resolve(path)
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
            for image in self.layers.resolve("/boot").glob("vmlinu*-*"):
                trees.copy(image, kept / image.name)

    def _show(
        self, stack: ExitStack, target: Path, mount_point: str, hidden: Sequence[str]
    ) -> None:
        """Show the tree below *mount_point* at *target*, with empty directories for *hidden*."""
        part = self.layers.resolve(mount_point)
        sandbox.mount_empty(target, part)
        stack.callback(sandbox.lift, target)
        for path in _outermost(hidden):
            inner = self.layers.resolve(path)
            empty = self._fresh("empty")
            _empty_like(inner, empty)
            over = target / inner.relative_to(part)
            sandbox.mount_empty(over, empty)
            stack.callback(sandbox.lift, over)

    def label(self, table: Path) -> None:
        """Once for all disks."""
        try:
            self.layers.label(table)
        except OSError as error:
            self.write(AT_FIRST_BOOT, FOREVER)
            self.note(
                "selinux: files get their labels at first boot, which then takes longer: "
                f"this host does not let us write them ({error.strerror})"
            )

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
