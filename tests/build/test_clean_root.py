"""`make setup` installs all that `make test` calls, where nothing else was installed before.

APPLIANCE_TEST_CLEAN says what of the tests runs there, in pytest's words, like
"tests/tools/test_virt_image.py -k xml"; all that `make test` has if it says nothing.
"""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

import clean_root
from appliance.backends.families.debian import DEBIAN

PROJECT = Path(__file__).parents[2]
CHOSEN = os.environ.get("APPLIANCE_TEST_CLEAN", "")
SHOWN = 100  # lines of a failed run; the whole is in the file that is named
RELEASES = {release.codename for release in DEBIAN.releases}


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs packages in a root of its own")
@pytest.mark.skipif(
    clean_root.suite() not in RELEASES, reason="this host is none of the Debians that are known"
)
def test_make_test_works_with_nothing_but_what_make_setup_installs(
    place: Path, tmp_path: Path
) -> None:
    root = clean_root.make(place, clean_root.suite())
    subprocess.run(["git", "clone", "--quiet", PROJECT, root / "project"], check=True)
    chosen = f"TESTS={shlex.quote(CHOSEN)}" if CHOSEN else ""
    log = tmp_path / "make-test.log"

    with (
        clean_root.run(root, f"cd /project && make test {chosen}") as process,
        log.open("w", buffering=1) as file,
    ):
        for line in process.stdout or ():
            file.write(line)

    last = "".join(log.read_text().splitlines(keepends=True)[-SHOWN:])
    assert process.returncode == 0, f"{last}\nall of it is in {log}"
