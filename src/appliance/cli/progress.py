"""How progress is shown: live on a terminal, plain lines elsewhere, JSON for programs."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from appliance import events
from appliance.cli.printable import lines
from appliance.units import show
from appliance.work.results import BootCode, Labels, Layer

KINDS = ("auto", "plain", "json")
REFRESH = 0.1  # seconds between two drawings of the same bar


@contextmanager
def watching(kind: str, *, verbose: bool = False, shared: bool = False) -> Iterator[events.Emit]:
    """Lend an Emit that shows events in the way called *kind* (or "quiet"). Warnings are printed in
    the end, however it comes, even if it is quiet; as JSON they are events like others.

    *shared*: somebody else may use the terminal meanwhile, so nothing moves on it.
    """
    warnings: list[str] = []

    def heard(event: events.Event) -> None:
        if isinstance(event, events.Warned):
            warnings.append(event.text)
        emit(event)

    try:
        with _showing(kind, verbose=verbose, shared=shared) as emit:
            yield heard
    finally:
        if kind != "json":
            _say_again(warnings)


@contextmanager
def _showing(kind: str, *, verbose: bool, shared: bool) -> Iterator[events.Emit]:
    if kind == "quiet":
        yield lambda event: None
    elif kind == "json":
        yield _json
    elif kind == "plain" or verbose or shared or not _moves():
        yield Plain(verbose)
    else:
        with _live() as emit:
            yield emit


def _moves() -> bool:
    """Whether a line on the standard error can be written again: on a terminal that is not dumb."""
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") not in ("", "dumb", "unknown")


def _say_again(warnings: list[str]) -> None:
    """Print what went wrong, each of it once, and how much that was."""
    different = dict.fromkeys(warnings)
    for text in different:
        print(lines(f"warning: {text}"), file=sys.stderr)
    if different:
        count = "1 warning" if len(different) == 1 else f"{len(different)} warnings"
        print(f"{count}: to be read before others get the appliance", file=sys.stderr, flush=True)


def _json(event: events.Event) -> None:
    print(json.dumps(as_json(event)), flush=True)


def as_json(event: events.Event) -> dict[str, Any]:
    """An event as programs read it: what it is, when that was in seconds since 1970, its fields."""
    plain = events.to_plain(event)
    return {"event": plain.pop("event"), "time": round(time.time(), 3), **plain}


def title(name: str) -> str:
    """What people call a result."""
    if name in TITLES:
        return TITLES[name]
    kind, _, rest = name.partition(":")
    rest = rest.replace("-", " ") if kind == "layer" else rest
    return KIND_TITLES.get(kind, "{}").format(rest) if rest else name


KIND_TITLES = {
    "layer": "running %{}",
    "filesystem": "filling {}",
    "disk": "writing disk {}",
    "image": "writing {}",
    "files": "writing the files as {}",
    "blocks": "mapping the blocks of {}",
}


TITLES = {
    "repositories": "reading the repositories",
    "own files": "reading your files",
    "resolve": "choosing packages",
    "download": "fetching packages",
    str(Layer("packages")): "installing packages",
    str(Layer("settings")): "applying settings",
    str(Layer("boot")): "configuring the boot loader",
    str(Layer("initramfs")): "making the initramfs",
    str(Layer("accounts")): "making users",
    str(Layer("growing")): "letting the root grow",
    str(Layer("image")): "naming the image",
    str(Layer("files")): "copying your files",
    str(Layer("first-boot")): "preparing the first boot",
    str(Layer("finish")): "removing what belongs to the build",
    str(Labels()): "choosing SELinux labels",
    str(BootCode("bios", "")): "boot loader for BIOS",
    str(BootCode("uefi", "")): "boot loader for UEFI",
    "bundle": "writing the appliance",
    "unpack": "unpacking",
}


class Plain:
    """Prints one line to the standard error for each thing that is done."""

    def __init__(self, verbose: bool) -> None:
        self.verbose = verbose

    def __call__(self, event: events.Event) -> None:
        """Print one event, if it is one that is shown."""
        text = self.line(event)
        if text:
            print(lines(text), file=sys.stderr, flush=True)

    def line(self, event: events.Event) -> str:
        """One event in words; empty for what is not shown."""
        match event:
            case events.ToolSaid(_, text) if self.verbose:
                return f"    {text}"
            case events.StepReused(gives):
                return f"       =  {title(gives)}" if self.verbose else ""
        return finished(event)


def finished(event: events.Event) -> str:
    """The line for something that is done, or worth knowing."""
    match event:
        case events.PhaseFinished(name, seconds, remark):
            return f"{seconds:6.1f} s  {title(name)}: {remark}"
        case events.StepFinished(gives, seconds):
            return f"{seconds:6.1f} s  {title(gives)}"
        case events.Noted(text):
            return f"    note  {text}"
    return ""


@contextmanager
def _live() -> Iterator[events.Emit]:
    """Show what is being done on a line that moves; it stays when that is done."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, highlight=False)
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(24),
        TextColumn("{task.fields[count]}"), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bars:
        tasks = {}

        def emit(event: events.Event) -> None:
            match event:
                case events.PhaseStarted(name) | events.StepStarted(name):
                    tasks[name] = bars.add_task(escape(lines(title(name))), total=None, count="")
                case events.Progress(name, done, total, unit) if name in tasks:
                    count = (
                        f"{show(done)} of {show(total)}"
                        if unit == "bytes"
                        else f"{done} of {total} {unit}"
                    )
                    bars.update(tasks[name], completed=done, total=total, count=count)
                case events.PhaseFinished(name) | events.StepFinished(name) if name in tasks:
                    bars.remove_task(tasks.pop(name))
            text = finished(event)
            if text:
                console.print(lines(text), markup=False, soft_wrap=True)

        yield emit
