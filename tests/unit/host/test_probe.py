"""What the files of different machines say."""

from pathlib import Path

import pytest

from appliance.host import probe

MEMORY = "MemTotal: 9000000 kB\nMemAvailable:    8000000 kB\n"


def machine(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ('ID=debian\nVERSION_ID="12"\n', "debian"),
        ("ID=ubuntu\nID_LIKE=debian\n", "debian"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "fedora"),
        ("ID=arch\n", ""),
    ],
)
def test_the_host_s_family(tmp_path: Path, text: str, family: str) -> None:
    assert probe.distribution(machine(tmp_path, {"etc/os-release": text})) == family


def test_memory_is_what_the_kernel_says(tmp_path: Path) -> None:
    assert probe.memory_available(machine(tmp_path, {"proc/meminfo": MEMORY})) == 8_192_000_000
    assert probe.memory_available(tmp_path / "no") == 0


def test_memory_is_what_a_group_leaves(tmp_path: Path) -> None:
    two = {
        "proc/meminfo": MEMORY,
        "proc/self/cgroup": "0::/a/b\n",
        "sys/fs/cgroup/a/memory.max": "1000000\n",
        "sys/fs/cgroup/a/memory.current": "700000\n",
        "sys/fs/cgroup/a/memory.stat": "anon 1\ninactive_file 50000\n",
        "sys/fs/cgroup/a/b/memory.max": "max\n",
        "sys/fs/cgroup/a/b/memory.current": "1\n",
    }
    assert probe.memory_available(machine(tmp_path / "two", two)) == 350_000
    one = {
        "proc/meminfo": MEMORY,
        "proc/self/cgroup": "8:pids:/\n4:memory:/host/only\n0::/\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "5000\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "3000\n",
    }
    assert probe.memory_available(machine(tmp_path / "one", one)) == 2000


def test_containers_are_recognized(tmp_path: Path) -> None:
    assert probe.container(tmp_path) == ""
    assert probe.container(machine(tmp_path / "d", {".dockerenv": ""})) == "docker"
    named = {"proc/1/environ": "A=b\0container=podman\0", ".dockerenv": ""}
    assert probe.container(machine(tmp_path / "p", named)) == "podman"


def test_space_is_that_of_the_nearest_directory(tmp_path: Path) -> None:
    assert probe.disk_free(tmp_path / "not" / "yet") > 0


def test_what_is_missing_is_named_with_its_package() -> None:
    assert probe.missing(["no-such-tool"]) == [("no-such-tool", "no-such-tool")]
    assert probe.install_hint(["a", "b", "a"]).endswith("install a b")
