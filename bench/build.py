"""Time builds of the AOS on this machine, against mkosi where there is one: `make bench`.

Each round is one measurement of everything, so that whatever else this machine does meets all of
it alike; see bench/README.md for what is measured and how.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from cases import Bench
from report import Figures, Round, Subject, told
from rival import Rival, find

RECIPE = Path(__file__).parents[1] / "kickstarts" / "aos-debian.ks"


def main() -> int:
    """Measure, print, write."""
    options = arguments()
    place = options.place.absolute()
    bench = Bench(
        place, options.recipe.name, ("--mirror", options.mirror) if options.mirror else ()
    )
    rival, why = (None, "--no-mkosi") if options.no_mkosi else find(options.mkosi_workspace)
    say(f"fetching what is missing, once: {place}")
    packages = bench.prepare(options.recipe.parent)
    if rival:
        say(f"{rival.name} builds once, unmeasured, to have its packages too")
        rival.prepare(place / "mkosi", packages, bench.sources())
    rounds = [
        measured(bench, rival, number, f"round {number} of {options.runs}")
        for number in range(1, options.runs + 1)
    ]
    subject = Subject(
        recipe=options.recipe.name,
        packages=len(packages),
        installed=bench.installed_size(),
        machine=machine(),
        rival=rival.name if rival else "",
        no_rival="" if rival else why,
    )
    figures = Figures(subject, tuple(rounds))
    print("\n".join(told(figures)))
    if options.json:
        options.json.write_text(json.dumps(figures.plain(), indent=1) + "\n")
    return 0


def arguments() -> argparse.Namespace:
    """What was typed."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="rounds (default: 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there too")
    parser.add_argument(
        "--place", type=Path, default=cache / "appliance-bench", metavar="DIR",
        help="where to work and to keep packages (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--recipe", type=Path, default=RECIPE, metavar="FILE.ks", help="what to build"
    )
    parser.add_argument("--mirror", default="", metavar="URL", help="root of the archive to use")
    parser.add_argument("--no-mkosi", action="store_true", help="leave mkosi out")
    parser.add_argument(
        "--mkosi-workspace", type=Path, metavar="DIR",
        help="where mkosi puts its image together, in memory for example (default: its own)",
    )  # fmt: skip
    return parser.parse_args()


def measured(bench: Bench, rival: Rival | None, number: int, title: str) -> Round:
    """One round; who goes first changes from round to round."""
    theirs = rival.build() if rival and number % 2 == 0 else None
    full, peak = bench.full()
    if rival and theirs is None:
        theirs = rival.build()
    result = Round(
        full=full,
        script=bench.script(),
        other_format=bench.other_format(),
        nothing=bench.nothing(),
        peak=peak,
        kept=bench.kept(),
        rival=theirs,
    )
    say(f"{title}: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in result.seconds()))
    return result


def machine() -> str:
    """What the figures were measured on."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    model = models[0] if models else os.uname().machine
    return f"{cores} cores ({model}), {memory:.0f} GiB of memory, Linux {os.uname().release}"


def say(text: str) -> None:
    """Tell whoever waits."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
