"""The image's files as steps see them (appliance.work.RootTree), shown by mounts in the build's own
namespace."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.engine.tree import Tree
from appliance.errors import CommandError
from appliance.host import rooted, sandbox, trees
from appliance.intake.trees.directory import DirectoryTree

AT_FIRST_BOOT, FOREVER = "/.autorelabel", "-F\n"  # selinux-autorelabel(8), fixfiles(8)
KERNELS = "kernels"  # in scratch: those of an image whose /boot is hidden


@dataclass(frozen=True)
class ShownTree:
    """The root tree of a running step, as appliance.work.RootTree.

    *layers*: the tree, with the layers that the step takes.
    *scratch*: the step's own directory, for copies and mount points.
    *clock*: the moment of the build, in seconds since 1970.
    *run*: runs a tool.
    *note*: tells whoever is watching.
    """

    layers: Tree
    scratch: Path
    clock: int
    run: Callable[[Sequence[str | Path]], str]
    note: Callable[[str], None]

    @property
    def root(self) -> Path:
        """The directory of the root tree, on this host."""
        return self.layers.root

    def files(self) -> DirectoryTree:
        """The image's files, to be looked at; no link is followed."""
        return DirectoryTree(self.layers.root)

    def inside(self, path: str) -> Path:
        """Return the file of this host that is *path* in the image; links never lead out of it.

        Raises CommandError if they lead in circles.
        """
        return self.layers.resolve(path)

    def write(self, path: str, text: str, *, mode: int = 0o644) -> None:
        """Write *text* to the file *path* of the image, following links inside the image only.

        A pipe or socket there is replaced. Raises CommandError if a directory is there, or if the
        directory above cannot be one.
        """
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
        """Make directories list their files by name, and set the time of the root, which is in no
        layer, to the moment of the build; return whether the order could be made."""
        done = self.layers.put_in_order()
        os.utime(self.layers.root, ns=(self.clock * 10**9,) * 2)
        return done

    @contextmanager
    def view(
        self, mount_point: str, *, hidden: Sequence[str], extra: Mapping[str, Path]
    ) -> Iterator[Path]:
        """Lend the part of the tree below *mount_point*, with an empty directory mounted over each
        of *hidden*. With *extra* it is a copy of the part, with these files besides."""
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
        """Lend a new directory in which *parts* of the tree are mounted, each at its name; with
        *top*, the part there is mounted first, as the directory itself. Mounts are lifted again
        in the end."""
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
        """Copy the kernels of the image aside if /boot is about to be hidden, since a machine may
        need them."""
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
        """Write the SELinux labels of *table* to the files of the tree. Where this host does not
        allow that, tell whoever is watching, and have the image label itself at its first boot."""
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
        """Return a path in the scratch directory, named after *name*, where nothing is yet."""
        return self.scratch / f"{name}-{len(list(self.scratch.glob(f'{name}-*')))}"


@contextmanager
def _lent(place: Path) -> Iterator[None]:
    """Make a directory at *place*, and remove it in the end. The directory above, which may be in
    the image's own tree, keeps its times all the while."""
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
    """Return those of *paths* that are not below another of them: where /boot is hidden, so is
    /boot/efi."""
    return [
        path
        for path in paths
        if not any(path.startswith(f"{other.rstrip('/')}/") for other in paths if other != path)
    ]


def _empty_like(place: Path, empty: Path) -> None:
    """Make the empty directory *empty*, with the owner, mode, extended attributes and times of the
    directory *place*."""
    status = place.stat()
    empty.mkdir(exist_ok=True)
    os.chown(empty, status.st_uid, status.st_gid)
    empty.chmod(stat.S_IMODE(status.st_mode))
    for name in os.listxattr(place):
        os.setxattr(empty, name, os.getxattr(place, name))
    os.utime(empty, ns=(status.st_atime_ns, status.st_mtime_ns))
