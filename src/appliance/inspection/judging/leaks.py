"""Judge a finished image, whoever made it: all its files, and what lies in its free space."""

from collections.abc import Iterator
from pathlib import Path

from appliance.backends import image_rules
from appliance.backends.image_rules import Background, Finding, Judgement
from appliance.backends.image_rules.residue import FREE_BLOCKS
from appliance.errors import RequestError
from appliance.host import own_names
from appliance.inspection.judging.free_space import left_behind
from appliance.inspection.opened import Sight, open_image
from appliance.intake.images import Image
from appliance.intake.layers import Means
from appliance.intake.trees.limits import DamagedError
from appliance.work.file_tree import Entry, FileTree


def judged(image: Image, groups: tuple[str, ...], *, store: Path, means: Means) -> Judgement:
    """Judge the disks of *image* by the rules of *groups*. The names of this machine, whose builds
    are kept in *store*, are looked for; what only a kernel reads, or what is encrypted, is
    read by *means*.

    Raises what inspection.opened.open_image() does, and RequestError if nothing in the image could
    be judged.
    """
    builder = own_names.builder(store)
    background = Background(builder.hosts, builder.paths, builder.proxies)
    with open_image(image, means=means) as sight:
        if not any(place.tree for place in sight.places):
            raise RequestError(
                f"{image.path.name} has no filesystem that can be read",
                hint="; ".join(sight.notes[:3]),
            )
        return _judged(sight, groups, background)


def _judged(sight: Sight, groups: tuple[str, ...], background: Background) -> Judgement:
    rules = image_rules.every_rule(groups)
    findings: list[Finding] = []
    unjudged = list(sight.notes)
    for name, tree in _trees(sight):
        readable = _ReadableTree(tree)
        found = image_rules.judge(readable, rules, background, place=name)
        findings += found.findings
        unjudged += (*found.unjudged, *(f"{name}{text}" for text in readable.unread[:MOST]))
    unjudged += sight.left_out()[:MOST]
    if FREE_BLOCKS in rules:
        faults, unknown = left_behind(sight)
        findings += (image_rules.finding(FREE_BLOCKS, fault) for fault in faults)
        unjudged += unknown
    order = {rule.name: number for number, rule in enumerate(rules)}
    findings.sort(key=lambda each: order[each.rule])
    return Judgement(tuple(findings), tuple(dict.fromkeys(unjudged)))


MOST = 20  # files that are named of those that cannot be read


def _trees(sight: Sight) -> Iterator[tuple[str, FileTree]]:
    """The root, and what is mounted nowhere in it, each with what goes before its paths."""
    if sight.root:
        yield "", sight.root
    for place in sight.places:
        if place.tree and not (sight.root and place.mount_point):
            yield f"{place.disk}, {place.name}: ", place.tree


class _ReadableTree:
    """A *tree* of which all that is damaged is empty; *unread* says what that is."""

    def __init__(self, tree: FileTree) -> None:
        self._tree = tree
        self.unread: list[str] = []

    def entries(self) -> Iterator[Entry]:
        """All that is in it, as far as that can be read."""
        try:
            yield from self._tree.entries()
        except DamagedError as error:
            self.unread.append(f"the other files, since {error}")

    def find(self, path: str) -> Entry | None:
        """The entry at *path*; None, too, if it cannot be read."""
        try:
            return self._tree.find(path)
        except DamagedError as error:
            self.unread.append(f"{path}, since {error}")
            return None

    def read(self, path: str, limit: int) -> bytes:
        """The first *limit* bytes of a file; none, too, if they cannot be read."""
        try:
            return self._tree.read(path, limit)
        except DamagedError as error:
            self.unread.append(f"{path}, since {error}")
            return b""

    def pieces(self, path: str) -> Iterator[bytes]:
        """All that is in a file, as far as that can be read."""
        try:
            yield from self._tree.pieces(path)
        except DamagedError as error:
            self.unread.append(f"{path}, since {error}")
