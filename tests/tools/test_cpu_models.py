"""The same bytes whatever the CPU: what we pack with must not depend on the instructions it has."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.backends import compressors

MODELS = {
    "x86_64": ("qemu64", "Haswell"),
    "aarch64": ("cortex-a53", "max"),
}  # with the least, and much
PROGRAM = """
import hashlib, sys
from pathlib import Path
from appliance.backends import compressors
from appliance.backends.disk_formats.stream_vmdk import packed

data = Path(sys.argv[1]).read_bytes()
for name, kind in compressors.KNOWN.items():
    print(name, hashlib.sha256(kind.block(data).data).hexdigest())
print("grains", hashlib.sha256(b"".join(packed(data))).hexdigest())
"""


def test_every_cpu_model_packs_the_same_bytes(tmp_path: Path) -> None:
    source = Path(compressors.__file__).parents[2]
    mixed = Path("/bin/bash").read_bytes()[:400_000] + source.joinpath("cli/build.py").read_bytes()
    (tmp_path / "data").write_bytes(mixed * 2 + bytes(200_000) + os.urandom(100_000))
    words = [sys.executable, "-c", PROGRAM, str(tmp_path / "data")]
    machine = os.uname().machine
    if machine not in MODELS:
        pytest.skip(f"which models of {machine} differ is not known")

    here = subprocess.check_output(words, text=True)

    assert len(here.splitlines()) == len(compressors.KNOWN) + 1
    for model in MODELS[machine]:
        emulated = [f"qemu-{machine}", "-cpu", model, *words]
        said = subprocess.check_output(emulated, text=True, stderr=subprocess.DEVNULL)
        assert said == here, model
