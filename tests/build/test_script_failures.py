"""Scripts that fail, in each section: what is said, what runs then, and what runs again."""

import pytest

from building import Yard

COMMAND = 4
TOLD = """\
%onerror
echo "told onerror"
for root in / /mnt/sysimage; do test ! -e $root/srv/half || echo "found half"; done
%end
%traceback
echo "told traceback"
exit 1
%end
"""
LAYERS = """\
%post
echo first > /first
%end
%post
echo second > /second
%end
%post
echo third > /third
%end
%post
echo fourth > /fourth
%end
"""


@pytest.mark.parametrize("section", ["%pre", "%pre-install", "%post", "%post --nochroot"])
def test_a_failure_shows_the_last_words_the_line_and_what_to_try(section: str, yard: Yard) -> None:
    recipe = yard.recipe(more=f"{section} --erroronfail\necho last words\nexit 9\n%end\n")

    ended = yard.build(recipe, status=COMMAND)

    name = section.split(maxsplit=1)[0]
    assert ended.err.startswith(f"appliance: {recipe}:7: {name} failed: ")
    assert "status 9" in ended.err
    assert "  | last words" in ended.err
    assert "--shell" in ended.err


@pytest.mark.parametrize("section", ["%pre", "%post --nochroot"])
def test_an_interpreter_that_is_not_there_is_named(section: str, yard: Yard) -> None:
    more = f"{section} --erroronfail --interpreter=/usr/bin/perl6\nx\n%end\n"
    recipe = yard.recipe(more=more)

    ended = yard.build(recipe, status=COMMAND)

    assert f"{recipe}:7: {section.split(maxsplit=1)[0]} failed: " in ended.err
    assert "/usr/bin/perl6: No such file or directory" in ended.err


def test_those_that_wait_for_a_failure_run_and_change_nothing_of_it(somebody: Yard) -> None:
    more = "%post --erroronfail\nmkdir -p /srv/half\necho last words\nexit 9\n%end\n"
    recipe = somebody.recipe(more=TOLD + more)

    ended = somebody.build(recipe, status=COMMAND)

    assert "told onerror" in ended.said
    assert "told traceback" in ended.said
    assert "found half" in ended.said
    assert f"{recipe}:15: %post failed: " in ended.err
    assert "  | last words" in ended.err


def test_editing_the_third_runs_it_and_those_behind_it_again(yard: Yard) -> None:
    recipe = yard.recipe(more=LAYERS)
    yard.build(recipe)
    recipe.write_text(recipe.read_text().replace("echo third", "echo  third"))

    planned = yard.run("plan", recipe).out.splitlines()
    again = yard.build(recipe).gives("StepFinished")

    assert [gives for gives in again if gives.startswith("layer:post")] == [
        "layer:post-3",
        "layer:post-4",
    ]
    posts = [line for line in planned if line.split()[1].startswith("layer:post-")]
    assert ["is done" in line for line in posts] == [True, True, False, False]


def test_scripts_with_the_network_are_marked_and_can_be_refreshed(yard: Yard) -> None:
    recipe = yard.recipe(more=LAYERS)
    marked = [
        line.split()[1]
        for line in yard.run("plan", recipe).out.splitlines()
        if line.endswith("; not repeatable to the bit")
    ]
    alone = yard.run("plan", recipe, "--network=none")
    yard.build(recipe)
    idle = yard.build(recipe).gives("StepFinished")
    fresh = yard.build(recipe, "--refresh-scripts").gives("StepFinished")

    posts = [f"layer:post-{number}" for number in range(1, 5)]
    assert [gives for gives in marked if gives.startswith("layer:post")] == posts
    assert alone.status == 0
    assert "not repeatable" not in alone.out
    assert not [gives for gives in idle if gives.startswith("layer:")]
    assert [gives for gives in fresh if gives.startswith("layer:post")] == posts


def test_without_a_network_scripts_have_none(somebody: Yard) -> None:
    more = (
        "%post --erroronfail\ntest $(grep -c : /proc/net/dev) -eq 1\ngrep lo: /proc/net/dev\n%end\n"
    )
    somebody.build(somebody.recipe(more=more), "--network=none")
