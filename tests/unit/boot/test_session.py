"""What the wishes of `appliance run` mean for a launch."""

import socket
from pathlib import Path

import pytest

from appliance.boot import ovmf, session
from appliance.boot.console import AcceleratorError
from appliance.boot.machine import check_free
from appliance.boot.session import Wishes, _watch, plan_launch, port, run_image
from appliance.bundle.model import UEFI, Machine
from appliance.errors import HostError, RequestError
from appliance.intake.images import Disk, Image
from appliance.units import GIB

IMAGE = Image("web", Path("a.raw"), (Disk(Path("a.raw"), "raw"),), Machine(memory=GIB, cpus=3))
FIRMWARE = ovmf.Ovmf(Path("code"), Path("variables"))


@pytest.mark.parametrize("text", ["80", "a:80", "0:80", "80:65536", ":", "1:2:3", "-1:80", "²:80"])
def test_a_port_is_two_numbers(text: str) -> None:
    assert port("8080:80") == (8080, 80)
    with pytest.raises(RequestError):
        port(text)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "key.pub"
    file.write_text("ssh-ed25519 AAAA me\n")
    return file


def test_a_key_is_roots_or_that_of_whoever_logs_in(key: Path) -> None:
    root, other = (
        {each.name for each in plan_launch(IMAGE, Wishes(user=user), key).credentials}
        for user in ("root", "me")
    )

    assert root == {"ssh.authorized_keys.root", "tmpfiles.extra"}
    assert other == {*root, "ssh.authorized_keys.me"}


def test_the_launch_has_what_was_typed() -> None:
    wishes = Wishes(
        ports=("8080:80",), hostname="web-1", credentials=("motd=hi",), persist=True, graphics=True
    )

    launch = plan_launch(IMAGE, wishes, None)

    assert (launch.memory, launch.cpus) == (GIB, 3)
    assert launch.ports == ((8080, 80),)
    assert (launch.persist, launch.graphics, launch.ovmf) == (True, True, None)
    said = {each.name: each.value for each in launch.credentials}
    assert said == {"system.hostname": "web-1", "motd": "hi"}


@pytest.mark.parametrize(("wished", "image"), [(True, "bios"), (False, UEFI), (True, UEFI)])
def test_uefi_if_wished_or_if_the_machine_is_one(
    wished: bool, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ovmf, "find", lambda: FIRMWARE)
    machine = Image("web", IMAGE.path, IMAGE.disks, Machine(firmware=image))

    assert plan_launch(machine, Wishes(firmware="uefi" if wished else ""), None).ovmf == FIRMWARE


def test_only_what_broke_below_the_guest_ends_what_the_user_sees() -> None:
    _watch(b"Kernel panic - not syncing: that is the guest's own affair")
    with pytest.raises(AcceleratorError, match="KVM"):
        _watch(b"... KVM internal error. Suberror: 1")


def test_a_port_that_somebody_uses_is_told_before_anything_starts() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(
            HostError, match=f"^--forward {taken}:80: the port {taken} .* is in use"
        ) as caught:
            run_image(Image("web", Path("web.raw"), ()), Wishes(ports=(f"{taken}:80",)), say=print)
    proposed = int(caught.value.hint.removeprefix("--forward ").partition(":")[0])
    check_free(proposed, 80)
    check_free(taken, 80)


def test_a_disk_that_was_changed_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "web.raw").write_bytes(b"changed")
    disk = Disk(tmp_path / "web.raw", "raw", sha256="0" * 64)
    with pytest.raises(RequestError, match=r"web\.raw is not the disk that web\.xml") as caught:
        run_image(Image("web", tmp_path / "web.xml", (disk,)), Wishes(), say=print)
    assert caught.value.hint.endswith(f"name {tmp_path / 'web.raw'} itself")


def test_whoever_waits_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 4.0, 11.0, 12.0, 25.0])
    monkeypatch.setattr(session.time, "monotonic", lambda: next(moments))
    heard: list[str] = []
    answers = iter([False, False, False, False, True])
    asked = session._telling(lambda: next(answers), "its ssh server", heard.append)
    assert [asked() for _ in range(5)] == [False, False, False, False, True]
    assert heard == [
        "Still waiting for its ssh server, for 11 s.",
        "Still waiting for its ssh server, for 25 s.",
    ]
