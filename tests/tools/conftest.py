"""What tests of real tools share."""

from pathlib import Path

import pytest

from filling import kernel_root


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with a kernel, for what only a kernel reads or writes."""
    try:
        return kernel_root(tmp_path_factory.mktemp("kernel"))
    except OSError as error:
        pytest.skip(f"no kernel to be had here: {error}")
