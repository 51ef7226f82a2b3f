"""Time packing against tar and gzip: part of `make bench`.

Each round packs one directory with a raw disk and a qcow2 of it, by us and by `tar --sparse` with
the program of the same compression, in turns; zip is compared with tar and gzip, too. See
bench/README.md.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from converting import fill

from appliance.backends import bundle_formats
from appliance.backends.bundle_formats.model import Member, Packing, in_folder
from appliance.bundle.model import Bundle, Machine
from appliance.units import MIB, show


@dataclass(frozen=True)
class Case:
    """A package of ours, and the program that tar is told to compress the same with."""

    form: str
    program: str


CASES = (
    Case("tar.gz", "gzip"),
    Case("zip", "gzip"),
    Case("tar.zst", "zstd -q -T0"),
    Case("tar.xz", "xz -T0"),
)
BUNDLE = Bundle(
    name="bench", version="", release="", family="", family_release="", clock=0, plan_digest="",
    machine=Machine(), firmware=(), artifacts=(), packages=(),
)  # fmt: skip


def main() -> int:
    """Measure, print."""
    options = arguments()
    work = options.place.absolute() / "packing"
    shutil.rmtree(work, ignore_errors=True)
    (work / "bench").mkdir(parents=True)
    try:
        measure(options, work)
    finally:
        shutil.rmtree(work)
    return 0


def arguments() -> argparse.Namespace:
    """What was typed."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="rounds (default: 3)")
    parser.add_argument("--place", type=Path, default=cache / "appliance-bench", metavar="DIR")
    parser.add_argument("--data", type=Path, default=Path("/usr"), metavar="DIR")
    parser.add_argument("--size", type=int, default=256, metavar="MIB", help="of the disk's data")
    return parser.parse_args()


def measure(options: argparse.Namespace, work: Path) -> None:
    """Make the directory, and go round."""
    raw = work / "bench/bench-sda.raw"
    fill(raw, options.data, options.size * MIB)
    words = ["qemu-img", "convert", "-c", "-O", "qcow2", "-o", "compression_type=zstd"]
    subprocess.run([*words, "-f", "raw", raw, work / "bench/bench-sda.qcow2"], check=True)
    print(f"a raw disk with {show(options.size * MIB)} of {options.data}, and a qcow2 of it; "
          f"{os.cpu_count()} cores\n")  # fmt: skip
    print("| package | seconds | tar and | seconds | x | our size | theirs |")
    print("|---|---|---|---|---|---|---|")
    for case in CASES:
        ours, theirs = [], []
        for number in range(options.runs):
            for way in (packed, reference) if number % 2 else (reference, packed):
                found = way(case, work)
                (ours if way is packed else theirs).append(found)
        ratio = statistics.median(one[0] / two[0] for one, two in zip(ours, theirs, strict=True))
        mine, its = (statistics.median(run[0] for run in runs) for runs in (ours, theirs))
        print(f"| {case.form} | {mine:.2f} | {case.program} | {its:.2f} | {ratio:.2f} "
              f"| {show(ours[0][1])} | {show(theirs[0][1])} |")  # fmt: skip


def packed(case: Case, work: Path) -> tuple[float, int]:
    """Seconds and bytes of ours."""
    target, place = work / "ours", work / "bench"
    files = {path.name: path for path in place.iterdir()}
    members: list[Member] = list(in_folder(BUNDLE, files))
    os.sync()
    began = time.monotonic()
    bundle_formats.find(case.form).write(target, members, Packing(0, os.cpu_count() or 1))
    seconds, size = time.monotonic() - began, target.stat().st_size
    target.unlink()
    return seconds, size


def reference(case: Case, work: Path) -> tuple[float, int]:
    """Seconds and bytes of tar's."""
    target = work / "theirs"
    words = ["tar", "--create", "--sparse", "--file", target, "--directory", work]
    os.sync()
    began = time.monotonic()
    subprocess.run([*words, "--use-compress-program", case.program, "bench"], check=True)
    seconds, size = time.monotonic() - began, target.stat().st_size
    target.unlink()
    return seconds, size


if __name__ == "__main__":
    sys.exit(main())
