"""The command line: `cd tests; python -m rpm_distribution.make --tier core --out DIRECTORY`."""

import argparse
import shutil
import sys
import time
from pathlib import Path

from .world import Cache, World, cache


def main() -> None:
    """Make the distribution, and say where it is."""
    parser = argparse.ArgumentParser(prog="rpm_distribution.make", description=__doc__)
    parser.add_argument("--tier", choices=("tiny", "core"), default="core")
    parser.add_argument("--cache", type=Path, help="default: $APPLIANCE_TEST_CACHE")
    parser.add_argument("--out", type=Path, help="a new directory for a copy; default: the cache")
    parser.add_argument(
        "--efi-layout", choices=("usr", "boot"), default="usr",
        help="usr: EFI programs in /usr/lib/efi, as in Fedora 44; boot: in /boot/efi, as before",
    )  # fmt: skip
    options = parser.parse_args()
    start = time.monotonic()
    place = Cache(options.cache.absolute()) if options.cache else cache()
    world = (
        place.tiny()
        if options.tier == "tiny"
        else place.core(efi_in_usr=options.efi_layout == "usr")
    )
    if options.out:
        world = World(shutil.copytree(world.place, options.out.absolute()))
    count = len(list(world.base.rglob("*.rpm")))
    took = f"{time.monotonic() - start:.1f} s"
    sys.stdout.write(f"{world.place}: {count} packages in base, {took}\n")


if __name__ == "__main__":
    main()
