"""image-minimizer as the interpreter of a %post: what is gone, and what is kept."""

import shutil
from pathlib import Path

import pytest

from building import Yard
from outcome_tree import Tree, ask
from rpm_fixtures import RpmYard

FILES = """\
%post
mkdir -p /srv/doc/deep /srv/keep /srv/empty
touch /srv/doc/a.txt /srv/doc/deep/b.txt /srv/doc/deep/README /srv/keep/c.txt /srv/d.log /srv/e.log
ln -s /usr /srv/doc/system
%end
%post --interpreter=image-minimizer
# comments, and blank lines

keep /srv/doc/deep/README
drop /srv/doc
drop /srv/*.log   # not d.log
keep /srv/d.log
drop /srv/empty
drop /srv/nothing-of-that-name*
%end
"""
PACKAGES = """\
%post --interpreter=image-minimizer
droprpm greet*
droprpm tar
keeprpm tar
droprpm nothing-of-that-name
%end
"""


def database(yard: Yard, place: Path) -> set[str]:
    """The names of the packages in an image's rpm database."""
    place.mkdir()
    image = f"{yard.image()}?offset={1 << 20}"
    ask("debugfs", "-R", f"rdump /usr/lib/sysimage/rpm {place}", image)
    said = ask("rpm", "--dbpath", place / "rpm", "-qa", "--qf", "%{name}\n")
    return set(said.split())


def test_files_go_but_for_those_that_are_kept(somebody: Yard) -> None:
    ended = somebody.build(somebody.recipe(more=FILES), "-f", "raw")
    tree = Tree(somebody.image())

    assert tree.names("/srv") == {"doc", "keep", "d.log"}
    assert tree.names("/srv/doc") == {"deep"}
    assert tree.names("/srv/doc/deep") == {"README"}
    assert tree.names("/srv/keep") == {"c.txt"}
    assert tree.exists("/usr/bin/sh")
    assert "image-minimizer dropped 5 files and directories" in ended.said


def test_packages_go_from_the_image_and_from_its_database(
    rpm_yard: RpmYard, tmp_path: Path
) -> None:
    plain = rpm_yard.recipe("rpm", "tar", "greeting")
    rpm_yard.build(plain, "-f", "raw")
    before = database(rpm_yard, tmp_path / "before")
    assert {"greeting", "tar"} <= before
    shutil.rmtree(rpm_yard.output)

    ended = rpm_yard.build(rpm_yard.recipe("rpm", "tar", "greeting", more=PACKAGES),
                           "-f", "raw")  # fmt: skip

    assert before - database(rpm_yard, tmp_path / "after") == {"greeting", "greeting-data"}
    assert "image-minimizer dropped 2 packages" in ended.said
    assert not Tree(rpm_yard.image()).exists("/usr/share/greeting")
    assert Tree(rpm_yard.image()).exists("/usr/bin/tar")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("remove /srv", "tiny.ks:8: image-minimizer does not know 'remove'\n  try: drop, keep"),
        ("drop srv", "tiny.ks:8: 'srv' is not an absolute path"),
        ("drop /a /b", "tiny.ks:8: drop takes one glob"),
        ("drop /..", "tiny.ks:8: '/..' must not go up by .."),
    ],
)
def test_a_line_that_nobody_understands_is_refused_before_anything_is_made(
    yard: Yard, line: str, says: str
) -> None:
    recipe = yard.recipe("hello", more=f"%post --interpreter=image-minimizer\n{line}\n%end\n")

    ended = yard.run("build", recipe)

    assert ended.status == 2
    assert says in ended.err


def test_packages_of_another_kind_are_refused(yard: Yard) -> None:
    recipe = yard.recipe(more="%post --interpreter=image-minimizer\ndroprpm x\n%end\n")

    ended = yard.run("build", recipe)

    assert ended.status == 2
    assert "tiny.ks:7: droprpm: there is no rpm database in the image" in ended.err
