"""Parts of a tree shown in one directory, as the subvolumes of a filesystem: in a namespace of its
own, as in a build."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.host import sandbox

# Runs inside: what is shown, a file a line, and then whether the tree is what it was.
SHOW = """
import os, sys
from pathlib import Path
from filling import Bench

place = Path(sys.argv[1])
root = place / "root"
work = Bench(place, root).work()
work.tree._in_order()
before = sorted((str(p), p.stat().st_mtime_ns) for p in [root, *root.rglob("*")])
parts = {"people": ("/home", ())}
if not sys.argv[2]:
    parts["system"] = ("/", ("/home", "/srv"))
with work.tree.gather(parts, top=sys.argv[2], hidden=("/home", "/srv")) as whole:
    for path in sorted(whole.rglob("*")):
        print(path.relative_to(whole))
after = sorted((str(p), p.stat().st_mtime_ns) for p in [root, *root.rglob("*")])
print(before == after)
"""


@pytest.mark.parametrize(
    ("top", "shown"),
    [
        ("", ["people", "people/ann", "system", "system/etc", "system/etc/name", "system/home",
              "system/srv"]),
        ("/", ["etc", "etc/name", "home", "people", "people/ann", "srv"]),
    ],
)  # fmt: skip
def test_parts_are_shown_without_what_is_hidden_in_them(
    top: str, shown: list[str], tmp_path: Path
) -> None:
    for name in ("etc", "home", "srv"):
        (tmp_path / "root" / name).mkdir(parents=True)
    for name in ("etc/name", "home/ann", "srv/hidden"):
        (tmp_path / "root" / name).write_text(name)
    argv = sandbox.in_namespace([sys.executable, "-c", SHOW, str(tmp_path), top])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}

    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)

    assert done.stdout.splitlines() == [*shown, "True"], done.stderr
