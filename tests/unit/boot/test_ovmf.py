"""Where the UEFI firmware is found, and what is said if it is nowhere."""

from pathlib import Path

import pytest

from appliance.boot import ovmf
from appliance.errors import HostError


def install(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_missing_firmware_names_its_package(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="ovmf"):
        ovmf.find(tmp_path)


@pytest.mark.parametrize(("code", "variables", "disk_format"), ovmf.PLACES)
def test_each_distributions_is_found_with_its_variables(
    code: str, variables: str, disk_format: str, tmp_path: Path
) -> None:
    install(tmp_path, code, variables)

    assert ovmf.find(tmp_path) == ovmf.Ovmf(tmp_path / code, tmp_path / variables, disk_format)


def test_half_of_it_is_none(tmp_path: Path) -> None:
    (first, _, _), (code, variables, _) = ovmf.PLACES[:2]
    install(tmp_path, first, code, variables)

    assert ovmf.find(tmp_path).code == tmp_path / code
