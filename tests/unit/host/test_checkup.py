"""What to change on machines that cannot build."""

from pathlib import Path

import pytest

from appliance.host import checkup
from appliance.host.checkup import HostFinding
from appliance.host.tools import Tool


def machine(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def ids(root: Path, user: str = "ann") -> HostFinding:
    (finding,) = checkup.subordinate_ids(root, user=user, number=1000)
    return finding


def test_a_user_with_subordinate_ids(tmp_path: Path) -> None:
    text = "bob:100000:65536\nann:165536:65536\n"
    root = machine(tmp_path, {"etc/subuid": text, "etc/subgid": text.replace("ann", "1000")})
    assert ids(root).verdict == "good"


def test_a_user_without_gets_a_range_that_nobody_has(tmp_path: Path) -> None:
    text = "bob:100000:65536\nann:165536:10\n"
    root = machine(tmp_path, {"etc/subuid": text, "etc/subgid": ""})
    assert ids(root) == HostFinding(
        "subordinate ids",
        "bad",
        "/etc/subuid and /etc/subgid grant ann fewer than 65536 ids",
        "usermod --add-subuids 165546-231081 --add-subgids 165546-231081 ann",
    )
    assert "100000-165535" in ids(tmp_path / "bare").cure


def test_root_needs_no_subordinate_ids(tmp_path: Path) -> None:
    (finding,) = checkup.subordinate_ids(tmp_path, user="root", number=0)
    assert finding.verdict == "good"


@pytest.mark.parametrize(
    ("files", "cure"),
    [
        (
            {"proc/sys/kernel/unprivileged_userns_clone": "0\n"},
            "sysctl kernel.unprivileged_userns_clone=1",
        ),
        ({"proc/sys/user/max_user_namespaces": "0\n"}, "sysctl user.max_user_namespaces=15000"),
        (
            {"proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n"},
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        ({".dockerenv": ""}, "docker run --security-opt"),
        ({"run/.containerenv": ""}, "podman run --security-opt"),
        ({}, ""),
    ],
)
def test_what_allows_namespaces(tmp_path: Path, files: dict[str, str], cure: str) -> None:
    found = checkup.namespace_cure(machine(tmp_path, files))
    assert found.startswith(cure) if cure else not found


def test_a_missing_tool_forbids_a_build_only_if_builds_call_it() -> None:
    needed = Tool("no-such-mkfs", "build", "no-such-mkfs", "no-such-mkfs")
    wanted = Tool("no-such-emulator", "boot", "no-such-emulator", "no-such-emulator")
    bad, poor = checkup.tools((needed, wanted))
    assert bad.verdict == "bad"
    assert bad.cure.endswith("install no-such-mkfs")
    assert poor.verdict == "poor"
    assert not checkup.can_build((bad, poor))
    assert checkup.can_build((poor,))


def test_guests_without_kvm_are_slow_but_no_reason_not_to_build(tmp_path: Path) -> None:
    finding = checkup.virtualization("tcg", "emulated", device=tmp_path / "kvm")
    assert finding == HostFinding("KVM", "poor", "emulated")
    assert checkup.virtualization("kvm", "on KVM").verdict == "good"
