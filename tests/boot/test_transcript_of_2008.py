"""The two lines of 2008, word for word: build the AOS, start it."""

import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

import waiting

LINES = (
    "appliance-creator -n ThinCrust -c /usr/share/appliance-tools/aos-f9.ks --cache=cache",
    "virt-image ThinCrust.xml",
)


@pytest.mark.slow
def test_the_transcript_works(tmp_path: Path) -> None:
    programs = {"appliance-creator": "creator", "virt-image": "virt_image"}
    (tmp_path / "bin").mkdir()
    for name, module in programs.items():
        script = tmp_path / "bin" / name
        script.write_text(
            f"#!{sys.executable}\nimport sys\nfrom appliance.cli.{module} import main\n"
            "sys.exit(main())\n"
        )
        script.chmod(0o755)
    env = {
        **os.environ,
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "XDG_CACHE_HOME": str(tmp_path / "store"),
        "LIBVIRT_DEFAULT_URI": "qemu+unix:///session?socket=/nonexistent",  # QEMU alone
    }
    first, second = (line.split() for line in LINES)

    done = subprocess.run(first, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    waiting.well(done)
    assert "there is no /usr/share/appliance-tools/aos-f9.ks: taking " in done.stderr
    assert list((tmp_path / "cache/packages").iterdir())

    child = pexpect.spawn(
        second[0], second[1:], cwd=str(tmp_path), env=env, encoding="utf-8",
        timeout=waiting.LONG,
    )  # fmt: skip
    try:
        child.expect("ThinCrust login: |aos-debian login: |localhost login: ")
    finally:
        child.sendcontrol("a")
        child.send("x")
        child.close(force=True)
