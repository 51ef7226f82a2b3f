"""${NAME} in a kickstart: where it is filled in, that values are data, and who may read them."""

import json
from pathlib import Path

import pytest

from appliance.codec import encode
from appliance.engine.inside import ENVIRONMENT
from appliance.errors import RecipeError, RequestError, Where
from appliance.recipe.overrides import Overrides
from appliance.recipe.reading.load import load, problems
from appliance.recipe.secrets import without_texts
from appliance.recipe.variables import LONGEST, TAKEN, Value, Variable, settle
from appliance.steps.script_surroundings import SURROUNDINGS

PLACE = Where(Path("shop.toml"), 7)
ROOT = "part / --size=1024\n"


def values(**texts: str) -> Overrides:
    """Overrides with these variables; those whose names begin with SECRET are secret."""
    return Overrides(
        variables=tuple(Value(n, text, n.startswith("SECRET")) for n, text in texts.items())
    )


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_value_is_the_one_that_is_given_last_or_the_default() -> None:
    declared = (Variable("A", "1"), Variable("B", "2"), Variable("C", "3", secret=True))
    assert settle(declared, [("A", "x"), ("A", "y"), ("C", ""), ("other", "z")]) == (
        Value("A", "y"), Value("B", "2"), Value("C", "", secret=True),
    )  # fmt: skip


def test_every_variable_without_a_value_is_told_with_its_place_and_purpose() -> None:
    declared = [Variable("HOST", description="its name", where=PLACE), Variable("B", secret=True)]
    with pytest.raises(RequestError) as caught:
        settle(declared, ())
    assert caught.value.problem == "the variable HOST (its name) has no value; nor have B"
    assert caught.value.hint == "--var HOST=VALUE --var B, with B=… set in the environment"
    assert caught.value.where == PLACE


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("HOSTNMAE", "x"), "no such variable is declared"),
        (("HOSTNAME", "a\0b"), "zero byte"),
        (("HOSTNAME", "x" * (LONGEST + 1)), "64 KiB"),
    ],
)
def test_what_cannot_be_a_value_is_refused(given: tuple[str, str], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        settle([Variable("HOSTNAME", "shop")], [given])


def test_scripts_find_nothing_else_under_a_variables_name() -> None:
    ours = {*ENVIRONMENT, *SURROUNDINGS[False], *SURROUNDINGS[True], "INSTALL_ROOT"}
    assert {*ours, "SOURCE_DATE_EPOCH"} <= {*TAKEN}


def test_commands_and_packages_are_filled_in_and_scripts_are_not(tmp_path: Path) -> None:
    text = (
        "network --hostname=${HOST}.example\n"
        "bootloader --append=\"a=${HOST} b='${HOST}'\"\n" + ROOT + "%packages\n"
        "nginx-${FLAVOUR}\n${NOTHING}\n@${GROUP}\n%end\n%post\necho ${HOST} $HOST\n%end\n"
    )
    words = {"HOST": "shop", "FLAVOUR": "light", "NOTHING": "", "GROUP": "web-server"}
    recipe = load(write(tmp_path / "x.ks", text), overrides=values(**words))
    assert recipe.settings.hostname == "shop.example"
    assert recipe.boot_loader.append == "a=shop b='shop'"
    assert [each.name for each in recipe.packages.names] == ["nginx-light"]
    assert [each.name for each in recipe.packages.groups] == ["web-server"]
    assert recipe.scripts[0].body == "echo ${HOST} $HOST\n"
    assert recipe.variables == tuple(words.items())


def test_the_copy_that_is_kept_says_what_was_built(tmp_path: Path) -> None:
    text = (
        f"network --hostname=${{HOST}}\n{ROOT}%packages\n${{PKG}}\n%end\n%post\n${{HOST}}\n%end\n"
    )
    given = values(HOST="shop", PKG="vim")
    recipe = load(write(tmp_path / "x.ks", text), overrides=given)
    assert recipe.source == text.replace("=${HOST}", "=shop").replace("${PKG}", "vim")
    again = load(write(tmp_path / "y.ks", recipe.source), overrides=Overrides(name="x"))
    assert (again.source, again.settings) == (recipe.source, recipe.settings)


@pytest.mark.parametrize(
    "value",
    ["x y", "'", '"', "$(id)", "`id`", "a;b", "a\\", "#", "x' --uid=0 '"],
)
def test_a_value_is_one_word_whatever_it_holds(tmp_path: Path, value: str) -> None:
    text = f'{ROOT}user --name=ann --gecos="the ${{WHO}}" --uid=1234\n'
    recipe = load(write(tmp_path / "x.ks", text), overrides=values(WHO=value))
    [ann] = recipe.settings.users
    assert (ann.gecos, ann.uid) == (f"the {value}", 1234)
    again = load(write(tmp_path / "y.ks", recipe.source), overrides=Overrides(name="x"))
    assert again.settings.users[0].gecos == ann.gecos


def test_a_value_is_not_filled_in_again(tmp_path: Path) -> None:
    text = f"{ROOT}user --name=ann --gecos=${{WHO}}\n"
    given = values(WHO="${OTHER}", OTHER="other")
    recipe = load(write(tmp_path / "x.ks", text), overrides=given)
    assert recipe.settings.users[0].gecos == "${OTHER}"


@pytest.mark.parametrize(
    ("line", "value", "words"),
    [
        ("network --hostname=${X}", "shop\nrootpw --plaintext x", "the end of a line"),
        ("lang ${X}", "C\rrootpw x", "the end of a line"),
        ("bootloader --append=${X}", "a\x1b[31m", "the end of a line"),
        ("rootpw ${X}", "--lock", "begins with a dash"),
        ("rootpw --plaintext ${X}", "--lock", "begins with a dash"),
        ("part /x --encrypted --passphrase=${X}", "horse", "comes from no variable"),
        ("part /x --encrypted --passphrase ${X}", "horse", "comes from no variable"),
        ("%packages\n${X}\n%end", "vim\n%end\n%post", "part of a package's name"),
        ("%packages\n${X}\n%end", "vim nano", "part of a package's name"),
        ("%packages\n${X}\n%end", "-vim", "would be '-vim'"),
        ("%packages\n${X}\n%end", "@core", "would be '@core'"),
        ("%packages --inst-langs=${X}\n%end", "de --nocore", "part of a package's name"),
        ("network --hostname=${UNKNOWN}", "", "this kickstart is a template"),
    ],
)  # fmt: skip
def test_a_value_is_never_more_than_data(tmp_path: Path, line: str, value: str, words: str) -> None:
    path = write(tmp_path / "x.ks", f"{ROOT}{line}\n")
    found, recipe = problems(path, values(X=value))
    assert recipe is None
    assert words in found[0].problem
    assert found[0].where == Where(path, 3 if line.endswith("%end") and "\n$" in line else 2)


def test_a_name_that_nobody_declared_is_told_where_to_do_that(tmp_path: Path) -> None:
    found, _ = problems(write(tmp_path / "x.ks", f"{ROOT}lang ${{LANGUAGE}}\n"))
    assert "declare LANGUAGE under [variables] in the product sheet" in found[0].hint


def test_what_nobody_declared_stays_in_addresses_as_it_was(tmp_path: Path) -> None:
    text = f"{ROOT}repo --name=a --baseurl=http://h/${{stream}}/$arch/${{RELEASE}}\n"
    recipe = load(write(tmp_path / "x.ks", text), overrides=values(RELEASE="44"))
    assert recipe.repositories[0].url == "http://h/${stream}/$arch/44"


SECRET = "horse-battery"


def test_a_secret_goes_no_further_than_to_hashes_and_scripts(tmp_path: Path) -> None:
    text = (
        f"{ROOT}rootpw --plaintext ${{SECRET}}\n"
        "user --name=ann --plaintext --password=${SECRET}\n"
        "bootloader --password=${SECRET}\n"
        "repo --name=a --baseurl=http://me:${SECRET}@h/s\n"
        "%post\necho $SECRET\n%end\n"
    )
    recipe = load(write(tmp_path / "x.ks", text), overrides=values(SECRET=SECRET))
    assert recipe.repositories[0].url == f"http://me:{SECRET}@h/s"
    assert SECRET not in recipe.source
    assert all(user.password.startswith("$6$") for user in recipe.settings.users)
    assert recipe.variables == ()
    everything = json.dumps({**encode(recipe), "repositories": []})
    assert SECRET not in everything + repr(values(SECRET=SECRET))
    other = load(tmp_path / "x.ks", overrides=values(SECRET="staple"))
    [[name, fingerprint]] = recipe.secrets
    assert name == "SECRET"
    assert other.secrets != recipe.secrets
    assert len(fingerprint) == 128


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("network --hostname=${SECRET}", "network would show"),
        ("user --name=ann --gecos=${SECRET}", "user would show"),
        ("bootloader --append=${SECRET}", "bootloader would show"),
        ("%packages\n${SECRET}\n%end", "%packages would show"),
        ("repo --name=a --baseurl=http://h/?t=${SECRET}", "repo would show"),
        ("repo --name=a --baseurl=http://me:${SECRET}@h/${SECRET}", "repo would show"),
        ("rootpw --foo ${SECRET}", "unknown option"),
    ],
)
def test_a_secret_stands_nowhere_else_and_in_no_message(
    tmp_path: Path, line: str, words: str
) -> None:
    found, recipe = problems(write(tmp_path / "x.ks", f"{ROOT}{line}\n"), values(SECRET=SECRET))
    assert recipe is None
    assert words in found[0].problem
    assert SECRET not in str(found)


def test_the_password_in_a_url_has_the_signs_that_one_can_have(tmp_path: Path) -> None:
    text = f"{ROOT}repo --name=a --baseurl=http://me:${{SECRET}}@h/s\n"
    found, _ = problems(write(tmp_path / "x.ks", text), values(SECRET="a/b@c"))
    assert "cannot have" in found[0].problem
    assert "a/b@c" not in str(found[0])


def test_what_a_program_prints_of_a_secret_is_named_instead() -> None:
    secrets = {"${KEY}": "-----BEGIN\nabcdef\n}\n-----END", "${PW}": "abc"}
    assert without_texts("x abcdef", secrets) == "x ${KEY}"
    assert without_texts("a } abc", secrets) == "a } ${PW}"


def test_a_type_of_error_stays(tmp_path: Path) -> None:
    path = write(tmp_path / "x.ks", f"{ROOT}user --uid=${{X}} --name=a\n")
    found, _ = problems(path, values(X="many"))
    assert isinstance(found[0], RecipeError)
