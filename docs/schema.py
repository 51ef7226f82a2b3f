"""The JSON Schemas of NAME.appliance.json, NAME.packages.json, events, inspections, differences and
findings, out of the values behind them."""

import dataclasses
import inspect
import re
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from appliance import events
from appliance.bundle import manifest
from appliance.bundle.model import Bundle, Package, PackageRepository
from appliance.difference.spans import Difference
from appliance.inspection import facts
from appliance.inspection.comparison import model as comparison
from appliance.inspection.judging import leak_report
from appliance.inspection.judging.leak_report import LeakReport

FIELD = re.compile(r"^\*(\w+)\*: ")
LEFT_OUT = manifest.NOT_DESCRIBED
RENAMED = {"disk_format": "format"}
KINDS = {str: "string", int: "integer", bool: "boolean", float: "number"}


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the description beside the disks, schema number included."""
    whole = _object(Bundle)
    whole["properties"] = {
        "schema": {"const": manifest.SCHEMA, "description": "The number of this schema."},
        **whole["properties"],
    }
    whole["required"] = ["schema", *whole["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"NAME{manifest.DESCRIPTION}",
        **whole,
    }


MOMENT = {"type": "string", "format": "date-time"}
# Of the package list what is said of the bundle, by the bundle's fields.
LISTED = {
    "name": "name", "version": "version", "release": "release", "family": "family",
    "family_release": "family_release", "plan": "plan_digest", "notes": "notes",
}  # fmt: skip


def packages_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of the package list beside the disks, in its newest form; what was added
    after schema 1 is not required."""
    texts, hints = field_texts(Bundle), get_type_hints(Bundle)
    said = {
        name: {**_value(hints[field]), "description": _sentence(texts[field])}
        for name, field in LISTED.items()
    }
    machine = _object(Bundle)["properties"]["machine"]["properties"]
    repository, package = _object(PackageRepository), _object(Package)
    date = repository["properties"]["date"]["description"].removesuffix(", in seconds since 1970.")
    repository["properties"]["date"] = {**MOMENT, "description": f"{date}."}
    package["required"] = package["required"][: package["required"].index("repository") + 1]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"NAME{manifest.PACKAGES}",
        "description": "What is installed in an appliance.",
        "type": "object",
        "additionalProperties": False,
        "required": ["schema", *said, "architecture", "clock", "packages"],
        "properties": {
            "schema": {
                "enum": [*range(1, manifest.PACKAGES_SCHEMA + 1)],
                "description": "The number of this schema; 1 had no repositories, and of each "
                "package the required properties only.",
            },
            **said,
            "architecture": machine["architecture"],
            "clock": {**MOMENT, "description": "The build's moment."},
            "repositories": _all("repositories", repository),
            "packages": _all("packages", package),
        },
    }


def _all(field: str, item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item, "description": _sentence(field_texts(Bundle)[field])}


def events_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of each line of --events=json; the last, which --json prints alone, is a
    Result or a Failure."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "an event",
        "oneOf": [_event(kind) for kind in events.KINDS.values()],
    }


def inspection_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of what `appliance inspect --json` prints; a section that was not asked
    for is not there."""
    whole = _object(facts.Inspection, without=())
    whole["properties"] = {
        "schema": {"const": facts.SCHEMA, "description": "The number of this schema."},
        **whole["properties"],
    }
    sections = dataclasses.fields(facts.Inspection)
    always = [each.name for each in sections if each.default is not None]
    whole["required"] = ["schema", *always]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "what `appliance inspect --json` prints",
        **whole,
    }


def difference_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of what `appliance diff --json` prints; what was not asked for, or is not
    known, is not there."""
    whole = _object(comparison.Comparison, without=())
    sizes = whole["properties"]["sizes"]["description"]
    whole["properties"] = {
        "schema": {"const": comparison.SCHEMA, "description": "The number of this schema."},
        **whole["properties"],
        "sizes": {**_object(comparison.SizeChanges, without=()), "description": sizes},
        "differences": {
            "type": "array",
            "items": _object(Difference),
            "description": "The files, inodes and sectors that differ: section `bits`.",
        },
    }
    fields = dataclasses.fields(comparison.Comparison)
    whole["required"] = ["schema", *(each.name for each in fields if each.default is not None)]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "what `appliance diff --json` prints",
        **whole,
    }


def lint_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of what `appliance lint IMAGE --json` prints."""
    whole = _object(LeakReport)
    own = {"const": leak_report.SCHEMA, "description": "The number of this schema."}
    whole["properties"] = {"schema": own, **whole["properties"]}
    whole["required"] = ["schema", *whole["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "what was found in an image",
        **whole,
    }


def _event(kind: type) -> dict[str, Any]:
    whole = _object(kind)
    own = {
        "event": {"const": kind.__name__},
        "time": {"type": "number", "description": "When it was, in seconds since 1970."},
    }
    whole["properties"] = {**own, **whole["properties"]}
    whole["required"] = [*own, *whole["required"]]
    return whole


def field_texts(kind: type) -> dict[str, str]:
    """What the docstring of the dataclass *kind* says of each field, one a line: `*name*: text`."""
    found: dict[str, str] = {}
    name = ""
    for line in inspect.cleandoc(kind.__doc__ or "").splitlines():
        said = FIELD.match(line)
        if said:
            name = said[1]
            found[name] = line[said.end() :]
        elif name and line.startswith(" "):
            found[name] += f" {line.strip()}"
    return found


def _object(kind: type, without: tuple[str, ...] = LEFT_OUT) -> dict[str, Any]:
    texts, hints = field_texts(kind), get_type_hints(kind)
    shown = [each for each in dataclasses.fields(kind) if each.name not in without]
    return {
        "description": inspect.cleandoc(kind.__doc__ or "").splitlines()[0],
        "type": "object",
        "additionalProperties": False,
        "required": [RENAMED.get(each.name, each.name) for each in shown],
        "properties": {
            RENAMED.get(each.name, each.name): {
                **_value(hints[each.name]),
                "description": _sentence(texts[each.name]),
            }
            for each in shown
        },
    }


def _value(hint: Any) -> dict[str, Any]:
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _value(get_args(hint)[0])}
    if get_origin(hint) is UnionType:
        return _value(next(each for each in get_args(hint) if each is not NoneType))
    if dataclasses.is_dataclass(hint):
        return _object(hint)  # type: ignore[arg-type]
    return {"type": KINDS[hint]}


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
