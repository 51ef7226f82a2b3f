"""`appliance shell`: what is refused before a sandbox is made."""

from pathlib import Path

from as_typed import Typed

from appliance.cli import parser


def test_an_image_that_is_not_there(typed: Typed) -> None:
    ended = typed("shell", "web.qcow2", "--", "ls", "-l")
    assert (ended.code, ended.out, ended.err) == (2, "", "appliance: there is no web.qcow2\n")


def test_a_directory_without_a_disk(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    ended = typed("shell", "web", "true")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("appliance: ")


def test_a_commands_own_options_stay_its_own() -> None:
    options = parser("shell").parse_args(["shell", "web.raw", "--", "ls", "-l", "/etc"])
    assert (options.image, options.words) == (Path("web.raw"), ["ls", "-l", "/etc"])
    assert parser("shell").parse_args(["shell", "web.raw"]).words == []
