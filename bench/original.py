"""Time the original appliance-creator and ours, in alternation, on one kickstart and one repository
of the test distribution: `make bench-original`.

Both start from the same state: packages and repository metadata are there, nothing else. Ours is
then measured again after one line of a %post has changed, which the original builds from nothing.
"""

import argparse
import json
import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from report import verdict
from scratch import Peak, Watch
from timed import Run, run

from appliance.store.results import below
from build import machine, say

TESTS = Path(__file__).parents[1] / "tests"
NAME = "bench"
RELEASE = "13"
KICKSTART = """\
lang C.UTF-8
keyboard us
timezone UTC --utc
rootpw --plaintext open-sesame
network --bootproto=dhcp --device=eth0 --onboot=on
repo --name=base --baseurl={repository}
zerombr
clearpart --all --initlabel --disklabel=msdos
part / --fstype=ext4 --size=2048 --ondisk=sda
bootloader --location=mbr --timeout=1

%packages
@core
kernel
grub2
%end

%post
echo "line {line}" > /etc/bench
%end
"""


@dataclass(frozen=True)
class Kind:
    """A format: what the original is asked for it, and how much of its time ours may take."""

    format: str
    words: tuple[str, ...]
    full: float
    script: float


KINDS = (
    Kind("raw", ("-f", "raw", "--no-compress"), 0.7, 0.25),
    Kind("qcow2", ("-f", "qcow2"), 0.55, 0.25),
    Kind("raw.xz", ("-f", "raw"), 0.35, 0.3),
)
SIZE = 1.15  # x the original's file, at most


@dataclass(frozen=True)
class Build:
    """One build: its time, the most room it took, and bytes that the disk's file takes."""

    run: Run
    peak: Peak
    size: int

    def plain(self) -> dict[str, Any]:
        """As JSON data; seconds and bytes."""
        return {
            "seconds": self.run.seconds, "cpu": self.run.cpu,
            "scratch": asdict(self.peak), "size": self.size,
        }  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """One format in one round; *script* is ours after a changed %post."""

    kind: Kind
    ours: Build
    script: Build
    theirs: Build | None = None


@dataclass(frozen=True)
class Contest:
    """Both programs in *place*; *original* is how the other one is called, empty for not at all."""

    place: Path
    repository: str
    key: Path
    original: tuple[str, ...] = ()

    def prepare(self) -> None:
        """Have all packages and metadata in both caches; nothing is measured."""
        self.place.mkdir(parents=True, exist_ok=True)
        self._write()
        self._ours(KINDS[0])
        if self.original:
            self._theirs(KINDS[0])

    def measured(self, kind: Kind, *, theirs_first: bool) -> Pair:
        """Each build of one format, once."""
        self._write()
        theirs = self._theirs(kind) if self.original and theirs_first else None
        self._forget()
        ours = self._ours(kind)
        self._write()
        script = self._ours(kind)
        if self.original and not theirs_first:
            theirs = self._theirs(kind)
        return Pair(kind, ours, script, theirs)

    @property
    def kickstart(self) -> Path:
        """What both build."""
        return self.place / f"{NAME}.ks"

    def _write(self) -> None:
        text = KICKSTART.format(repository=self.repository, line=time.time_ns())
        self.kickstart.write_text(text)

    def _forget(self) -> None:
        """Leave packages and metadata, take the rest: results, and what dnf answered."""
        store = self._store
        for path in (store / "results", *store.glob("dnf/*/choices")):
            shutil.rmtree(path, ignore_errors=True)
        for mark in store.glob("dnf/*/asked"):
            os.utime(mark)  # metadata counts as current for an hour: not to run out in a round

    @property
    def _store(self) -> Path:
        """Where ours keeps things when it is told of a directory for temporary ones."""
        return below(self.place / "ours-scratch")

    def _ours(self, kind: Kind) -> Build:
        scratch, output = self.place / "ours-scratch", self.place / "ours"
        scratch.mkdir(exist_ok=True)
        return self._build(
            sys.executable, "-c", "import sys; from appliance.cli.creator import main; "
            "sys.exit(main())", "-c", str(self.kickstart), "-n", NAME, "--version", RELEASE,
            "-t", str(scratch), "-o", str(output), "--gpg-check", "--keyring", str(self.key),
            "-q", *kind.words, output=output, watch=Watch(self._store / "drafts", output),
        )  # fmt: skip

    def _theirs(self, kind: Kind) -> Build:
        scratch, output = self.place / "scratch", self.place / "theirs"
        scratch.mkdir(exist_ok=True)
        return self._build(
            *self.original, "-c", str(self.kickstart), "-n", NAME, "--version", RELEASE,
            "-t", str(scratch), "--cache", str(self.place / "cache"), "-o", str(output),
            *kind.words, output=output, watch=Watch(scratch, output),
        )  # fmt: skip

    def _build(self, *argv: str, output: Path, watch: Watch) -> Build:
        shutil.rmtree(output, ignore_errors=True)
        with watch:
            done = run(argv, directory=self.place, watch=watch.begin)
        disk = next(output.glob(f"{NAME}/{NAME}-sda.*"))
        return Build(done, watch.peak(), _blocks(disk))


def _blocks(file: Path) -> int:
    return file.stat().st_blocks * 512


def find(named: str, python: str) -> tuple[tuple[str, ...], str]:
    """How to call the original: *named* is a command, or a checkout of appliance-tools that has
    one of livecd-tools beside it; or an empty tuple, and why."""
    checkout = Path(named)
    if named and checkout.is_dir():
        program = checkout.absolute() / "tools/appliance-creator"
        beside = checkout.absolute().parent / "livecd-tools"
        if not program.exists() or not beside.is_dir():
            return (), f"{named} lacks tools/appliance-creator, or livecd-tools beside it"
        paths = f"PYTHONPATH={checkout.absolute()}:{beside}"
        return ("env", paths, python, str(program)), ""
    words = tuple(shlex.split(named or "appliance-creator"))
    program_path = shutil.which(words[0])
    if not program_path:
        return (), f"no {words[0]} on PATH; --original names one"
    if not named and Path(program_path).parent == Path(sys.executable).parent:
        return (), "the appliance-creator on PATH is ours; --original names another"
    return words, ""


def told(pairs: list[Pair], why: str) -> Iterator[str]:
    """Medians and ratios of what ran side by side, then where our time goes."""
    yield f"{'':32}{'original':>10}{'ours':>10}{'ratio':>8}   target"
    for kind in KINDS:
        mine = [pair for pair in pairs if pair.kind == kind]
        if mine:
            yield from _of_kind(kind, mine)
    if why:
        yield f"the original was not measured: {why}"
    for kind in KINDS:
        for title, attribute in (("from packages", "ours"), ("changed %post", "script")):
            runs = [getattr(pair, attribute).run for pair in pairs if pair.kind == kind]
            if runs:
                yield from _parts(f"{kind.format}, {title}", runs)


def _of_kind(kind: Kind, pairs: list[Pair]) -> Iterator[str]:
    yield row(f"{kind.format}: seconds", pairs, "ours", lambda it: it.run.seconds, kind.full)
    yield row("  after a changed %post", pairs, "script", lambda it: it.run.seconds, kind.script)
    yield row("  CPU seconds", pairs, "ours", lambda it: it.run.cpu)
    yield row("  CPU seconds, changed %post", pairs, "script", lambda it: it.run.cpu)
    yield row("  peak scratch, MiB", pairs, "ours", lambda it: it.peak.total / 2**20)
    most = SIZE if kind.format == "raw.xz" else None
    yield row("  size on disk, MiB", pairs, "ours", lambda it: it.size / 2**20, most)


def row(title: str, pairs: list[Pair], name: str, value: Any, most: float | None = None) -> str:
    """One line: medians of both, and the median of the rounds' ratios."""
    ours = [value(getattr(pair, name)) for pair in pairs]
    theirs = [value(pair.theirs) for pair in pairs if pair.theirs]
    if not theirs:
        return f"{title:32}{'-':>10}{median(ours):10.1f}"
    ratio = median(mine / other for mine, other in zip(ours, theirs, strict=True))
    end = f"   {verdict(ratio, most, ' x')}" if most else ""
    return f"{title:32}{median(theirs):10.1f}{median(ours):10.1f}{ratio:8.2f}{end}"


def _parts(title: str, runs: list[Run]) -> Iterator[str]:
    parts = [done.parts() for done in runs]
    whole = median(done.seconds for done in runs)
    yield ""
    yield f"{title}: where our time goes (medians)"
    for name in dict.fromkeys(name for found in parts for name in found):
        seconds = median(found.get(name, 0.0) for found in parts)
        yield f"  {name:40}{seconds:8.2f} s{seconds / whole:6.0%}"
    rest = median(
        done.seconds - sum(found.values()) for done, found in zip(runs, parts, strict=True)
    )
    yield f"  {'the rest: start, planning, cleaning up':40}{rest:8.2f} s{rest / whole:6.0%}"


def arguments() -> argparse.Namespace:
    """What was typed."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--original", default="", metavar="CHECKOUT|COMMAND",
        help="a checkout of appliance-tools with livecd-tools beside it, or how to call the "
        "program, 'sudo appliance-creator' for example (default: the one on PATH)",
    )  # fmt: skip
    parser.add_argument(
        "--python", default="/usr/bin/python3", help="runs a checkout (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=2, metavar="N", help="default: 2")
    parser.add_argument(
        "--formats", default=",".join(kind.format for kind in KINDS), metavar="LIST",
        help="what to make (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--repository",
        default="",
        metavar="URL",
        help="instead of the test distribution, which is made if it is not there yet",
    )
    parser.add_argument("--key", type=Path, metavar="FILE", help="what signs that repository")
    parser.add_argument(
        "--place", type=Path, default=cache / "appliance-bench-original", metavar="DIR",
        help="where to work and to keep packages (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there too")
    options = parser.parse_args()
    if bool(options.repository) != bool(options.key):
        parser.error("--repository and --key go together")
    return options


def distribution() -> tuple[str, Path]:
    """The address of the test distribution, made here if it is not there yet, and its key."""
    sys.path.insert(0, str(TESTS))
    from rpm_distribution.world import cache

    world = cache().core()
    return f"file://{world.base}", world.key


def main() -> int:
    """Measure, print, write."""
    options = arguments()
    kinds = [kind for kind in KINDS if kind.format in options.formats.split(",")]
    original, why = find(options.original, options.python)
    repository, key = (
        (options.repository, options.key.absolute()) if options.repository else distribution()
    )
    contest = Contest(options.place.absolute(), repository, key, original)
    say(f"each builds once, unmeasured, to have its packages: {contest.place}")
    contest.prepare()
    pairs: list[Pair] = []
    for number in range(options.rounds):
        for kind in kinds:
            pairs.append(contest.measured(kind, theirs_first=bool(number % 2)))
            say(f"round {number + 1}, {kind.format}: {_short(pairs[-1])}")
    print(f"{machine()}; {options.rounds} rounds\n")
    print("\n".join(told(pairs, why)))
    if options.json:
        options.json.write_text(json.dumps([plain(pair) for pair in pairs], indent=1) + "\n")
    return 0


def plain(pair: Pair) -> dict[str, Any]:
    """As JSON data."""
    return {
        "format": pair.kind.format,
        "ours": pair.ours.plain(),
        "script": pair.script.plain(),
        "original": pair.theirs.plain() if pair.theirs else None,
    }


def _short(pair: Pair) -> str:
    builds = {"original": pair.theirs, "ours": pair.ours, "changed %post": pair.script}
    return ", ".join(f"{name} {it.run.seconds:.1f} s" for name, it in builds.items() if it)


if __name__ == "__main__":
    sys.exit(main())
