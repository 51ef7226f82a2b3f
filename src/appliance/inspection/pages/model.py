"""What a report says, as values: what it is made of does not depend on how it looks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """A named amount of bytes, and what it is made of.

    *name*: what it is called.
    *size*: in bytes, with all its parts.
    *parts*: what it is made of, as far as that is known.
    *about*: a few words on it, for whoever asks.
    """

    name: str
    size: int
    parts: tuple["Block", ...] = ()
    about: str = ""


@dataclass(frozen=True)
class Bytes:
    """A size in bytes in a cell of a table: it is shown in units, *signed* if it is a growth, and
    sorted as a number."""

    value: int
    signed: bool = False


Cell = str | int | Bytes


@dataclass(frozen=True)
class Table:
    """One table of a report.

    *name*: its place in the page, for links to it: letters and dashes.
    *title*: what it is about.
    *columns*: what stands above each.
    *rows*: a cell for each column.
    *note*: what has to be known to read it; a table without rows says this alone.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Map:
    """One way to look at sizes: *title* says by what, *whole* is all of it."""

    title: str
    whole: Block


@dataclass(frozen=True)
class Report:
    """A page.

    *title*: what it is about, and what its window is called.
    *summary*: what matters most, each with its name.
    *maps*: where the bytes are; the reader chooses one of them.
    *tables*: the rest, in the order in which it is read.
    """

    title: str
    summary: tuple[tuple[str, str], ...]
    maps: tuple[Map, ...]
    tables: tuple[Table, ...]
