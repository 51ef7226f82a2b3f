"""Everything that was typed for a build, as one value."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from appliance.backends.families.told import spoken
from appliance.bundle.sheet import Sheet
from appliance.cli import outcome
from appliance.cli.options.kinds import FITTED
from appliance.creation import shipped
from appliance.creation.request import Request
from appliance.engine.run_plan import Manner
from appliance.handover.brands import brand_of
from appliance.handover.form import Handover
from appliance.host import probe
from appliance.host.clock import source_date_epoch
from appliance.host.download import fetch_text
from appliance.plan.make import Target
from appliance.recipe.brand import Brand
from appliance.recipe.image import identified
from appliance.recipe.overrides import Overrides, Reading
from appliance.recipe.repository_options import RepositoryOptions
from appliance.recipe.variables import Value, settle

NETWORKS = {"own": "own", "host": "host", "none": ""}


def repositories(options: argparse.Namespace, sheet: Sheet) -> RepositoryOptions:
    """Return what the command line says about repositories; what *sheet* declares as secret is in
    none of their addresses."""
    secret = {variable.name for variable in sheet.variables if variable.secret}
    distribution, release = spoken(options.releasever)
    return RepositoryOptions(
        repositories=tuple(map(str, options.repo)),
        releasever=release,
        distribution=distribution,
        variables=tuple((name, value) for name, value in options.var if name not in secret),
        mirror=options.mirror,
        keyring=str(options.keyring.absolute()) if options.keyring else "",
        unchecked=tuple(options.no_gpg_check),
    )


def variables(options: argparse.Namespace, sheet: Sheet) -> tuple[Value, ...]:
    """Return the values of the variables that *sheet* declares.

    Raises RequestError for one that has none.
    """
    return settle(sheet.variables, options.var)


def disk_size(options: argparse.Namespace) -> int | None:
    """Return the bytes that the first disk is to have; None if nobody says it, or wants the least
    that what is in it allows."""
    size = getattr(options, "disk_size", None)
    return None if size == FITTED else size


def reading(options: argparse.Namespace) -> Reading:
    """Return where includes are looked for, and that URLs are fetched."""
    return Reading((*options.include_path, *shipped.directories()), fetch_text)


def changes(options: argparse.Namespace, kickstart: Path) -> dict[str, Any]:
    """Return the fields of Overrides that small changes to *kickstart* become."""
    name, version = getattr(options, "name", ""), getattr(options, "image_version", "")
    return {
        "name": name,
        "image": identified(name or kickstart.stem, version) if name or version else None,
        "hostname": getattr(options, "hostname", ""),
        "packages": tuple(options.install),
        "scripts": tuple(getattr(options, "run_script", ())),
    }


def brand(options: argparse.Namespace, sheet: Sheet, kickstart: Path) -> Brand | None:
    """Return under which name the system of a *kickstart* appears: that of its *sheet*, or none
    with --unbrand; None: that of its distribution. Raises RequestError."""
    called = getattr(options, "name", "") or kickstart.stem
    return brand_of(sheet, called, unbrand=getattr(options, "unbrand", False))


def request(options: argparse.Namespace) -> Request:
    """Everything that was typed, as one value; options a command does not have stay default."""
    target = hasattr(options, "purposes")
    sheet = outcome.sheet(options, options.recipe) if target else outcome.written(options)
    return Request(
        kickstart=options.recipe,
        output=getattr(options, "output", Path("out")),
        store=options.store.absolute(),
        target=Target(
            formats=outcome.formats(options) if target else Target.formats,
            disk_size=disk_size(options),
            fitted=getattr(options, "disk_size", None) == FITTED,
            network=NETWORKS[getattr(options, "network", "own")],
            memory=sheet.memory or Target.memory,
            architecture=getattr(options, "arch", probe.architecture()),
            grow_root=getattr(options, "grow_root", False),
            maps=target,
            strict_scripts=getattr(options, "strict_scripts", False),
            keep_kickstart=getattr(options, "keep_kickstart", False),
            whole=outcome.whole(options) if target else Target.whole,
        ),
        repositories=replace(
            repositories(options, sheet),
            refresh=options.refresh,
            clock=source_date_epoch(),
        ),
        overrides=Overrides(
            root_password=getattr(options, "root_password", ""),
            keys=tuple(getattr(options, "ssh_key", [])),
            users=tuple(getattr(options, "user", [])),
            reading=reading(options),
            strict=options.strict,
            passphrase=options.passphrase,
            variables=variables(options, sheet),
            first_boot=sheet.first_boot,
            brand=brand(options, sheet, options.recipe),
            **changes(options, options.recipe),
        ),
        manner=Manner(
            cores=getattr(options, "jobs", 0),
            in_memory={"memory": True, "disk": False}.get(getattr(options, "workbench", "")),
            shell=getattr(options, "shell", False),
            script_seconds=getattr(options, "script_timeout", Manner.script_seconds),
        ),
        update_lock=getattr(options, "update_lock", False),
        refresh_scripts=getattr(options, "refresh_scripts", False),
        tools=getattr(options, "tools", ""),
        sheet=sheet,
        sheet_file=getattr(options, "sheet", None),
        strict_leaks=getattr(options, "strict_leaks", False),
        handover=outcome.handover(options) if hasattr(options, "package") else Handover(),
    )
