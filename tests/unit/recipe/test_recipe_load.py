"""Whole kickstarts: includes, lines, secrets, and that no text makes it stumble."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.codec import encode
from appliance.errors import RecipeError, RequestError, Where
from appliance.recipe.overrides import Overrides
from appliance.recipe.reading.commands import COMMANDS, SECTIONS
from appliance.recipe.reading.load import load, problems
from appliance.units import MIB

DATA = Path(__file__).parents[2] / "data/ks"
ROOT = "part / --size=1024\n"


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_recipe_with_includes_is_complete() -> None:
    recipe = load(DATA / "web.ks")
    assert recipe.name == "web"
    assert [(r.name, r.url) for r in recipe.repositories] == [
        ("url", "http://mirror.invalid/debian?components=main,contrib"),
        ("debian-trixie", ""),
    ]
    assert recipe.settings.language == "en_US.UTF-8"
    assert recipe.boot_loader.timeout == 3
    [root] = recipe.volumes
    assert (root.size, root.grow, root.where.line) == (2048 * MIB, True, 4)
    [script] = recipe.scripts
    assert script.body == "echo one\necho two  # kept\n"
    assert (script.chroot, script.error_on_fail) == (False, True)
    assert (script.log, script.interpreter) == ("/root/post.log", "/bin/bash")
    texts = [note.text for note in recipe.notes]
    assert f"part / replaces that of {DATA}/base.ks:4" in texts
    assert any(text.startswith("reboot: ") for text in texts)


def test_packages_remember_the_line_of_the_file_that_names_them() -> None:
    packages = load(DATA / "web.ks").packages
    assert [(w.name, w.where) for w in packages.names] == [
        ("vim", Where(DATA / "packages.ks", 1)),
        ("libfoo*", Where(DATA / "packages.ks", 3)),
    ]
    assert [w.name for w in packages.excluded] == ["nano"]
    assert packages.languages == ("cs", "de", "fr")
    assert (packages.core, packages.documentation, packages.weak_dependencies) == (
        True,
        False,
        True,
    )


def test_plain_passwords_go_no_further(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path / "ks")
    file = tmp_path / "ks/web.ks"
    file.write_text("# rootpw tr0ub4dor\nvnc --password=xyzzy42\n" + file.read_text())
    recipe = load(file, overrides=Overrides(users=("ann:plugh-plover",)))
    everything = repr(recipe) + json.dumps(encode(recipe))
    for plain in ("correct-horse", "battery-staple", "tr0ub4dor", "xyzzy42", "plugh-plover"):
        assert plain not in everything
    hashes = {user.name: user.password for user in recipe.settings.users}
    assert list(hashes) == ["root", "joe", "ann"]
    assert all(value.startswith("$6$") for value in hashes.values())
    assert f"rootpw --iscrypted '{hashes['root']}'" in recipe.source
    assert hashes["joe"] in recipe.source


def test_the_source_of_a_recipe_gives_the_same_recipe(tmp_path: Path) -> None:
    first = load(DATA / "web.ks")
    second = load(write(tmp_path / "web.ks", first.source))
    assert "%include" not in first.source
    assert second.source == first.source
    assert [w.name for w in second.packages.names] == [w.name for w in first.packages.names]
    assert [u.password for u in second.settings.users] == [u.password for u in first.settings.users]


def test_other_comments_and_scripts_stay_as_they_are(tmp_path: Path) -> None:
    text = ROOT + "# user accounts\n%post\n# rootpw is set above\nuser=joe\n%end\n"
    assert load(write(tmp_path / "x.ks", text)).source == text


def test_every_problem_is_told_with_the_line_it_stands_on(tmp_path: Path) -> None:
    write(tmp_path / "more.ks", "\nautopart\n")
    main = write(
        tmp_path / "main.ks",
        "part / --size=big\n%include more.ks\nfrobnicate\n%include none.ks\n"
        "%packages\ntwo words\n%end\n%prost\necho\n",
    )
    found, recipe = problems(main)
    assert recipe is None
    assert [str(error.where) for error in found] == [
        f"{main}:1",
        f"{tmp_path}/more.ks:2",
        f"{main}:3",
        f"{main}:4",
        f"{main}:6",
        f"{main}:8",
    ]
    with pytest.raises(RecipeError):
        load(main)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("%include\n", "names no file"),
        ("%include https://h.invalid/x.ks\n", "cannot be read from the network"),
        ("%include main.ks\n", "includes itself"),
        ("%include none.ks\n", "there is no file to include"),
        ("%end\n", "without a section"),
        ("%include /tmp/layout.ks\n", "and no %pre that would write it"),
        ("%include /run/install/repo/x.ks\n", "is on an installation medium"),
        ("part /srv --size={{ size }}\n", "'{{ size }}' is a placeholder"),
        ("rootpw @PASSWORD@\n", "'@PASSWORD@' is a placeholder"),
        ("%prost\n%end\n", "unknown section '%prost'"),
        ("%post --interpreter=python3\n%end\n", "not an absolute path"),
        ("%post --nochroot=yes\n%end\n", "takes no value"),
        ("%post --log\n%end\n", "needs a value"),
        ("%post echo\n%end\n", "'echo' is not an option"),
        ("lang 'en\n", "quotes do not match"),
        ("'' x\n", "without a command"),
        ("repo --name=x --baseurl=http://h/s?components=main#frag\n", "would be a comment"),
        ("rootpw pa#ss\n", "would be a comment"),
        ("lan cs_CZ\n", "unknown command 'lan'"),
        ("lang cs_CZ --foo\n", "unknown option '--foo' of lang"),
    ],
)
def test_an_error_says_what_and_where(tmp_path: Path, text: str, words: str) -> None:
    main = write(tmp_path / "main.ks", ROOT + text)
    found, _ = problems(main)
    assert words in found[0].problem
    assert found[0].where == Where(main, 2)


@pytest.mark.parametrize("comment", ["  # it's a comment#x", "\t# x", ""])
def test_comments_are_comments(tmp_path: Path, comment: str) -> None:
    text = f'url --url="http://h.invalid/#x"{comment}\n'
    recipe = load(write(tmp_path / "main.ks", ROOT + text))
    assert recipe.repositories[0].url == "http://h.invalid/#x"


@pytest.mark.parametrize(
    ("raw", "words", "line"),
    [
        (b"\nlang a\0b\n", "zero byte", 2),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, raw: bytes, words: str, line: int) -> None:
    file = tmp_path / "main.ks"
    file.write_bytes(raw)
    [error], _ = problems(file)
    assert words in error.problem
    assert error.where == Where(file, line)


def test_what_cannot_be_a_kickstart_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.ks"
    large.write_bytes(b"#" * (MIB + 1))
    assert "larger than 1 MiB" in problems(large)[0][0].problem
    assert "no file" in problems(tmp_path / "none.ks")[0][0].problem
    assert "is a directory" in problems(tmp_path)[0][0].problem


def test_includes_end_at_some_depth_and_at_some_size(tmp_path: Path) -> None:
    for number in range(25):
        write(tmp_path / f"{number}.ks", f"%include {number + 1}.ks\n")
    write(tmp_path / "25.ks", ROOT)
    assert "20 includes deep" in problems(tmp_path / "0.ks")[0][0].problem
    write(tmp_path / "big.ks", "#" * (MIB - 1))
    many = write(tmp_path / "many.ks", ROOT + "%include big.ks\n" * 5)
    assert "exceed 4 MiB" in problems(many)[0][0].problem


def test_an_include_is_looked_for_here_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path / "here.ks", ROOT)
    main = write(tmp_path / "sub/main.ks", "%include here.ks\n")
    monkeypatch.chdir(tmp_path)
    assert load(main).volumes[0].where == Where(Path("here.ks"), 1)
    write(tmp_path / "sub/here.ks", ROOT)
    assert load(main).volumes[0].where == Where(Path("here.ks"), 1)
    (tmp_path / "here.ks").unlink()
    assert load(main).volumes[0].where == Where(tmp_path / "sub/here.ks", 1)


def test_windows_line_ends_are_no_part_of_a_line(tmp_path: Path) -> None:
    file = tmp_path / "main.ks"
    file.write_bytes(b"\xef\xbb\xbfpart / --size=9\r\n%post\r\necho\r\n%end\r\n")
    assert load(file).scripts[0].body == "echo\n"


def test_the_command_line_adds_users_and_keys(tmp_path: Path) -> None:
    file = write(tmp_path / "main.ks", ROOT + "rootpw --lock\n")
    key = "ssh-ed25519 AAAA me"
    overrides = Overrides(root_password="secret7", keys=(key,), users=("joe",))
    root, joe = load(file, overrides=overrides).settings.users
    assert (root.locked, root.password[:3], root.keys) == (False, "$6$", (key,))
    assert (joe.name, joe.password, joe.keys) == ("joe", "", (key,))
    assert "secret7" not in repr(overrides)
    assert load(file).settings.users[0].locked
    for wrong in (("a b",), (":x",)):
        with pytest.raises(RequestError):
            Overrides(users=wrong)
    with pytest.raises(RequestError):
        Overrides(keys=("nonsense",))


OPTIONS = [
    "--size=3",
    "--name=x",
    "--password=y",
    "--lock",
    "--iscrypted",
    "--append=z",
    "--bootproto=static",
]
SIGNS = ["%end", "%include", "/", "#", "'", "=", "@a", "\n", "\n", "\n"]
WORDS = st.sampled_from([*COMMANDS, *SECTIONS, *OPTIONS, *SIGNS])
LINES = st.lists(st.one_of(WORDS, st.text(max_size=9)), max_size=25).map(" ".join)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=LINES)
def test_no_text_gives_anything_but_a_recipe_or_problems(tmp_path: Path, text: str) -> None:
    file = tmp_path / "random.ks"
    file.write_text(text, encoding="utf-8", errors="replace")
    found, recipe = problems(file)
    assert bool(found) != bool(recipe)
    assert all(error.problem for error in found)


def test_what_the_command_line_calls_it(tmp_path: Path) -> None:
    (tmp_path / "x.ks").write_text("part / --size=99\nrootpw secret7\n")
    recipe = load(tmp_path / "x.ks", overrides=Overrides(name="web-1.0-2"))
    assert recipe.name == "web-1.0-2"
    (tmp_path / "web-1.0-2.ks").write_text("part / --size=99\nrootpw secret7\n")
    [same], [root] = load(tmp_path / "web-1.0-2.ks").settings.users, recipe.settings.users
    assert same.password == root.password  # hashed with the name, not the file's
    for wrong in ("a/b", ".hidden", "-n", "two\nlines", "end "):
        with pytest.raises(RequestError):
            Overrides(name=wrong)


def test_the_usual_partition_table(tmp_path: Path) -> None:
    usual = Overrides(table="msdos")
    for text, table in (
        ("", "dos"), ("clearpart --all --initlabel\n", "dos"),
        ("clearpart --initlabel --disklabel=gpt\n", "gpt"),
    ):  # fmt: skip
        (tmp_path / "x.ks").write_text(f"part / --size=99\n{text}")
        assert load(tmp_path / "x.ks", overrides=usual).table == table


def test_partitions_are_in_the_order_of_the_lines_that_count(tmp_path: Path) -> None:
    (tmp_path / "x.ks").write_text(
        "part / --size=9\npart /home --size=8\npart swap --size=7\npart / --size=6\n"
    )
    volumes = load(tmp_path / "x.ks").volumes
    assert [(volume.name, volume.size) for volume in volumes] == [
        ("/home", 8 * MIB), ("swap", 7 * MIB), ("/", 6 * MIB)
    ]  # fmt: skip


def test_includes_that_double_end_with_one_error(tmp_path: Path) -> None:
    for number in range(19):
        name = tmp_path / f"n{number + 1}.ks"
        (tmp_path / f"n{number}.ks").write_text(f"%include {name}\n%include {name}\n")
    (tmp_path / "n19.ks").write_text("")
    found, recipe = problems(tmp_path / "n0.ks")
    assert recipe is None
    assert [error.problem for error in found] == ["more than 10000 files are included"]
    assert found[0].where
