"""Time the filling of filesystems from a tree against `cp -a` of that tree: part of `make bench`.

Each round copies the tree once and fills every filesystem once, in the same directory; the ratio
is the median of those within rounds. See bench/README.md.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.backends import block_layers as encryption
from appliance.backends import filesystems
from appliance.backends.block_layers.model import Run
from appliance.backends.filesystems.model import MKFS, Partition, size_of
from appliance.creation import tools_root
from appliance.engine.hands import Hands, Tree
from appliance.engine.run_plan import Manner
from appliance.errors import ApplianceError, Where
from appliance.host import probe
from appliance.layout.areas import Encrypted
from appliance.layout.place import CONTAINER
from appliance.packages.resolve import Sources
from appliance.store.results import Store
from appliance.units import MIB, align_up, show
from appliance.work.results import DiskImage

TARGET = 3.0  # times cp -a, for what its own mkfs fills
CLOCK = 1_700_000_000
UUID = "11111111-2222-3333-4444-555555555555"
HERE = Where(Path("bench.ks"), 1)
LUKS = "in LUKS2"
SEAL = Encrypted(UUID, "luks-bench", "env:BENCH", "", "", 0, 0, 0)


@dataclass(frozen=True)
class Case:
    """One filesystem and layout; *root* is where its programs are."""

    kind: str
    layout: str
    root: str
    place: Partition

    @property
    def name(self) -> str:
        """As the table shows it."""
        return f"{self.kind}, {self.layout}, {'tools of Debian' if self.root else 'this host'}"


def main() -> int:
    """Measure, print."""
    options = arguments()
    store = Store(options.place.absolute() / "store")
    store.open()
    newest = tools_root.tools_root(
        options.tools, Sources(), Manner(), store=store, emit=lambda event: None
    )
    work = Path(store.drafts / "filling")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    tree = work / "tree"
    shutil.copytree(options.tree or newest, tree, symlinks=True)
    known = list(cases(tree, newest, subvolumes=("home", "var")))
    files = sum(1 for _ in tree.rglob("*"))
    print(f"{show(size_of(tree))} in {files:,} files, {os.cpu_count()} cores")
    copies, seconds = [], {case: list[float]() for case in known}
    refused: dict[Case, str] = {}
    for number in range(options.runs):
        copies.append(copied(tree, work / "copy"))
        for case in known if number % 2 else reversed(known):
            if case in refused:
                continue
            try:
                seconds[case].append(filled(case, tree, store, work, options.kernel))
            except ApplianceError as error:
                refused[case] = error.problem
    report(known, copies, seconds, refused)
    shutil.rmtree(work)
    return 0


def arguments() -> argparse.Namespace:
    """What was typed."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="rounds (default: 3)")
    parser.add_argument(
        "--place", type=Path, default=cache / "appliance-bench", metavar="DIR",
        help="where to work (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--tree", type=Path, metavar="DIR", help="what to fill with (default: the newest tools)"
    )
    parser.add_argument(
        "--tools", default="auto", metavar="ROOT|auto",
        help="whose programs are measured besides this host's (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--kernel", type=Path, default=Path("/"), metavar="ROOT",
        help="the root whose kernel machines boot (default: %(default)s)",
    )  # fmt: skip
    return parser.parse_args()


def cases(tree: Path, newest: str, *, subvolumes: tuple[str, ...]) -> Iterator[Case]:
    """Every filesystem that holds links, with the programs of this host and the newest."""
    size = align_up(size_of(tree) * 3 // 2 + 300 * MIB, MIB)
    place = Partition(MIB, size, UUID, "", "", "/", HERE)
    for kind in ("ext2", "ext3", "ext4", "xfs", "btrfs"):
        for root in ("", newest):
            if kind not in filesystems.KNOWN or probe.missing(tools_of(kind), Path(root or "/")):
                continue
            said = dict(probe.tool_versions(tools_of(kind), Path(root or "/")))
            for inner in ((), subvolumes) if kind == "btrfs" else ((),):
                way = filesystems.KNOWN[kind].way(said, subvolumes=bool(inner))
                layout = f"{len(inner)} subvolumes" if inner else "plain"
                yield Case(kind, layout, root, replace(place, way=way, subvolumes=inner))
    if not probe.missing(encryption.find().tools):
        yield Case("ext4", LUKS, "", place)


def tools_of(kind: str) -> tuple[str, ...]:
    """The programs that make a filesystem of that kind."""
    return filesystems.KNOWN[kind].tools


def copied(tree: Path, target: Path) -> float:
    """Seconds of `cp -a`."""
    os.sync()
    began = time.monotonic()
    subprocess.run(["cp", "-a", tree, target], check=True)
    seconds = time.monotonic() - began
    shutil.rmtree(target)
    return seconds


def filled(case: Case, tree: Path, store: Store, work: Path, kernel: Path) -> float:
    """Seconds of making the filesystem in a disk beside the tree."""
    scratch = work / "scratch"
    scratch.mkdir()
    disk = scratch / "disk"
    with disk.open("wb") as file:
        file.truncate(case.place.size + 2 * MIB)
    hands = Hands(
        clock=CLOCK, cores=os.cpu_count() or 1, gives=DiskImage("bench"), digests={},
        scratch=scratch, draft=work, passing=Path(), layers=Tree(kernel, store, 1),
        emit=lambda event: None, tools=case.root,
        secrets={SEAL.source: "a passphrase of the bench"},
    )  # fmt: skip
    os.sync()
    began = time.monotonic()
    try:
        make = filesystems.KNOWN[case.kind].make
        if case.layout == LUKS:
            sealed(hands, make, case.place, disk, tree)
        else:
            make(hands, case.place, disk=disk, tree=tree)
        return time.monotonic() - began
    finally:
        shutil.rmtree(scratch)


def sealed(
    hands: Hands, make: Callable[..., None], place: Partition, disk: Path, tree: Path
) -> None:
    """Make the filesystem in the clear, then encrypt it into its place."""
    plain = hands.scratch / "plain"
    with plain.open("wb") as file:
        file.truncate(place.size - CONTAINER)
    make(hands, replace(place, start=0, size=place.size - CONTAINER), disk=plain, tree=tree)
    encryption.find().encrypt(
        hands, plain=plain, run=Run(disk, place.start, place.size), container=SEAL, where=HERE
    )


def report(
    known: list[Case],
    copies: list[float],
    seconds: dict[Case, list[float]],
    refused: dict[Case, str],
) -> None:
    """The table of bench/README.md."""
    print(f"cp -a: {statistics.median(copies):.2f} s\n")
    print("| filesystem, layout, programs | way | seconds | x cp -a | target |")
    print("|---|---|---|---|---|")
    for case in known:
        if case in refused:
            print(f"| {case.name} | {case.place.way} | {refused[case]} | | |")
            continue
        ratio = statistics.median(
            mine / copy for mine, copy in zip(seconds[case], copies, strict=True)
        )
        free = case.place.way != MKFS or case.layout == LUKS  # reported, without a target
        verdict = "" if free else "met" if ratio <= TARGET else "missed"
        middle = statistics.median(seconds[case])
        print(f"| {case.name} | {case.place.way} | {middle:.2f} | {ratio:.2f} | {verdict} |")


if __name__ == "__main__":
    sys.exit(main())
