"""Which units of systemd are started by themselves: what the default target wants, and what that
wants (systemd.unit(5), systemd.special(7)).

Generators are not run: of what they make, that is said which is known by the image alone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from appliance.inspection.catalogue import Catalogue
from appliance.inspection.content_facts import UnitFacts
from appliance.inspection.installed import Ownership
from appliance.work.file_tree import LINK

# Where units are, the first place counting most.
PLACES = (
    "/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
    "/lib/systemd/system",
)  # fmt: skip
WANTING = ("Wants", "Requires", "BindsTo", "Upholds", "Requisite")
FOLDERS = ("wants", "requires", "upholds")
DEFAULT, USUAL_TARGET = "default.target", "graphical.target"
BY_ITSELF = ("sysinit.target", "basic.target")
NAME = re.compile(r"[A-Za-z0-9:_.\\@-]{1,255}")
MOST_UNITS = 10_000
SERIAL = re.compile(r"\bconsole=((?:tty(?:S|AMA|USB)|hvc|sclp)\d+)")


@dataclass(frozen=True)
class Unit:
    """A unit: where its file is, empty for none, and what that and its drop-ins say: the values of
    each word, by "Section.Word"."""

    name: str
    path: str
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def values(self, word: str) -> tuple[str, ...]:
        """What is said of *word*; an empty value forgets those before it."""
        found: list[str] = []
        for value in self.said.get(word, ()):
            found = [*found, value] if value else []
        return tuple(found)


class Units:
    """The units of an image."""

    def __init__(self, image: Catalogue) -> None:
        self._image = image
        self._known: dict[str, Unit] = {}

    def target(self) -> str:
        """The unit that the system starts."""
        return self.real(DEFAULT) or USUAL_TARGET

    def started(self, arguments: str) -> dict[str, set[str]]:
        """Each unit that is started, with those that want it; *arguments*: the kernel's."""
        found: dict[str, set[str]] = {self.target(): {"the system"}}
        waiting = [self.target()]
        for serial in dict.fromkeys(SERIAL.findall(arguments)):
            name = f"serial-getty@{serial}.service"
            found[name] = {"the kernel's console"}
            waiting.append(name)
        while waiting and len(found) < MOST_UNITS:
            unit = waiting.pop()
            for wanted in self._wanted(unit):
                name = self.real(wanted)
                if not name or self.is_masked(wanted) or not self.get(name).path:
                    continue
                if name not in found:
                    waiting.append(name)
                found.setdefault(name, set()).add(unit)
        return found

    def real(self, name: str) -> str:
        """The name of the unit that *name* is another one of; empty if there is none."""
        path = self._file(name)
        if not path:
            return name if NAME.fullmatch(name) and "." in name else ""
        entry = self._image.lstat(path)
        if entry and entry.kind == LINK:
            beyond = self._image.stat(path)
            other = (beyond.path if beyond else entry.target).rpartition("/")[2]
            if "@." in other and "@" in name:
                stem, _, rest = other.partition("@")
                return f"{stem}@{name.partition('@')[2].rpartition('.')[0]}{rest}"
            return other if NAME.fullmatch(other) and other != "null" else name
        return name

    def is_masked(self, name: str) -> bool:
        """Whether a link to /dev/null, or an empty file, forbids it."""
        path = self._file(name)
        entry = self._image.lstat(path) if path else None
        return bool(entry and entry.kind == LINK and entry.target.endswith("/dev/null"))

    def get(self, name: str) -> Unit:
        """The unit *name*, with what its file and its drop-ins say."""
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def _wanted(self, name: str) -> Iterator[str]:
        unit = self.get(name)
        for word in WANTING:
            for value in unit.values(f"Unit.{word}"):
                yield from (each.replace("%i", _instance(name)) for each in value.split())
        for stem in _stems(name):
            for place in PLACES:
                for folder in FOLDERS:
                    yield from self._image.listed(f"{place}/{stem}.{folder}")
        if unit.path and not name.endswith(".target") and not _stands_alone(unit):
            yield from BY_ITSELF

    def _file(self, name: str) -> str:
        for stem in _stems(name):
            for place in PLACES:
                if self._image.lstat(f"{place}/{stem}"):
                    return f"{place}/{stem}"
        return ""

    def _read(self, name: str) -> Unit:
        path = self._file(name)
        texts = [self._image.text(path)] if path else []
        for stem in _stems(name)[::-1]:
            for place in PLACES[::-1]:
                texts += [text for _, text in self._image.texts(f"{place}/{stem}.d", ".conf")]
        said: dict[str, tuple[str, ...]] = {}
        for text in texts:
            for word, value in _lines(text):
                said[word] = (*said.get(word, ()), value)
        return Unit(name, path, said)


def unit_facts(
    units: Units, arguments: str, owned: Ownership, image: Catalogue
) -> tuple[UnitFacts, ...]:
    """What is to be said of each unit that is started by itself."""
    found = []
    for name, wanted_by in sorted(units.started(arguments).items()):
        unit = units.get(name)
        path = image.real(unit.path) if unit.path else ""
        starts = unit.values("Service.ExecStart")
        found.append(
            UnitFacts(
                name=name,
                wanted_by=tuple(sorted(wanted_by)),
                description="".join(unit.values("Unit.Description")[-1:]),
                path=path,
                package=owned.name(path),
                starts=starts[0] if starts else "",
            )
        )
    return tuple(found)


def first_boot_presets(image: Catalogue) -> bool:
    """Whether systemd enables units by its presets when it starts for the first time: where there
    is no machine id yet (machine-id(5))."""
    return image.text("/etc/machine-id", 64).strip() == "uninitialized" or not image.lstat(
        "/etc/machine-id"
    )


def _stems(name: str) -> tuple[str, ...]:
    """The names under which a unit is described: its own, then its template's."""
    stem, at, rest = name.partition("@")
    ending = rest.rpartition(".")[2]
    return (name, f"{stem}@.{ending}") if at and not rest.startswith(".") else (name,)


def _stands_alone(unit: Unit) -> bool:
    return unit.values("Unit.DefaultDependencies")[-1:] == ("no",)


def _instance(name: str) -> str:
    return name.partition("@")[2].rpartition(".")[0]


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Each word with its section and its value, as systemd.syntax(7) has it."""
    section = ""
    for said in re.sub(r"\\\n", " ", text).split("\n"):
        line = said.strip()
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif line and line[0] not in "#;" and "=" in line:
            word, _, value = line.partition("=")
            yield f"{section}.{word.strip()}", value.strip()
