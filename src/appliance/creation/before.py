"""Read a kickstart for a build: its %pre scripts run first, in the sandbox, if the rest of it needs
what they decide."""

import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from appliance.creation import own_files
from appliance.creation.forgetting import forget, scripts_with_network
from appliance.creation.network_of_scripts import have_network, proxy_of
from appliance.creation.request import Request
from appliance.engine.run_plan import build
from appliance.errors import CommandError
from appliance.events import Emit
from appliance.intake.own_files import Brought
from appliance.layout.complete import USUAL_DISK
from appliance.plan.before import before
from appliance.plan.make import Target
from appliance.plan.scripts import Terms
from appliance.recipe.before import Decided, MadePartition, MadeTable
from appliance.recipe.model import Recipe
from appliance.recipe.overrides import Overrides
from appliance.recipe.reading.lines import LARGEST_FILE, LEFT
from appliance.recipe.reading.load import load
from appliance.recipe.variables import secret_values
from appliance.steps.script_surroundings import FILES, TABLES
from appliance.store.results import Store
from appliance.units import MIB, align_up, show

TABLE_KINDS = ("gpt", "dos")
MOST_PARTITIONS = 128  # of a GPT, as everybody makes it


def read_recipe(request: Request, store: Store, emit: Emit) -> tuple[Recipe, Brought]:
    """Return the recipe of the kickstart, and the author's own files; if its %pre scripts decide
    what is in it, they run.

    Raises what read() and own_files.found() raise.
    """

    found: list[Brought] = []  # once: what scripts see may be large, and all of it is read

    def own(recipe: Recipe) -> Brought:
        if not found:
            asked, kickstart = request.sheet.files, request.kickstart
            found.append(
                own_files.found(asked, recipe, kickstart, writes=request.writes, emit=emit)
            )
        return found[0]

    def run(recipe: Recipe, disk_size: int) -> Path:
        brought, target = own(recipe), request.target
        shown, names = brought.files.shown, brought.files.names
        terms = Terms(target.network, target.strict_scripts, shown, names, disk_size=disk_size)
        plan = before(recipe, terms)
        if request.refresh_scripts:
            forget(plan.above(scripts_with_network(plan)), plan, store)
        have_network(plan.steps)
        manner = replace(
            request.manner,
            sources=own_files.sources(brought, request.writes),
            proxy=proxy_of(recipe),
        )
        secrets = secret_values(request.overrides.variables)
        return build(plan, store, emit, size=0, manner=manner, secrets=secrets)[plan.targets[0]]

    recipe = read(request.kickstart, request.overrides, request.target, run)
    return recipe, own(recipe)


def read(
    kickstart: Path, overrides: Overrides, target: Target, run: Callable[[Recipe, int], Path]
) -> Recipe:
    """Return the recipe that *kickstart* describes.

    If it includes what a %pre writes, or uses a partition that one makes, its %pre scripts run
    before: they find disks of the size that *target* asks for. *run* runs those of a recipe, with
    disks of so many bytes, and returns the file of what they leave.
    Raises what load() raises, and CommandError for a script that fails.
    """
    recipe = load(kickstart, overrides=overrides)
    if not recipe.pending:
        return recipe
    size = target.disk_size or USUAL_DISK
    try:
        made = run(recipe, size)
    except CommandError as error:
        hint = f"a larger --disk-size, if {show(size)} are too small; {error.hint}"
        raise CommandError(error.problem, hint=hint, where=error.where, tail=error.tail) from error
    reading = replace(overrides.reading, decided=decided(made, size))
    return load(kickstart, overrides=replace(overrides, reading=reading))


def decided(made: Path, size: int) -> Decided:
    """Return what is in the result of a RunBefore step, whose disks have *size* bytes."""
    files: dict[str, str] = {}
    tables: dict[str, MadeTable] = {}
    with tarfile.open(made) as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            data = tar.extractfile(member) if member.isreg() else None
            if data is None or member.size > LARGEST_FILE:
                continue
            text = data.read().decode(errors="replace")
            if path.parts[0] == FILES:
                files[f"{LEFT}{path.relative_to(FILES)}"] = text
            elif path.parts[0] == TABLES and text and (table := _table(json.loads(text), size)):
                tables[path.stem] = table
    return Decided(files, tables)


def _table(said: Mapping[str, Any], size: int) -> MadeTable | None:
    """Return the table that `sfdisk --json` printed; None for one of another kind."""
    told = said["partitiontable"]
    if told["label"] not in TABLE_KINDS:
        return None
    sector = int(told.get("sectorsize", 512))
    partitions = tuple(_partition(one, sector) for one in told.get("partitions", ()))
    return MadeTable(told["label"], size, partitions[:MOST_PARTITIONS])


def _partition(told: Mapping[str, Any], sector: int) -> MadePartition:
    """Return one partition, from its first whole MiB to its last."""
    start = max(align_up(int(told["start"]) * sector, MIB), MIB)
    end = (int(told["start"]) + int(told["size"])) * sector // MIB * MIB
    number = int(told["node"].removeprefix(_stem(told["node"])))
    return MadePartition(number, start, max(end - start, MIB), str(told["type"]))


def _stem(node: str) -> str:
    return node.rstrip("0123456789")
