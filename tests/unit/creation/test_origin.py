"""What a builder states of what was asked for, and that no secret is in it."""

import hashlib
from dataclasses import replace
from pathlib import Path

from appliance.creation.origin import origin, parameters, remembering
from appliance.creation.request import Request
from appliance.engine.run_plan import Manner
from appliance.intake.own_files import NOTHING
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides, Reading
from appliance.recipe.repository_options import RepositoryOptions
from appliance.recipe.variables import Value


def request(kickstart: Path, **said: object) -> Request:
    usual = Request(
        kickstart, Path("out"), Path("store"), Target(), RepositoryOptions(), Overrides(), Manner()
    )
    return replace(usual, **said)  # type: ignore[arg-type]


def test_secrets_are_named_and_not_said() -> None:
    asked = request(
        Path("web.ks"),
        overrides=Overrides(
            root_password="hidden", users=("ann:hidden", "bob"), passphrase="env:DISK",
            variables=(Value("TOKEN", "hidden", secret=True), Value("URL", "http://a:hidden@h/")),
        ),
        repositories=RepositoryOptions(
            variables=(("KEY", "hidden"),), mirror="https://u:hidden@mirror/"
        ),
    )  # fmt: skip
    said = parameters(asked)
    assert "hidden" not in str(said)
    assert said["secrets"] == ["root password", "password of ann", "TOKEN", "KEY"]
    assert said["users"] == ["ann", "bob"]
    assert said["variables"] == {"URL": "http://a:PASSWORD@h/"}
    assert said["mirror"] == "https://u:PASSWORD@mirror/"
    assert said["passphrase"] == "env:DISK"


def test_what_nobody_said_is_left_out() -> None:
    assert set(parameters(request(Path("web.ks")))) == {
        "kickstart", "formats", "architecture", "scriptNetwork", "bundles",
    }  # fmt: skip


def test_includes_are_materials_and_those_of_the_network_are_fetched_once(tmp_path: Path) -> None:
    fetched = []

    def fetch(url: str) -> str:
        fetched.append(url)
        return "timezone UTC\n"

    kickstart = tmp_path / "web.ks"
    kickstart.write_text("%include part.ks\n%include http://u:p@h/far.ks\n")
    (tmp_path / "part.ks").write_text("lang C\n")
    kickstart.with_suffix(".toml").write_text("[product]\n")
    asked = remembering(request(kickstart, overrides=Overrides(reading=Reading(fetch=fetch))))
    asked.overrides.reading.fetch("http://u:p@h/far.ks")

    made = origin(asked, NOTHING)

    assert [item.name for item in made.materials] == [
        "web.ks", "part.ks", "http://u:PASSWORD@h/far.ks", "web.toml",
    ]  # fmt: skip
    digest = hashlib.sha256(b"timezone UTC\n").hexdigest()
    assert made.materials[2].digests == {"sha256": digest}
    assert fetched == ["http://u:p@h/far.ks"]
