"""Time the conversion of disks against `qemu-img convert` alone: part of `make bench`.

Each round converts one disk into every format, by us and by qemu-img, in turns; the ratio is the
median of those within rounds. See bench/README.md.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.backends import disk_formats
from appliance.engine.hands import Hands, Tree
from appliance.store.results import Store
from appliance.units import MIB, align_up, show
from appliance.work.results import FormattedImage

SAME = 1.1  # times qemu-img's own, for the same format and compression
STREAM = 1 / 1.6
SHORTEST = 2.0  # seconds of qemu-img: what is shorter says little
BLOCK = 4096


@dataclass(frozen=True)
class Case:
    """A format of ours, what `qemu-img convert` makes of the same kind, and the target ratio."""

    name: str
    driver: str
    options: str = ""
    target: float = SAME
    words: tuple[str, ...] = ()
    small: bool = False  # the disk: what is compressed takes long enough with a small one


CASES = (
    Case("vmdk-stream", "vmdk", "subformat=streamOptimized", target=STREAM, small=True),
    Case("qcow2", "qcow2", "compat=1.1,compression_type=zstd", words=("-c",), small=True),
    Case("qcow2-zlib", "qcow2", "compat=1.1,compression_type=zlib", words=("-c",), small=True),
    Case("qcow2-plain", "qcow2", "compat=1.1"),
    Case("vmdk", "vmdk", "adapter_type=lsilogic"),
    Case("vdi", "vdi"),
    Case("vhd", "vpc", "subformat=dynamic,force_size=on"),
    Case("vhd-fixed", "vpc", "subformat=fixed,force_size=on"),
    Case("vhdx", "vhdx"),
)


def main() -> int:
    """Measure, print."""
    options = arguments()
    work = options.place.absolute() / "converting"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        measure(options, work)
    finally:
        shutil.rmtree(work)
    return 0


def measure(options: argparse.Namespace, work: Path) -> None:
    """Make the disks, and go round."""
    small, large = work / "small", work / "large"
    fill(small, options.data, options.small * MIB)
    fill(large, options.data, options.large * MIB)
    print(
        f"{show(options.small * MIB)} to be compressed, {show(options.large * MIB)} that are not,"
    )
    print(f"of {options.data}, and as much hole; {os.cpu_count()} cores\n")
    ours: dict[str, list[float]] = {case.name: [] for case in CASES}
    theirs: dict[str, list[float]] = {case.name: [] for case in CASES}
    for number in range(options.runs):
        for case in CASES:
            disk = small if case.small else large
            ways = (converted, reference)
            for way in ways if number % 2 else reversed(ways):
                seconds = ours if way is converted else theirs
                seconds[case.name].append(way(case, disk, work))
    report(ours, theirs)


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
        "--data", type=Path, default=Path("/usr"), metavar="DIR",
        help="whose files fill the disks (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--small", type=int, default=384, metavar="MIB",
        help="data of the disk that is compressed (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--large", type=int, default=4096, metavar="MIB",
        help="data of the disk that is not (default: %(default)s)",
    )  # fmt: skip
    return parser.parse_args()


def fill(disk: Path, data: Path, size: int) -> None:
    """Write the files of *data* as a filesystem holds them, again and again if there are too few;
    half of the disk stays a hole."""
    with disk.open("wb") as file:
        while file.tell() < size:
            before = file.tell()
            for path in files(data):
                file.write(path.read_bytes()[: size - file.tell()])
                file.seek(align_up(file.tell(), BLOCK))
                if file.tell() >= size:
                    break
            if file.tell() == before:
                raise SystemExit(f"{data} holds nothing")
        file.truncate(2 * size)


def files(place: Path) -> Iterator[Path]:
    """Every file below *place* that we may read, in order of names."""
    for path in sorted(place.rglob("*")):
        if path.is_file() and not path.is_symlink() and os.access(path, os.R_OK):
            yield path


def converted(case: Case, disk: Path, work: Path) -> float:
    """Seconds of our conversion, without what checks it afterwards."""
    draft, cores = work / "draft", os.cpu_count() or 1
    draft.mkdir()
    store, gives = Store(work / "store"), FormattedImage("bench", case.name)
    hands = Hands(
        clock=0, cores=cores, gives=gives, digests={gives: "1d" * 32}, scratch=work, draft=draft,
        passing=Path(), layers=Tree(work / "root", store, cores), emit=lambda event: None,
    )  # fmt: skip
    os.sync()
    began = time.monotonic()
    disk_formats.find(case.name).convert(hands, raw=disk, image=draft / "data")
    seconds = time.monotonic() - began
    shutil.rmtree(draft)
    return seconds


def reference(case: Case, disk: Path, work: Path) -> float:
    """Seconds of qemu-img's."""
    target = work / "theirs"
    options = ["-o", case.options] if case.options else []
    words = ["qemu-img", "convert", "-f", "raw", "-O", case.driver, *case.words, *options]
    os.sync()
    began = time.monotonic()
    subprocess.run([*words, disk, target], check=True)
    seconds = time.monotonic() - began
    target.unlink()
    return seconds


def report(ours: dict[str, list[float]], theirs: dict[str, list[float]]) -> None:
    """The table of bench/README.md."""
    print("| format | seconds | qemu-img | x qemu-img | target | |")
    print("|---|---|---|---|---|---|")
    for case in CASES:
        mine, its = ours[case.name], theirs[case.name]
        ratio = statistics.median(one / other for one, other in zip(mine, its, strict=True))
        middle, rival = statistics.median(mine), statistics.median(its)
        verdict = "met" if ratio <= case.target else "missed"
        if rival < SHORTEST:
            verdict = "too short"
        print(
            f"| {case.name} | {middle:.2f} | {rival:.2f} | {ratio:.2f} | {case.target:.2f} "
            f"| {verdict} |"
        )


if __name__ == "__main__":
    sys.exit(main())
