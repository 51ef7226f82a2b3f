"""What is imported before a command knows what it has to do: people wait for it."""

import json
import subprocess
import sys

import pytest

SLOW = {"cryptography", "cyclonedx", "jinja2", "packageurl", "spdx_tools", "univers"}
NAMES = (
    "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
)


@pytest.mark.parametrize(
    "command", ["audit", "brand", "build", "check", "diff", "inspect", "lint", "plan", "verify"]
)
def test_no_slow_library_is_imported_to_begin_with(command: str) -> None:
    words = (sys.executable, "-c", f"import appliance.cli.{command}; {NAMES}")
    imported = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    assert "appliance" in imported
    assert not SLOW & {*imported}
