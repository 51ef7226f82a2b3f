"""Run a plan: skip the steps whose results the store has, and let a worker, in a namespace of its
own, run the others."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import Any

from appliance import events
from appliance.codec import encode
from appliance.engine.order import SCRIPT_SECONDS, Order, Source
from appliance.errors import KINDS, ApplianceError, CommandError, HostError, Where
from appliance.host import command, own_names, probe, sandbox
from appliance.plan.model import Plan
from appliance.recipe.secrets import without_texts
from appliance.steps import Step
from appliance.store.results import Store
from appliance.store.warnings import warnings
from appliance.work.results import Result

NONE: Mapping[str, str] = MappingProxyType({})
SPARE = 256 * 1024 * 1024  # bytes of memory left to everybody else


@dataclass(frozen=True)
class Manner:
    """How to build, apart from what is built.

    *cores*: how many cores to use; 0: all.
    *in_memory*: whether the workbench is in memory; None: if it fits.
    *shell*: whether to open a shell in the sandbox where a script fails.
    *script_seconds*: how long each of the author's scripts may run.
    *tools*: the root whose programs make the image; empty: this machine's.
    *sources*: where the author's own files are.
    *proxy*: the URL of the proxy of scripts with a network, if the environment names none.
    """

    cores: int = 0
    in_memory: bool | None = None
    shell: bool = False
    script_seconds: int = SCRIPT_SECONDS
    tools: str = ""
    sources: tuple[Source, ...] = ()
    proxy: str = ""


def build(
    plan: Plan,
    store: Store,
    emit: events.Emit,
    *,
    size: int,
    manner: Manner,
    secrets: Mapping[str, str] = NONE,
) -> dict[Result, Path]:
    """Run *plan*; return the file of each of its targets. A failed step leaves nothing in *store*.

    *size* is about how many bytes the installed packages take, and decides whether the workbench is
    in memory or on disk. *secrets* are passphrases by their sources, and values of variables by
    ${NAME}: only the worker gets them, and they are in nothing that is kept or told.

    Raises the error of the step that failed.
    """
    digests = plan.digests()
    available = store.finished(digests.values())
    for digest in sorted(store.damaged(digests.values())):
        emit(events.Noted(f"the result {digest[:12]} in the store is damaged, and made again"))
    steps = plan.needed(available)
    for step in plan.steps:
        if step not in steps and digests[step.gives] in available:
            emit(events.StepReused(str(step.gives), digests[step.gives]))
            store.touch(digests[step.gives])
            for text in warnings(store.path(digests[step.gives])):
                emit(events.warned(text, getattr(step, "where", None)))
    if steps:
        order = Order(
            store=str(store.place),
            memory=workbench_size(size, manner),
            cores=manner.cores or available_cores(),
            shell=manner.shell,
            script_seconds=manner.script_seconds,
            tools=manner.tools,
            sources=manner.sources,
            proxy=manner.proxy,
            builder=own_names.builder(store.place),
        )
        if not _work(plan, order, steps, emit, secrets):
            emit(events.Noted("this build outgrows the memory that is free: it goes on on disk"))
            steps = plan.needed(store.finished(digests.values()))
            _work(plan, replace(order, memory=0), steps, emit, secrets)
    return {result: store.data(digests[result]) for result in plan.targets}


def available_cores() -> int:
    """How many cores this process may use (sched_getaffinity(2))."""
    return len(os.sched_getaffinity(0))


def workbench_size(size: int, manner: Manner) -> int:
    """The size in bytes of a workbench in memory for a tree of *size* bytes and its disks; 0 if
    they do not fit.

    Scripts may add to the tree, so it gets all memory but a quarter, or what it needs if that is
    more.
    """
    wanted, available = size * 5 // 2 + SPARE, probe.memory_available()
    if manner.in_memory is False or (manner.in_memory is None and available < wanted + SPARE):
        return 0
    return max(wanted, available - available // 4)


def _work(
    plan: Plan,
    order: Order,
    steps: tuple[Step, ...],
    emit: events.Emit,
    secrets: Mapping[str, str],
) -> bool:
    """Have a worker run *steps*; False if the workbench in memory was too small.

    Raises the error of the step that failed, or HostError if there is no namespace.
    """
    only = [str(step.gives) for step in steps]
    whole = {"plan": plan.to_json(), "order": encode(order), "only": only}
    text = json.dumps({**whole, "secrets": dict(secrets)})
    with _worker(text) as (process, complaint):
        failed: dict[str, Any] | None = None
        done = outgrown = False
        for line in process.stdout or ():
            data = json.loads(line)
            if "event" in data:
                emit(masked(events.from_plain(data), secrets))
            failed = data.get("error", failed)
            done = done or "done" in data
            outgrown = outgrown or "outgrown" in data
        code = process.wait()
    if outgrown:
        return False
    if failed:
        raise error_from(failed, secrets)
    if code == sandbox.REFUSED:
        raise HostError(
            f"a build needs a namespace of its own: {_last(complaint)}", hint="appliance doctor"
        )
    if code == 130:
        raise KeyboardInterrupt
    if code or not done:
        raise CommandError(
            f"the build's worker ended with status {code}", tail=tuple(complaint[-15:])
        )
    return True


def _last(lines: list[str]) -> str:
    return lines[-1] if lines else "it was refused"


@contextmanager
def _worker(text: str) -> Iterator[tuple[Any, list[str]]]:
    """Start the worker with the order *text*; lend its process, and a list that has the lines of
    its standard error in the end. The worker has ended when the `with` is left, however that is."""
    argv = sandbox.in_namespace([sys.executable, "-m", "appliance.engine.worker"])
    env = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    complaint: list[str] = []
    with command.in_memory(text) as order, TemporaryFile("w+b") as errors:
        process = command.start(argv, stdin=order, stderr=errors, env=env)
        try:
            with process:
                yield process, complaint
                errors.seek(0)
                complaint += errors.read().decode(errors="replace").splitlines()
        except BaseException:
            stop(process)
            raise


def stop(process: Any) -> None:
    """Ask the worker to end, and kill it if it has not ended after 15 seconds."""
    process.terminate()
    try:
        process.wait(timeout=15)
    except Exception:  # noqa: BLE001 - subprocess.TimeoutExpired lives behind the door
        process.kill()
        process.wait()


def masked(event: events.Event, secrets: Mapping[str, str]) -> events.Event:
    """Return *event* with the names of *secrets* where a program has printed one."""
    if isinstance(event, events.ToolSaid):
        return replace(event, line=without_texts(event.line, secrets))
    if isinstance(event, events.Noted | events.Warned):
        return replace(event, text=without_texts(event.text, secrets))
    return event


def error_from(data: dict[str, Any], secrets: Mapping[str, str] = NONE) -> ApplianceError:
    """Rebuild the error that a worker described, with the names of *secrets* in their place."""
    where = Where(Path(data["where"][0]), data["where"][1]) if data["where"] else None
    return KINDS[data["kind"]](
        without_texts(data["problem"], secrets),
        hint=data["hint"],
        where=where,
        tail=tuple(without_texts(line, secrets) for line in data["tail"]),
    )
