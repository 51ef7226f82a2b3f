"""Judge a tree of files by rules: in one walk, in which no file is read twice."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from appliance.backends.image_rules.globs import Index
from appliance.backends.image_rules.model import (
    Background,
    Fault,
    Finding,
    Judgement,
    Rule,
    Seen,
    finding,
)
from appliance.units import KIB, MIB, show
from appliance.work.file_tree import FILE, Entry, FileTree

MOST = 20  # places that are told of one rule
LONGEST = 256 * KIB  # bytes that are read of one file
READ = 512 * MIB  # bytes that are read of one tree
ENTRIES = 5_000_000  # that are looked at in one tree
HEAD = 8 * KIB  # a zero byte among so many tells data from text


@dataclass
class _Walk:
    """One walk through a tree.

    *faults*: what was found, by the name of the rule.
    *read*: how many bytes were read.
    *unread*: how many files were left unread because that was enough.
    """

    tree: FileTree
    background: Background
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    read: int = 0
    unread: int = 0

    def look_at(self, entry: Entry, rules: Iterable[Rule]) -> None:
        """Let *rules* look at one file."""
        seen: Seen | None = None
        for rule in rules:
            if (rule.name, entry.path) in self.background.asked:
                continue
            if rule.test is None:
                self.note(rule, Fault(entry.path))
                continue
            seen = seen or Seen(entry, self._content(entry), self.background)
            if not rule.text or b"\0" not in seen.content[:HEAD]:
                for what in rule.test(seen):
                    self.note(rule, Fault(entry.path, what))

    def note(self, rule: Rule, fault: Fault) -> None:
        """Keep one fault, to be told in the end."""
        self.faults.setdefault(rule.name, []).append(fault)

    def _content(self, entry: Entry) -> bytes:
        """The first bytes of a file; none if enough was read."""
        if self.read >= READ:
            self.unread += 1
            return b""
        content = self.tree.read(entry.path, LONGEST)
        self.read += len(content)
        return content


def judge(
    tree: FileTree, rules: Iterable[Rule], background: Background, *, place: str = ""
) -> Judgement:
    """Judge *tree* by *rules*; findings are in the order of the rules, the first MOST places of
    each. *place* goes before paths: the name of a partition that is not in the image's root.

    Memory and time are bounded, whatever the tree holds: of a file the first LONGEST bytes are
    read, of all files together READ; what was left out is said.
    """
    rules = tuple(rules)
    walk = _Walk(tree, _fitting(background, tree))
    index, unjudged = Index(rules), []
    for number, entry in enumerate(tree.entries()):
        if number == ENTRIES:
            unjudged.append(f"{place}more than {ENTRIES} files: the others were not judged")
            break
        if entry.kind == FILE and entry.size:
            walk.look_at(entry, index.looking_at(entry.path))
    for rule in rules:
        for fault in rule.look(tree, walk.background) if rule.look else ():
            walk.note(rule, fault)
    if walk.unread:
        unjudged.append(f"{place}{walk.unread} files: {show(READ)} of others were read before")
    found = (item for rule in rules for item in _told(rule, walk.faults.get(rule.name, []), place))
    return Judgement(tuple(found), tuple(unjudged))


def _told(rule: Rule, faults: list[Fault], place: str) -> Iterator[Finding]:
    for fault in faults[:MOST]:
        yield finding(rule, replace(fault, path=place + fault.path))
    more = len(faults) - MOST
    if more > 0:
        yield finding(rule, Fault(place + faults[MOST].path, f"and {more - 1} more files"))


def _fitting(background: Background, tree: FileTree) -> Background:
    """Leave out of *background* the directories that are homes of the image's own users, too."""
    lines = tree.read("/etc/passwd", LONGEST).decode(errors="surrogateescape").splitlines()
    homes = {fields[5] for line in lines if len(fields := line.split(":")) > 6}
    return replace(background, paths=tuple(p for p in background.paths if p not in homes))
