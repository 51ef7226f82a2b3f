"""Variables of a product sheet in a build: in commands, in packages, and around scripts."""

import subprocess

from building import Yard

SHEET = """\
[variables]
HOST = { default = "shop", description = "what the machine is called" }
PORT = { description = "the port that is served" }
"""
MORE = """\
network --hostname=${HOST}.example
%pre --erroronfail
echo "$HOST:$PORT" > /tmp/said
%end
%post --erroronfail
printf '%s|%s' "$HOST" "$PORT" > /root/said
%end
%post --nochroot --erroronfail
test "$(cat /tmp/said)" = "$HOST:$PORT"
%end
"""


def cat(yard: Yard, path: str) -> str:
    words = ["debugfs", "-R", f"cat {path}", f"{yard.image()}?offset={1 << 20}"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def test_variables_are_in_commands_and_around_scripts(yard: Yard) -> None:
    recipe = yard.recipe(more=MORE)
    recipe.with_suffix(".toml").write_text(SHEET)
    odd = '80\'; echo "$HOST"\nrootpw x'

    ended = yard.run("build", recipe, "-f", "raw")
    assert ended.status == 2
    assert "tiny.toml:3: the variable PORT (the port that is served) has no value" in ended.err
    assert "--var PORT=VALUE" in ended.err
    assert yard.run("check", recipe).status == 2
    yard.build(recipe, "-f", "raw", "--var", "HOST=my-shop", "--var", f"PORT={odd}")

    assert cat(yard, "/etc/hostname") == "my-shop.example\n"
    assert cat(yard, "/root/said") == f"my-shop|{odd}"
    assert "network --hostname=my-shop.example" in cat(yard, "/root/anaconda-ks.cfg")
    ended = yard.build(recipe, "-f", "raw", "--var", "HOST=my-shop", "--var", "PORT=81")
    assert "post-1" in " ".join(ended.gives("StepStarted"))
    assert cat(yard, "/root/said") == "my-shop|81"
