"""What a rule about the files of an image is, what it is shown, and what it finds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from appliance.work.file_tree import Entry, FileTree

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Background:
    """What is known of an image besides its files.

    *hosts*: names of the machine that built it, or that judges it.
    *paths*: directories of that machine whose names tell who worked there.
    *proxies*: the addresses of the proxies that it goes through.
    *secrets*: values that only the build's scripts were to know, by their names.
    *passwords*: the users whose passwords the author has set.
    *keys*: the users whose public keys the author has given.
    *asked*: the files that the author has asked for, each with the rule that speaks of such.
    """

    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    passwords: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    asked: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Seen:
    """One file that a rule is shown.

    *entry*: what it is.
    *content*: its first bytes, as many as rules may read.
    *background*: what is known besides.
    """

    entry: Entry
    content: bytes
    background: Background

    def lines(self) -> Iterator[tuple[int, str]]:
        """The lines of its text, counted from 1; what is no UTF-8 stays as surrogates."""
        text = self.content.decode(errors="surrogateescape")
        return enumerate(text.splitlines(), 1)


@dataclass(frozen=True)
class Fault:
    """A place where a rule is broken: its *path* in the image, and *what* is wrong there; empty
    if it is enough that there is such a file. No secret is in it."""

    path: str
    what: str = ""


Test = Callable[[Seen], Iterator[str]]


@dataclass(frozen=True)
class Rule:
    """What must not be in an image that others get, or must be.

    *name*: what the rule is called.
    *severity*: error or warning.
    *sentence*: what has to be so.
    *reason*: why: what happens to whom if it is not.
    *source*: the text that says so, or who met it.
    *cure*: what to do where it is broken.
    *paths*: globs of the files that it looks at, if they are not empty: `*` is within a name, `**`
        is whatever is between.
    *unless*: globs of those among them that it leaves alone.
    *test*: yields what is wrong with such a file; None: that it is there.
    *text*: whether it looks at texts alone, and not at what has zero bytes.
    *look*: yields what is wrong with a whole tree, instead of *paths* and *test*.
    """

    name: str
    severity: str
    sentence: str
    reason: str
    source: str
    cure: str
    paths: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    test: Test | None = None
    text: bool = False
    look: Callable[[FileTree, Background], Iterator[Fault]] | None = None


@dataclass(frozen=True)
class Finding:
    """One place where an image breaks a rule.

    *rule*: the name of the rule.
    *severity*: error or warning.
    *path*: the file, from the image's root on, or the partition.
    *what*: what is wrong there; empty if it is enough that the file is there.
    *sentence*: what has to be so.
    *cure*: what to do.
    *source*: the text that says so, or who met it.
    """

    rule: str
    severity: str
    path: str
    what: str
    sentence: str
    cure: str
    source: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}" if self.what else self.path


@dataclass(frozen=True)
class Judgement:
    """What was found in an image, and what could not be looked at."""

    findings: tuple[Finding, ...] = ()
    unjudged: tuple[str, ...] = ()


def finding(rule: Rule, fault: Fault) -> Finding:
    """Return that *rule* is broken at *fault*."""
    return Finding(
        rule.name, rule.severity, fault.path, fault.what, rule.sentence, rule.cure, rule.source
    )
