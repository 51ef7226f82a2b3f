"""The schema of NAME.appliance.json takes what is written, and nothing else."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from docs import schema

from appliance.bundle import manifest, model
from appliance.bundle.model import (
    Artifact,
    Bundle,
    Machine,
    Package,
    PackageRepository,
    Port,
    Product,
    Property,
)

BUNDLE = Bundle(
    name="web", version="1.2", release="3", family="debian", family_release="trixie",
    clock=1_700_000_000, plan_digest="d" * 64, machine=Machine(), firmware=("bios", "uefi"),
    artifacts=(Artifact("sda", "web-sda.qcow2", "qcow2", 1 << 30, "a" * 64, 1 << 20),),
    packages=(), product=Product("Web", ports=(Port(80),), properties=(Property("hostname"),)),
    lacks=("nvme",),
)  # fmt: skip
REFERENCE = Path(__file__).parents[3] / "docs/reference"


def judge(name: str = "appliance") -> jsonschema.Draft202012Validator:
    whole = json.loads((REFERENCE / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(whole)
    return jsonschema.Draft202012Validator(whole)


def test_what_is_written_fits() -> None:
    judge().validate(json.loads(manifest.description_text(BUNDLE)))


def test_a_package_list_fits_its_schema_and_so_does_one_of_before() -> None:
    whole = dataclasses.replace(
        BUNDLE,
        packages=(Package("apt", "3", "amd64", "a" * 64, 7, "debian", "apt", needs=("libc6",)),),
        repositories=(PackageRepository("debian", "trixie", ("main",), 1, "Debian", "b" * 64),),
    )
    says = json.loads(manifest.packages_text(whole))
    judge("packages").validate(says)

    del says["repositories"], says["packages"][0]["needs"]
    judge("packages").validate(says | {"schema": 1})
    assert not judge("packages").is_valid(says | {"schema": 3})


def drop(says: dict[str, Any]) -> None:
    del says["artifacts"][0]["sha256"]


def number(says: dict[str, Any]) -> None:
    says["machine"]["memory"] = "1GiB"


def unknown(says: dict[str, Any]) -> None:
    says["colour"] = "blue"


def newer(says: dict[str, Any]) -> None:
    says["schema"] = 99


@pytest.mark.parametrize("spoil", [drop, number, unknown, newer])
def test_what_does_not_fit_is_told(spoil: Any) -> None:
    says = json.loads(manifest.description_text(BUNDLE))
    spoil(says)
    assert not judge().is_valid(says)


@pytest.mark.parametrize(
    "kind",
    [value for value in vars(model).values() if dataclasses.is_dataclass(value)],
    ids=lambda kind: str(kind.__name__),
)
def test_every_field_is_explained_on_a_line_of_its_own(kind: type) -> None:
    names = {each.name for each in dataclasses.fields(kind)}  # type: ignore[arg-type]
    assert set(schema.field_texts(kind)) == names
