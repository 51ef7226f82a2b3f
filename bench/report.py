"""Figures in words: medians, ratios of what ran side by side, targets."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from scratch import Peak
from timed import Run

MIB = 2**20
CASES = {
    "full": "(a) full build, qcow2",
    "script": "(b) one line of %post changed",
    "other_format": "(c) other format, raw",
    "nothing": "(d) nothing changed",
    "rival": "mkosi, same packages, raw",
}
SECONDS = {"script": 5.0, "other_format": 4.0, "nothing": 0.5}  # at most
OF_RIVAL = 0.35  # (a), at most
OF_INSTALLED = 2.5  # scratch, at most
JUDGED, OF_BUILD = "findings", 0.05  # the step that looks for leaks; its part of (a), at most


@dataclass(frozen=True)
class Round:
    """Everything, measured once. *kept* bytes of results stay in the store."""

    full: Run
    script: Run
    other_format: Run
    nothing: Run
    peak: Peak
    kept: int
    rival: Run | None = None

    def seconds(self) -> Iterator[tuple[str, float]]:
        """The wall time of each case that was run."""
        for name in CASES:
            if case := getattr(self, name):
                yield name, case.seconds


@dataclass(frozen=True)
class Subject:
    """What was measured, and on what. *installed* bytes; *no_rival*: why there is none."""

    recipe: str
    packages: int
    installed: int
    machine: str
    rival: str
    no_rival: str


@dataclass(frozen=True)
class Figures:
    """All that was measured."""

    subject: Subject
    rounds: tuple[Round, ...]

    def seconds(self, name: str) -> list[float]:
        """Wall times of one case, in the order of rounds; empty if it was not run."""
        return [dict(item.seconds())[name] for item in self.rounds if getattr(item, name)]

    def ratios(self) -> list[float]:
        """(a) by mkosi, of the two builds of each round."""
        return [item.full.seconds / item.rival.seconds for item in self.rounds if item.rival]

    def scratch(self) -> tuple[Peak, str]:
        """The highest peak of all rounds, and the phase or step that it was in."""
        most = max(self.rounds, key=lambda item: item.peak.total)
        return most.peak, most.full.part_at(most.peak.at)

    def parts(self, name: str) -> dict[str, float]:
        """The median seconds of each phase and step of one case; last, those of no step."""
        measured = [getattr(item, name) for item in self.rounds]
        told = [run.parts() for run in measured]
        names = list(dict.fromkeys(part for parts in told for part in parts))
        rest = [
            run.seconds - sum(parts.values()) for run, parts in zip(measured, told, strict=True)
        ]
        found = {part: median(parts.get(part, 0.0) for parts in told) for part in names}
        return {**found, "the rest: start, planning, cleaning up": median(rest)}

    def plain(self) -> dict[str, Any]:
        """All of it, as plain JSON data; times in seconds, sizes in bytes."""
        return {
            "subject": asdict(self.subject),
            "seconds": {name: self.seconds(name) for name in CASES},
            "ratios_to_mkosi": self.ratios(),
            "scratch": [asdict(item.peak) for item in self.rounds],
            "kept": [item.kept for item in self.rounds],
            "parts": {name: self.parts(name) for name in CASES if name != "rival"},
        }


def told(figures: Figures) -> Iterator[str]:
    """All of it, in lines for people."""
    subject = figures.subject
    yield f"{subject.recipe}: {subject.packages} packages, {mib(subject.installed)} installed"
    yield f"{subject.machine}; {len(figures.rounds)} rounds"
    yield ""
    yield f"{'seconds':34}{'median':>8}{'min':>8}{'max':>8}   target"
    for name, title in CASES.items():
        if times := figures.seconds(name):
            row = f"{title:34}{median(times):8.2f}{min(times):8.2f}{max(times):8.2f}"
            yield f"{row}   {target(figures, name)}".rstrip()
    yield from _scratch(figures)
    yield from _judged(figures)
    for name in ("full", "script", "other_format", "nothing"):
        yield ""
        yield f"{CASES[name]}: where the time goes (medians)"
        whole = median(figures.seconds(name))
        for part, seconds in figures.parts(name).items():
            yield f"  {part:40}{seconds:8.2f} s{seconds / whole:6.0%}"


def target(figures: Figures, name: str) -> str:
    """What one case is to reach, and whether it did."""
    if name in SECONDS:
        return verdict(median(figures.seconds(name)), SECONDS[name], " s")
    if name != "full":
        return figures.subject.rival
    if not figures.ratios():
        return f"≤ {OF_RIVAL} x mkosi: not measured, {figures.subject.no_rival}"
    ratio = median(figures.ratios())
    return f"{ratio:.2f} x mkosi, {verdict(ratio, OF_RIVAL, ' x')}"


def verdict(value: float, most: float, unit: str) -> str:
    """Say whether *value* is at most *most*."""
    return f"≤ {most:g}{unit}: {'reached' if value <= most else 'MISSED'}"


def _scratch(figures: Figures) -> Iterator[str]:
    (peak, part), installed = figures.scratch(), figures.subject.installed
    ratio = peak.total / installed
    kept = max(item.kept for item in figures.rounds)
    yield ""
    yield (
        f"peak scratch of (a), in {part}: {mib(peak.memory)} memory + {mib(peak.disk)} disk"
        f" = {ratio:.2f} x installed, {verdict(ratio, OF_INSTALLED, ' x')}"
    )
    yield f"kept in the store by all of the above: {mib(kept)}"


def _judged(figures: Figures) -> Iterator[str]:
    ratios = [item.full.parts()[JUDGED] / item.full.seconds for item in figures.rounds
              if JUDGED in item.full.parts()]  # fmt: skip
    if ratios:
        ratio = median(ratios)
        yield f"looking for leaks: {ratio:.3f} of (a), {verdict(ratio, OF_BUILD, ' of it')}"


def mib(size: int) -> str:
    """Bytes for people."""
    return f"{size / MIB:.0f} MiB"
