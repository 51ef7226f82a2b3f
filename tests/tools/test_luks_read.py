"""What is encrypted is read by a kernel in a machine, with the passphrase: diff and shell."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.cli.difference_text import line
from appliance.difference.disks import differences
from appliance.errors import HostError, RequestError
from appliance.host import command
from appliance.intake import luks
from appliance.intake.layers import Means, volumes
from appliance.intake.mounted import Area
from appliance.layout.lvm import Device, PhysicalGroup, Run, header
from appliance.units import MIB

UUID = "0b6c1f0e-5f0a-4d5e-9d57-6a7d1f0c4a01"
CLOCK = {"E2FSPROGS_FAKE_TIME": "1700000000", "SOURCE_DATE_EPOCH": "1700000000"}
SECRET = "se cret 'wörd'"
GROUP = PhysicalGroup(
    "vg", "v" * 32, 4 * MIB, (Device("a" * 32, 24 * MIB, 5),), (Run("root", "1" * 32, 0, 0, 4),)
)


def disk(place: Path, motd: str) -> Path:
    """A disk with a root on a logical volume in LUKS in its one partition."""
    (place / "tree/etc").mkdir(parents=True)
    (place / "tree/etc/motd").write_text(motd)
    image, path = place / "image", place / "web.raw"
    options = f"hash_seed={UUID},root_owner=0:0"
    words = ["mke2fs", "-q", "-t", "ext4", "-U", UUID, "-E", options, "-d", place / "tree", image]
    command.run([*words, "16M"], env=CLOCK)
    head = header(GROUP, 0, 0)
    (place / "pv").write_bytes(
        head + image.read_bytes() + bytes(56 * MIB - len(head) - image.stat().st_size)
    )
    encrypt = [
        "cryptsetup", "reencrypt", "--encrypt", "--type", "luks2", "--batch-mode",
        "--reduce-device-size", "32M", "--disable-locks", "--pbkdf", "pbkdf2",
        "--pbkdf-force-iterations", "1000", "--key-file", "-", "--uuid", UUID, place / "pv",
    ]  # fmt: skip
    command.run(encrypt, stdin=SECRET)
    moved = (place / "pv").read_bytes()[: 40 * MIB]  # by half of what cryptsetup was lent
    path.write_bytes(bytes(MIB) + moved + bytes(MIB))
    command.run(["sfdisk", "-q", path], stdin=f"label: gpt\nstart=2048, size=40M, uuid={UUID}\n")
    return path


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return disk(tmp_path_factory.mktemp("luks") / "a", "hydrogen\n")


def whole(path: Path) -> Area:
    return Area(path, MIB, path.stat().st_size - 2 * MIB)


@pytest.mark.slow
def test_files_in_it_are_named(container: Path, kernel: Path, tmp_path: Path) -> None:
    other = disk(tmp_path / "b", "nitrogen\n")
    found = differences(container, other, Means(kernel, (SECRET,)))
    inside = [each for each in found if each.place == "partition 1, decrypted, volume vg/root"]
    assert "file /etc/motd" in {each.what.split(":")[0] for each in inside}, found
    assert not [each for each in found if "sectors" in each.what], found


@pytest.mark.slow
def test_one_wrong_passphrase_of_two_is_no_harm_and_one_alone_is_refused(
    container: Path, kernel: Path, tmp_path: Path
) -> None:
    found = list(volumes(whole(container), Means(kernel, ("wrong", SECRET)), tmp_path))
    assert [one.name for one in found] == ["decrypted volume vg/root"]
    ext = f"{found[0].area.path}?offset={found[0].area.start}"
    said = subprocess.check_output(["debugfs", "-R", "cat /etc/motd", ext], text=True)
    assert said == "hydrogen\n"
    assert found[0].area.path.stat().st_mode & 0o077 == 0, "nobody else may read what was hidden"
    copy = tmp_path / "copy"
    with pytest.raises(RequestError, match="no passphrase that was given opens"):
        luks.decrypt(whole(container), ("wrong",), copy, tools=kernel)
    assert not copy.exists()


@pytest.mark.slow
def test_a_shell_opens_it_and_the_passphrase_is_in_no_words(
    container: Path, kernel: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    words = ["shell", "--tools", kernel, "--store", tmp_path / "store"]
    words += ["--passphrase", f"file:{secret}", container, "--", "/no/program"]
    ended = subprocess.run(
        [sys.executable, "-m", "appliance", *map(str, words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "opening LUKS with a kernel in a machine" in ended.stderr
    assert "/no/program" in ended.stderr.splitlines()[-1], ended.stderr


@pytest.mark.slow
def test_lint_judges_what_is_in_it(container: Path, kernel: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    words = ["lint", "--tools", kernel, "--store", tmp_path / "store", "--json"]
    words += ["--passphrase", f"file:{secret}", container]
    ended = subprocess.run(
        [sys.executable, "-m", "appliance", *map(str, words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = json.loads(ended.stdout)
    assert not [each for each in said["unjudged"] if "it is encrypted" in each], said


def test_without_a_passphrase_people_hear_what_helps(container: Path, tmp_path: Path) -> None:
    words = ["shell", "--store", tmp_path / "store", container, "--", "true"]
    ended = subprocess.run(
        [sys.executable, "-m", "appliance", *map(str, words)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert "what may be the root of" in ended.stderr
    assert "is encrypted\n  try: --passphrase file:PATH" in ended.stderr
    changed = bytearray(container.read_bytes())
    changed[40 * MIB] ^= 1
    (tmp_path / "b.raw").write_bytes(changed)
    found = differences(container, tmp_path / "b.raw")
    assert "--passphrase file:PATH" in line(found[0])


def test_a_passphrase_and_no_kernel(
    container: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.host.kernels.kernels", lambda *places: [])
    with pytest.raises(HostError, match="what is encrypted is read by a kernel"):
        luks.decrypt(whole(container), (SECRET,), tmp_path / "copy", tools=Path("/"))
    assert not (tmp_path / "copy").exists()


def test_the_memory_that_keys_want_is_what_the_machine_has(tmp_path: Path) -> None:
    path = tmp_path / "head"
    for wanted, given in ((65536, 64 * MIB), (999_999_999, 4096 * MIB)):
        slots = {"0": {"kdf": {"type": "argon2id", "memory": wanted}}}
        path.write_bytes(luks.MAGIC + json.dumps(slots, separators=(",", ":")).encode())
        assert luks._memory(Area(path, 0, 4096)) == 1024 * MIB + given
