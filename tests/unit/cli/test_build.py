"""`appliance build`, as far as it goes without a repository."""

from pathlib import Path

import pytest
from as_typed import Typed

from appliance.cli import parser
from appliance.cli.build import next_line
from appliance.cli.request import request
from appliance.creation.request import Request
from appliance.errors import RequestError
from appliance.units import GIB, MIB

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtf someone"


def asked(*words: str | Path) -> Request:
    options = parser("build").parse_args(["build", "web.ks", *map(str, words)])
    return request(options)


def test_a_kickstart_that_is_not_there(typed: Typed, tmp_path: Path) -> None:
    ended = typed("build", "web.ks")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "appliance: there is no file web.ks\n"
    assert not (tmp_path / "out").exists()


def test_a_kickstart_that_is_wrong(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "web.ks").write_text("part / --size=900 --fstype=nonsense\n")
    ended = typed("build", "web.ks")
    assert ended.code == 2
    assert ended.err.startswith("appliance: web.ks:1: unknown filesystem 'nonsense'\n  try: ")


def test_no_distribution_is_named(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "web.ks").write_text("part / --size=900\n")
    ended = typed("build", "web.ks")
    assert ended.code == 2
    assert "no repository says which distribution this is\n  try: " in ended.err


def test_what_no_build_made_is_left_alone(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "web.ks").write_text("part / --size=900\n")
    (tmp_path / "out/web").mkdir(parents=True)
    (tmp_path / "out/web/thesis.txt").write_text("mine\n")
    ended = typed("build", "web.ks")
    assert ended.code == 2
    assert "no build made it" in ended.err
    assert (tmp_path / "out/web/thesis.txt").read_text() == "mine\n"


def test_words_become_one_value(tmp_path: Path) -> None:
    (tmp_path / "id.pub").write_text(f"{KEY}\n")
    wanted = asked(
        *("--memory", "2GiB", "--cpus", "4", "-f", "qcow2,vmdk", "--for", "gcp", "-j", "3"),
        *(
            "--disk-size",
            "20GiB",
            "--script-network",
            "none",
            "--workbench",
            "disk",
            "--product-port",
            "53/udp",
        ),
        *("--ssh-key", tmp_path / "id.pub", "--user", "admin", "--script-timeout", "60"),
        *("--store", "s", "--no-display", "--repo", "debian-trixie", "--var", "a=b"),
    )
    assert (wanted.target.memory, wanted.sheet.cpus, wanted.manner.cores) == (2 * GIB, 4, 3)
    assert wanted.target.formats == ("qcow2", "vmdk", "raw")
    assert (wanted.target.disk_size, wanted.target.whole) == (20 * GIB, GIB)
    assert (wanted.target.network, wanted.manner.in_memory) == ("", False)
    assert (wanted.overrides.keys, wanted.overrides.users) == ((KEY,), ("admin",))
    assert wanted.manner.script_seconds == 60
    assert wanted.store == Path("s").absolute()
    assert wanted.sheet.display is False
    assert [(port.number, port.protocol) for port in wanted.sheet.product.ports] == [(53, "udp")]
    assert wanted.repositories.repositories == ("debian-trixie",)
    assert wanted.repositories.variables == (("a", "b"),)


def test_nothing_said_is_what_help_says() -> None:
    wanted = asked()
    assert wanted.target.formats == ("qcow2",)
    assert (wanted.target.memory, wanted.target.whole) == (GIB, MIB)
    assert wanted.output == Path("out")
    assert (wanted.manner.script_seconds, wanted.manner.in_memory) == (3600, None)
    assert (wanted.sheet.version, wanted.sheet.display) == ("1.0", None)
    assert wanted.handover.forms == ("none",)


@pytest.mark.parametrize(
    ("words", "formats", "forms"),
    [
        (
            ("--for", "aws,azure,gcp,openstack"),
            ("vmdk-stream", "vhd-fixed", "raw", "qcow2"),
            ("none", "gcp"),
        ),
        (
            ("-f", "qcow2,vmdk,vhdx", "--bundle", "ova"),
            ("qcow2", "vmdk", "vhdx", "vmdk-stream"),
            ("none", "ova"),
        ),
        (("--bundle", "ova"), ("vmdk-stream",), ("ova",)),
        (("--for", "gcp"), ("raw",), ("gcp",)),
    ],
)
def test_everything_that_is_asked_for_is_handed_over(
    words: tuple[str, ...], formats: tuple[str, ...], forms: tuple[str, ...]
) -> None:
    wanted = asked(*words)
    assert (wanted.target.formats, wanted.handover.forms) == (formats, forms)


def test_auto_is_not_a_size() -> None:
    wanted = asked("--disk-size", "auto")
    assert (wanted.target.fitted, wanted.target.disk_size) == (True, None)


def test_half_of_a_signature_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key.pem").touch()
    with pytest.raises(RequestError, match="needs both"):
        asked("--sign-key", tmp_path / "key.pem")


def test_a_private_key_is_refused_before_it_can_get_anywhere(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "id").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nsecret\n")
    ended = typed("build", "web.ks", "--ssh-key", "id")
    assert ended.code == 2
    assert ended.err == ("appliance: --ssh-key id: id is a private key\n  try: --ssh-key id.pub\n")


def test_who_has_no_public_key_is_told_how_one_is_made(typed: Typed, tmp_path: Path) -> None:
    ended = typed("build", "web.ks", "--ssh-key", "none.pub")
    assert ended.code == 2
    assert ended.err.startswith(
        "appliance: --ssh-key none.pub: there is no none.pub\n  try: ssh-keygen -t ed25519, "
    )


def test_an_output_that_cannot_be_written_is_said_first(typed: Typed, tmp_path: Path) -> None:
    """Before the kickstart is read, and long before anything is fetched."""
    ended = typed("build", "none.ks", "-o", "/proc/out")
    assert ended.code == 3
    assert ended.err.startswith("appliance: /proc/out cannot be written to: ")


def test_what_to_type_next_can_be_typed() -> None:
    said = next_line(Path("out/a b"))
    assert said == "next: appliance run 'out/a b'    or: appliance test 'out/a b'"
