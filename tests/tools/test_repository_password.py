"""The password of a repository that cannot be reached: apt and dnf say its whole address."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

SECRET = "hush-hush"
ADDRESS = f"http://anna:{SECRET}@127.0.0.1:1"
DISK = "part / --size=900\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("repo --name=debian-trixie\n", ("--mirror", f"{ADDRESS}/debian")),
        (f"url --url={ADDRESS}/fedora\n", ("--releasever", "44", "--no-gpg-check", "url")),
    ],
)
def test_it_is_in_no_message_and_in_no_log(
    text: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "web.ks").write_text(f"{text}{DISK}")
    for told in (("-v", "--events", "plain"), ("--events", "json")):
        ended = subprocess.run(
            [sys.executable, "-m", "appliance", "build", "web.ks", *words, *told,
             "--store", "store"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == 7, ended.stderr
        assert "127.0.0.1" in ended.stderr
        assert SECRET not in ended.stdout + ended.stderr
    log = tmp_path / "store/logs/web.log"
    assert "127.0.0.1" in log.read_text()
    assert SECRET not in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "store").stat().st_mode) == 0o700
