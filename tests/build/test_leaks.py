"""At the end of a build, what others should not get is looked for in the tree that was made."""

import json
from pathlib import Path

import pytest

from building import Finished, Yard
from seeds import KEY

LEFT = f"""\
%post --erroronfail --log=/var/log/mine.log
set -eu
mkdir -p /etc/shop /root /srv
cat > /etc/shop/demo.key <<'END'
{KEY.decode().strip()}
END
echo 'db = postgres://shop:s3cr3t-w0rd@db.acme.test/shop' > /etc/shop/shop.conf
echo 'curl -H x' > /root/.ash_history
echo "made in $HOME by $(id -un)" > /srv/made
%end
"""
KEPT = """\
rootpw --plaintext Plain-In-The-Kickstart
# the token is Secret-In-A-Comment
%post
: Secret-In-A-Script
%end
"""


def warnings(done: Finished) -> list[str]:
    """What a build warns of, without the cures."""
    said = [event["text"] for event in done.events if event["event"] == "Warned"]
    return [text.split("; ")[0] for text in said]


@pytest.fixture
def recipe(yard: Yard) -> Path:
    return yard.recipe("hello", more=LEFT)


FOUND = [
    "private-key: /etc/shop/demo.key: it holds a private key",
    "address-with-password: /etc/shop/shop.conf: line 1 has an address of db.acme.test with a "
    "password",
    "history: /root/.ash_history",
]


def test_what_a_script_leaves_is_warned_of_and_ends_a_strict_build(
    yard: Yard, recipe: Path
) -> None:
    first = yard.build(recipe, "-f", "raw")
    again = yard.build(recipe, "-f", "raw")
    for done in (first, again):
        assert warnings(done) == FOUND
        assert "s3cr3t" not in done.err + done.out
    told = yard.run("build", recipe, "-f", "raw").err.splitlines()
    assert told[-1] == "3 warnings: to be read before others get the appliance"
    assert told[-2].startswith(f"warning: {FOUND[2]}; ")
    result = yard.run("build", recipe, "-f", "raw", "--json").out
    assert len(json.loads(result)["warnings"]) == len(FOUND)

    kept = yard.image().stat().st_mtime_ns
    strict = yard.run("build", recipe, "-f", "raw", "--strict-leaks")
    assert strict.status == 2
    assert "in the image are 3 things that must not leave the house" in strict.err
    assert f"  | {FOUND[2]}; remove it at the end of the last %post" in strict.err
    assert "  try: mend it, or say that it is meant: --allow RULE:PATH" in strict.err
    assert yard.image().stat().st_mtime_ns == kept, "nothing new is handed over"


def test_what_is_allowed_is_noted_with_its_reason(yard: Yard, recipe: Path) -> None:
    recipe.with_suffix(".toml").write_text(
        '[[allow]]\nrule = "private-key"\npath = "/etc/shop/*.key"\nreason = "the demo\'s"\n'
        '[[allow]]\nrule = "mail"\nreason = "none is there"\n'
    )
    words = ("--allow", "history", "--allow", "address-with-password:/etc/shop/shop.conf")
    done = yard.build(recipe, "-f", "raw", "--strict-leaks", *words)
    noted = [event["text"] for event in done.events if event["event"] == "Noted"]
    assert f"{FOUND[0]}: the demo's" in noted
    assert f"{FOUND[2]}: allowed on the command line" in noted
    assert "nothing was found that `mail` allows" in noted
    assert warnings(done) == []
    without = yard.build(recipe, "-f", "raw")
    assert "findings" not in without.gives("StepFinished"), "what is allowed changes no result"


def test_a_rule_that_there_is_not_is_refused_at_its_line(yard: Yard, recipe: Path) -> None:
    sheet = recipe.with_suffix(".toml")
    sheet.write_text('[[allow]]\nrule = "privat-key"\nreason = "x"\n')
    for command in ("build", "check"):
        said = yard.run(command, recipe)
        assert said.status == 2
        assert f"{sheet}:2: there is no rule 'privat-key' to allow" in said.err + said.out
    sheet.unlink()
    assert yard.run("build", recipe, "--allow", "mail:x").status == 2


def test_the_kickstart_in_the_image_has_neither_secrets_nor_scripts(yard: Yard) -> None:
    recipe = yard.recipe("hello", more=KEPT)
    plain = yard.build(recipe, "-f", "raw")
    assert warnings(plain) == []
    image = yard.image().read_bytes()
    assert b"What this image was made of, without passwords, scripts and comments." in image
    assert b"rootpw --plaintext PASSWORD" in image or b"rootpw --iscrypted PASSWORD" in image
    for word in (b"Plain-In-The", b"Secret-In-A"):
        assert word not in image

    whole = yard.build(recipe, "-f", "raw", "--keep-kickstart")
    assert warnings(whole) == []
    image = yard.image().read_bytes()
    assert b"Secret-In-A-Script" in image
    assert b"Plain-In-The" not in image


def test_the_value_of_a_secret_variable_is_found_where_a_script_writes_it(yard: Yard) -> None:
    recipe = yard.recipe("hello", more='%post\necho "token=$TOKEN" > /etc/token\n%end\n')
    recipe.with_suffix(".toml").write_text("[variables.TOKEN]\nsecret = true\n")
    yard.environment = {"TOKEN": "A-Value-That-Nobody-Reads"}
    done = yard.build(recipe, "-f", "raw", "--var", "TOKEN")
    assert warnings(done) == ["secret-variable: /etc/token: it holds the value of ${TOKEN}"]
    assert "Nobody-Reads" not in done.err + done.out


def test_what_the_kickstart_asks_for_is_no_finding(yard: Yard) -> None:
    recipe = yard.recipe("hello", more=KEPT + "%post --log=/var/log/a\necho said\n%end\n")
    assert warnings(yard.build(recipe, "-f", "raw")) == []
