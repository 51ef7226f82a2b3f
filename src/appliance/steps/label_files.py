"""Find out the SELinux label of every file, by the image's own policy.

Facts: setfiles(8), selinux_config(5), file_contexts(5).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from appliance.errors import CommandError
from appliance.work import RootTree, Work
from appliance.work.results import Labels, Layer

CONFIGURATION = "etc/selinux/config"
SAID = re.compile(
    r"^(?:.*/setfiles: +)?Would relabel (?P<path>/(?:.|\n)*?) from \S.* to (?P<label>\S+)$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class LabelFiles:
    """List the SELinux labels of the tree that the layers *after* make: for each file its label, a
    blank, its path and a zero byte.

    setfiles, one of the build's own *tools* and not of the image's, changes nothing: of the image
    only its table of labels is read, as data, and what this host's kernel or policy says of labels
    does not matter. A tree without a policy, or with SELinux disabled, has an empty list.
    """

    version: ClassVar[int] = 2
    after: tuple[Layer, ...]
    tools: tuple[tuple[str, str], ...]

    @property
    def takes(self) -> tuple[Layer, ...]:
        """Every layer of the root tree."""
        return self.after

    @property
    def gives(self) -> Labels:
        """The list of labels, as a text file."""
        return Labels()

    def run(self, work: Work) -> None:
        """Have setfiles say which labels it would write, and list them.

        Raises CommandError if setfiles fails, or if the policy has no label for the root.
        """
        table = policy_table(work.tree)
        said = work.scratch / "said"
        said.touch()
        if table is not None:
            # -m: a filesystem counts even if this host's kernel keeps no labels; -F: users and
            # roles too; -T0: on all cores. A line for each file is too much for the build's log
            quietly = f'exec setfiles -n -v -m -F -T0 -r "$0" "$1" "$0" > {said}'
            work.run(["sh", "-c", quietly, work.tree.root, table])
        found = labels_in(said.read_text(errors="surrogateescape"), str(work.tree.root))
        if table is not None and "/" not in found:
            raise CommandError(
                "the SELinux policy of the image gives its root no label",
                hint="selinux --disabled, or another policy package",
            )
        text = "".join(f"{label} {path}\0" for path, label in sorted(found.items()))
        work.results.path(self.gives).write_bytes(text.encode(errors="surrogateescape"))


def labels_in(said: str, root: str) -> dict[str, str]:
    """Map paths, as the image has them, to the labels that setfiles *said* of the tree *root*.

    A path may hold line ends: what looks like the next message is one only if a message can end
    before it.
    """
    return {
        match["path"].removeprefix(root) or "/": match["label"]
        for match in SAID.finditer(said)
        if match["path"].startswith(root)
    }


def read_labels(table: Path) -> dict[str, str]:
    """Map the paths of an image to their labels; *table* is the file that LabelFiles made."""
    text = table.read_bytes().decode(errors="surrogateescape")
    pairs = (entry.split(" ", 1) for entry in text.split("\0") if entry)
    return {path: label for label, path in pairs}


def policy_table(tree: RootTree) -> Path | None:
    """The file with the labels of the image's policy; None if the image has no policy, or SELinux
    is disabled in it."""
    configuration = tree.inside(CONFIGURATION)
    if not configuration.is_file():
        return None
    text = configuration.read_text(errors="replace")
    said = dict(re.findall(r"^\s*(SELINUX|SELINUXTYPE)\s*=\s*([\w-]+)", text, re.MULTILINE))
    if said.get("SELINUX", "disabled") == "disabled":
        return None
    kind = said.get("SELINUXTYPE", "targeted")
    table = tree.inside(f"etc/selinux/{kind}/contexts/files/file_contexts")
    return table if table.is_file() else None
