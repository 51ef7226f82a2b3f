"""Runs the steps of one build inside its namespace: `python -m appliance.engine.worker`.

Reads one JSON order on standard input, writes one JSON event a line on standard output; the last
line is {"done": …} or {"error": …}. See engine/run_plan.py for the other end.
"""

import errno
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from appliance import events
from appliance.codec import decode
from appliance.engine.hands import Hands
from appliance.engine.inside import ENVIRONMENT
from appliance.engine.order import Order
from appliance.engine.tree import Tree
from appliance.errors import ApplianceError, CommandError, HostError
from appliance.host import sandbox, trees
from appliance.host.jailed import in_jail
from appliance.plan.model import Plan
from appliance.steps import Step
from appliance.steps.run_script import RunScript
from appliance.store.results import SPACE_WORDS, Store, full_disk_explained, no_space
from appliance.work import Jail
from appliance.work.results import PASSING, Layer, LeftFiles


def main() -> int:
    """Obey one order."""
    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, interrupted)
    data = json.load(sys.stdin)
    try:
        plan, order = Plan.from_json(data["plan"]), decode(Order, data["order"])
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
    """Stop, once: a second signal must not disturb the cleaning up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def say(data: dict[str, Any]) -> None:
    """Write one line for the other end; it may have gone."""
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(data) + "\n")
        sys.stdout.flush()


def describe(error: ApplianceError) -> dict[str, Any]:
    """An error as plain data."""
    where = error.where
    return {
        "kind": type(error).__name__,
        "problem": error.problem,
        "hint": error.hint,
        "where": [str(where.path), where.line] if where else None,
        "tail": list(error.tail),
    }


def obey(plan: Plan, order: Order, only: list[str], secrets: dict[str, str]) -> None:
    """Run the steps whose results *only* names, in the plan's order; *secrets* are passphrases by
    their sources."""
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
    """Where a build works."""

    store: Store
    tree: Tree
    place: Path
    order: Order
    secrets: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def passing(self) -> Path:
        """Where results are that no store holds, each under its digest."""
        return self.place / "passing"


class OutgrownError(Exception):
    """The workbench in memory is too small; on disk the build can go on."""


@contextmanager
def workbench(bench: Path, order: Order) -> Iterator[Path]:
    """Lend a place for the tree and for drafts: memory if that was ordered, else disk."""
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
    """Make one result, unless another build just did; before it, what it takes that no store
    holds: under its lock, so that of two builds only one makes that."""
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
        began = time.monotonic()
        below = [digests[result] for result in step.takes if isinstance(result, Layer)]
        with scratch(shop.place) as space, explained(shop):
            if below or isinstance(step.gives, Layer | LeftFiles):
                shop.tree.climb(below)
            step.run(hands_of(plan, step, shop, space, draft))
            if isinstance(step.gives, Layer):
                shop.tree.keep_layer(draft, digest, plan.clock)
            elif isinstance(step.gives, LeftFiles):  # what it did to a root that is not there yet
                shop.tree.clear()
    tell(events.StepFinished(str(step.gives), round(time.monotonic() - began, 3)))


@contextmanager
def draft_of(step: Step, digest: str, shop: Shop) -> Iterator[Path | None]:
    """Lend the directory in which *step* makes its result: in the store, where it stays, or on the
    workbench, until let_go(). None: the store has it already."""
    if isinstance(step.gives, PASSING):
        place = shop.passing / digest
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
    """The hands with which *step* works in *space*, to leave its result in *draft*."""
    return Hands(
        plan.clock, shop.order.cores, step.gives, plan.digests(), space, draft, shop.passing,
        shop.tree, tell,
        tools=shop.order.tools, secrets=shop.secrets, script_seconds=shop.order.script_seconds,
    )  # fmt: skip


@contextmanager
def told_to_scripts(plan: Plan, shop: Shop) -> Iterator[None]:
    """If a step fails, run the author's %onerror and %traceback in what there is of the root, then
    let the error go on. What these scripts do changes no result, nor which error it was."""
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
    """Lend an empty directory of the workbench."""
    space = place / "scratch"
    space.mkdir()
    try:
        yield space
    finally:
        trees.remove(space)


@contextmanager
def explained(shop: Shop) -> Iterator[None]:
    """Tell a full disk from a tool's failure, and open a shell if one was ordered."""
    try:
        yield
    except CommandError as error:
        if any(word in line for word in SPACE_WORDS for line in error.tail):
            _look_for_space(shop, error)
        if shop.order.shell:
            shell(shop.tree.root)
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            _look_for_space(shop, error)
            raise no_space(shop.store.place) from error
        raise


def _look_for_space(shop: Shop, error: Exception) -> None:
    """Raise what is true if the workbench, or the store, is full."""
    if shop.order.memory and trees.is_full(shop.place):
        raise OutgrownError from error
    if trees.is_full(shop.store.place):
        raise no_space(shop.store.place) from error


def shell(root: Path) -> None:
    """A shell on the user's terminal, in the root of the image."""
    with suppress(OSError):
        terminal = os.open("/dev/tty", os.O_RDWR)
        jail = Jail(network=True)
        words = in_jail(["/bin/sh", "-i"], root=root, environment=ENVIRONMENT, jail=jail)
        child = os.fork()
        if child == 0:
            for number in (0, 1, 2):
                os.dup2(terminal, number)
            os.execv(words[0], words)
        os.waitpid(child, 0)


def tell(event: events.Event) -> None:
    """Send one event."""
    say(events.to_plain(event))


if __name__ == "__main__":
    sys.exit(main())
