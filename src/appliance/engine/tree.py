"""The root tree of a build, in which just those layers are unpacked that the running step takes."""

import os
from contextlib import suppress
from pathlib import Path

from appliance.host import rooted, trees
from appliance.steps.label_files import read_labels
from appliance.store.results import Store

LABEL = "security.selinux"


class Tree:
    """The one root tree of a build, in the directory *root*, and which layers are in it."""

    def __init__(self, root: Path, store: Store, cores: int) -> None:
        self.root, self.store, self.cores = root, store, cores
        self.layers: list[str] = []
        self.seen: trees.Snapshot = {}
        self.ordered = False
        self.labels: Path | None = None  # those that the files have now

    def climb(self, layers: list[str]) -> None:
        """Make the tree that of exactly *layers*, which are digests: unpack those that are missing,
        after removing everything if others are in it."""
        if self.layers == layers and self.seen:
            return
        if self.ordered or self.labels or self.layers != layers[: len(self.layers)]:
            self.clear()
        if not self.root.exists():
            self.root.mkdir(mode=0o755)
        for digest in layers[len(self.layers) :]:
            trees.unpack(self.root, self.store.path(digest))
            self.store.touch(digest)
            self.layers.append(digest)
            self.seen = {}
        if not self.seen:
            self.seen = trees.look(self.root)

    def clear(self) -> None:
        """Remove the tree, and forget which layers were in it."""
        trees.remove(self.root)
        self.layers, self.seen, self.ordered, self.labels = [], {}, False, None

    def keep_layer(self, place: Path, digest: str, clock: int) -> None:
        """Write what changed since the last layer to the directory *place*, as the layer *digest*;
        no file in it is younger than *clock*."""
        now = trees.look(self.root)
        changes = trees.compare(self.seen, now)
        trees.clamp(self.root, changes.written, clock)
        trees.pack(self.root, changes, place, cores=self.cores)
        self.seen = now | trees.look_again(self.root, changes.written)
        self.layers.append(digest)

    def label(self, table: Path) -> None:
        """Give every file the SELinux label that *table*, a file of steps/label_files.py, has for
        it; does nothing if they have these labels already.

        Raises OSError if this host does not allow it.
        """
        if self.labels == table:
            return
        self.labels = table
        for path, label in read_labels(table).items():
            with suppress(FileNotFoundError):
                value = f"{label}\0".encode()
                os.setxattr(self.root / path[1:], LABEL, value, follow_symlinks=False)

    def put_in_order(self) -> bool:
        """Make directories list their files by name, unless that is done already; return whether
        they do."""
        if not self.ordered:
            self.ordered = trees.put_in_order(self.root)
        return self.ordered

    def resolve(self, path: str) -> Path:
        """Return the file of this host that *path* is for a program inside the root; links never
        lead out of it.

        Raises CommandError if they lead in circles.
        """
        return rooted.find(self.root, path)
