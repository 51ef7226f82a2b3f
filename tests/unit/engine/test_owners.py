"""Nobody's files become root's without a word."""

from pathlib import Path

import pytest

from appliance.engine import owners
from appliance.errors import CommandError, HostError
from appliance.host import sandbox
from appliance.recipe.reading.load import load


@pytest.mark.parametrize("option", ["--uid=70000", "--gid=65536"])
def test_ids_that_a_plain_user_lacks_are_refused(tmp_path: Path, option: str) -> None:
    path = tmp_path / "x.ks"
    path.write_text(f"part / --size=1024\nuser --name=anna {option}\n%packages\n%end\n")
    recipe = load(path)

    owners.refuse_asked(recipe, 100_000)
    with pytest.raises(HostError) as caught:
        owners.refuse_asked(recipe, 65536)

    assert f"x.ks:2: user --name=anna {option}: as a plain user" in str(caught.value)


def test_a_user_that_a_script_made_is_seen(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    passwd = tmp_path / "etc/passwd"
    find = lambda path: tmp_path / path.lstrip("/")  # noqa: E731
    owners.refuse_made(find, 65536)
    passwd.write_text("root:x:0:0::/root:/bin/sh\nanna:x:70000:7::/home/anna:/bin/sh\nodd\n")
    owners.refuse_made(find, 65536)  # nobody has made her a home
    (tmp_path / "home/anna").mkdir(parents=True)
    owners.refuse_made(find, 70001)

    with pytest.raises(CommandError, match="anna has the id 70000.* /home/anna would be root"):
        owners.refuse_made(find, 65536)


def test_a_namespace_has_at_least_the_usual_ids() -> None:
    try:
        assert sandbox.mapped_ids() >= 65536
    except sandbox.RefusalError as error:
        assert "subordinate" in str(error)
