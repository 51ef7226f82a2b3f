"""What plans, events and the store call each result."""

from typing import get_args

import pytest

from appliance.work import results
from appliance.work.results import (
    BlockMap,
    BootCode,
    DiskImage,
    FilesystemImage,
    Findings,
    FormattedImage,
    Labels,
    Layer,
    LeftFiles,
    PackedTree,
    Result,
)

TEXTS = {
    "layer:packages": Layer("packages"),
    "files:pre": LeftFiles("pre"),
    "labels": Labels(),
    "findings": Findings(),
    "boot:uefi": BootCode("uefi", "grub"),
    "filesystem:/boot": FilesystemImage("/boot"),
    "disk:sda": DiskImage("sda"),
    "image:sda.qcow2": FormattedImage("sda", "qcow2"),
    "image:qcow2": FormattedImage("", "qcow2"),
    "blocks:sda": BlockMap("sda"),
    "files:tar": PackedTree("tar"),
}


@pytest.mark.parametrize(("text", "result"), TEXTS.items())
def test_a_result_is_called(text: str, result: Result) -> None:
    assert str(result) == text


def test_every_kind_is_called_something() -> None:
    assert {type(result) for result in TEXTS.values()} == set(get_args(results.Result))


def test_equal_results_are_one_key() -> None:
    assert len({BootCode("uefi", "grub"), BootCode("uefi", "grub"), BootCode("uefi", "x")}) == 2
