"""The program that runs the steps of one build inside its namespace: `python -m
appliance.engine.worker`.

It reads one order, in JSON, on standard input, and writes events on standard output, one a line, in
JSON; the last line is {"done": …}, {"error": …} or {"outgrown": …}. engine/run_plan.py starts it.
"""

import errno
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from appliance import events
from appliance.codec import decode
from appliance.engine import own_day, owners
from appliance.engine.hands import Hands
from appliance.engine.inside import ENVIRONMENT
from appliance.engine.order import Order
from appliance.engine.tree import Tree
from appliance.errors import ApplianceError, CommandError, HostError
from appliance.host import sandbox, script_network, trees
from appliance.host.jailed import in_jail
from appliance.plan.model import Plan
from appliance.steps import Step
from appliance.steps.run_script import RunScript
from appliance.store.results import SPACE_WORDS, Store, full_disk_explained, no_space
from appliance.work import Jail
from appliance.work.results import PASSING, Layer, LeftFiles

PROMPT = "in the image: $PWD # "
SHELL_SAYS = (
    "This shell is in the image's root, as it was when that failed; its root is not yours.",
    "What you change is forgotten. Leave with `exit`; the build ends then.",
)


def main() -> int:
    """Read one order, run its steps, and tell how that ended; return the exit status."""
    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, interrupted)
    data = json.load(sys.stdin)
    try:
        plan, order = Plan.from_json(data["plan"]), decode(Order, data["order"])
        for name in ("http_proxy", "https_proxy") if order.proxy else ():
            os.environ.setdefault(name, order.proxy)
        obey(plan, order, data["only"], data["secrets"])
    except OutgrownError:
        say({"outgrown": True})
        return OUTGROWN
    except ApplianceError as error:
        say({"error": describe(error)})
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    say({"done": True})
    return 0


def interrupted(*_: object) -> None:
    """Raise KeyboardInterrupt, only once: a second signal must not disturb the cleaning up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def say(data: dict[str, Any]) -> None:
    """Write one line for whoever started us, who may be gone already."""
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(data) + "\n")
        sys.stdout.flush()


def describe(error: ApplianceError) -> dict[str, Any]:
    """Return an error as plain data, from which run_plan.error_from() rebuilds it."""
    where = error.where
    return {
        "kind": type(error).__name__,
        "problem": error.problem,
        "hint": error.hint,
        "where": [str(where.path), where.line] if where else None,
        "tail": list(error.tail),
    }


def obey(plan: Plan, order: Order, only: list[str], secrets: dict[str, str]) -> None:
    """Run the steps whose results *only* names, in the plan's order; *secrets* are those of
    Shop."""
    store = Store(Path(order.store))
    store.open()
    with store.using(), full_disk_explained(store.place):
        store.sweep()
        with store.workbench() as bench, workbench(bench, order) as place:
            tree = Tree(place / "root", store, order.cores)
            shop = Shop(store, tree, place, order, secrets)
            with told_to_scripts(plan, shop):
                wanted = [step for step in plan.steps if str(step.gives) in only]
                kept = [step for step in wanted if not isinstance(step.gives, PASSING)]
                for done, step in enumerate(kept, start=1):
                    run_step(plan, step, shop)
                    let_go(step, kept[done:], plan, shop)


ON_FAILURE = ("onerror", "traceback")
OUTGROWN = 75  # exit status (sysexits.h: a failure that will pass)


@dataclass(frozen=True)
class Shop:
    """What all steps of one build share.

    *store*: where results are kept.
    *tree*: the root tree.
    *place*: the workbench, on which the tree and drafts are: in memory or on disk.
    *order*: what the worker was asked to do.
    *secrets*: the passphrases of encrypted volumes, by their sources, and the values of secret
        variables, by ${NAME}.
    """

    store: Store
    tree: Tree
    place: Path
    order: Order
    secrets: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def passing(self) -> Path:
        """The directory for results that the store does not hold, each under its digest."""
        return self.place / "passing"


class OutgrownError(Exception):
    """The workbench in memory is too small; the build can go on with one on disk."""


@contextmanager
def workbench(bench: Path, order: Order) -> Iterator[Path]:
    """Lend a directory for the root tree and for drafts, in memory if *order* says so, else on
    disk; raise HostError if it cannot be mounted."""
    place = bench / "mounted"
    place.mkdir()
    try:
        sandbox.mount_draft(place, in_memory=bool(order.memory), size=order.memory)
    except OSError as error:
        raise HostError(f"no workbench: {error}", hint="appliance doctor") from error
    try:
        yield place
    finally:
        sandbox.lift(place)


def run_step(plan: Plan, step: Step, shop: Shop) -> None:
    """Run *step*, unless another build has just made its result.

    What it takes and the store does not hold is made before, under the lock of the step's result,
    so that of two builds only one makes that.
    """
    digests, number = plan.digests(), plan.steps.index(step) + 1
    digest = digests[step.gives]
    with draft_of(step, digest, shop) as draft:
        if draft is None:
            tell(events.StepReused(str(step.gives), digest))
            return
        for other in plan.steps:
            there = (shop.passing / digests[other.gives]).exists()
            if other.gives in step.takes and isinstance(other.gives, PASSING) and not there:
                run_step(plan, other, shop)
        tell(events.StepStarted(str(step.gives), digest, number, len(plan.steps)))
        began, day = time.monotonic(), own_day.today()
        below = [digests[result] for result in step.takes if isinstance(result, Layer)]
        with ExitStack() as lent:
            with explained(shop):  # even an empty directory needs some memory
                space = lent.enter_context(scratch(shop.place))
            lent.enter_context(explained(shop))  # which looks before the directory is given back
            if below or isinstance(step.gives, Layer | LeftFiles):
                shop.tree.climb(below)
            step.run(hands_of(plan, step, shop, space, draft))
            if isinstance(step.gives, Layer):
                days = range(day, own_day.today() + 1)
                own_day.forget(shop.tree.resolve, days, plan.clock)
                owners.refuse_made(shop.tree.resolve, sandbox.mapped_ids())
                shop.tree.keep_layer(draft, digest, plan.clock)
            elif isinstance(step.gives, LeftFiles):  # what it did to a root that is not there yet
                shop.tree.clear()
    tell(events.StepFinished(str(step.gives), round(time.monotonic() - began, 3)))


@contextmanager
def draft_of(step: Step, digest: str, shop: Shop) -> Iterator[Path | None]:
    """Lend the directory in which *step* makes its result: in the store, where the result stays,
    or on the workbench, where it stays until let_go(). None: the store has the result already."""
    if isinstance(step.gives, PASSING):
        place = shop.passing / digest
        with explained(shop):
            place.mkdir(parents=True)
        yield place
        return
    with shop.store.lock(digest):
        if shop.store.has(digest):
            yield None
        else:
            with shop.store.draft(digest, str(step.gives)) as draft:
                yield draft


def let_go(step: Step, later: list[Step], plan: Plan, shop: Shop) -> None:
    """Remove what *step* took from the workbench, unless one of the *later* steps takes it too."""
    digests = plan.digests()
    for result in step.takes:
        if isinstance(result, PASSING) and not any(result in other.takes for other in later):
            trees.remove(shop.passing / digests[result])


def hands_of(plan: Plan, step: Step, shop: Shop, space: Path, draft: Path) -> Hands:
    """Return what *step* may ask of the world: it has *space* for scratch files, and makes its
    result in *draft*."""
    return Hands(
        plan.clock, shop.order.cores, step.gives, plan.digests(), space, draft, shop.passing,
        shop.tree, tell,
        tools=shop.order.tools, secrets=shop.secrets, script_seconds=shop.order.script_seconds,
        sources=shop.order.sources, shown=shop.place.parent / "shown",
        builder=shop.order.builder,
    )  # fmt: skip


@contextmanager
def told_to_scripts(plan: Plan, shop: Shop) -> Iterator[None]:
    """If a step fails, run the author's %onerror and %traceback in what there is of the root tree,
    then raise the error again. These scripts change neither a result nor the error."""
    try:
        yield
    except ApplianceError:
        for step in plan.steps:
            if isinstance(step, RunScript) and step.section in ON_FAILURE:
                _tell_script(plan, step, shop)
        raise


def _tell_script(plan: Plan, step: RunScript, shop: Shop) -> None:
    tell(events.PhaseStarted(step.title))
    began = time.monotonic()
    draft = shop.place / "told"
    draft.mkdir(exist_ok=True)
    shop.tree.root.mkdir(exist_ok=True)
    try:
        with scratch(shop.place) as space:
            step.run(hands_of(plan, step, shop, space, draft))
    except (ApplianceError, OSError) as error:
        tell(events.Noted(f"{step.where}: {step.title}: {error}"))
    tell(events.PhaseFinished(step.title, round(time.monotonic() - began, 3), ""))


@contextmanager
def scratch(place: Path) -> Iterator[Path]:
    """Lend an empty directory of the workbench, and remove it in the end."""
    space = place / "scratch"
    space.mkdir()
    try:
        yield space
    finally:
        trees.remove(space)


@contextmanager
def explained(shop: Shop) -> Iterator[None]:
    """Tell a full disk from the failure of a tool: raise OutgrownError or HostError for it. Where a
    tool failed, open a shell in the image if the order says so."""
    try:
        yield
    except CommandError as error:
        if any(word in line for word in SPACE_WORDS for line in error.tail):
            _look_for_space(shop, error)
        if shop.order.shell:
            shell(shop.tree.root, str(error))
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            _look_for_space(shop, error)
            raise no_space(shop.store.place) from error
        raise


def _look_for_space(shop: Shop, error: Exception) -> None:
    """Raise OutgrownError if the workbench is full and in memory, HostError if the store is full;
    *error* is the cause."""
    if shop.order.memory and trees.is_full(shop.place):
        raise OutgrownError from error
    if trees.is_full(shop.store.place):
        raise no_space(shop.store.place) from error


def told_before(failure: str) -> str:
    """What a terminal shows before a shell: the *failure*, whose words may be a stranger's, and
    where the shell is."""
    lines = (line if line.isprintable() else ascii(line) for line in failure.splitlines())
    return "\r\n".join(("", *lines, *SHELL_SAYS, ""))


def shell(root: Path, failure: str) -> None:
    """Say what the *failure* was on the user's terminal, and run a shell there, in the jail on the
    image's *root*, until it ends; say so if there is no terminal."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        tell(events.Noted("--shell: there is no terminal to open a shell on"))
        return
    with suppress(OSError):
        jail = Jail(network=script_network.OWN if script_network.gateways() else "")
        environment = {**ENVIRONMENT, "PS1": PROMPT}
        words = in_jail(["/bin/sh", "-i"], root=root, environment=environment, jail=jail)
        os.write(terminal, told_before(failure).encode(errors="backslashreplace"))
        child = os.fork()
        if child == 0:
            for number in (0, 1, 2):
                os.dup2(terminal, number)
            os.execv(words[0], words)
        os.waitpid(child, 0)


def tell(event: events.Event) -> None:
    """Send one event to whoever started us."""
    say(events.to_plain(event))


if __name__ == "__main__":
    sys.exit(main())
