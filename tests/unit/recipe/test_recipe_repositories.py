"""The `url` and `repo` lines: every option of theirs, and the secrets that they hold."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from appliance.codec import encode
from appliance.errors import RecipeError
from appliance.recipe.model import Recipe, Repository
from appliance.recipe.reading.load import load, problems

ROOT = "part / --size=1024\n"
BASE = "repo --name=x --baseurl=https://h.invalid/x"


@pytest.fixture
def recipe_of(tmp_path: Path) -> Callable[[str], Recipe]:
    def make(text: str) -> Recipe:
        (tmp_path / "x.ks").write_text(ROOT + text)
        return load(tmp_path / "x.ks")

    return make


HONOURED: list[tuple[str, dict[str, Any]]] = [
    ("url --url=http://h/os/", {"name": "url", "url": "http://h/os/", "known": False}),
    ("url --mirrorlist=http://h/m?a=b&c=d", {"mirrorlist": "http://h/m?a=b&c=d", "url": ""}),
    ("url --metalink http://h/l", {"metalink": "http://h/l", "address": "http://h/l"}),
    ("url --url=http://h --proxy=http://p:80", {"proxy": "http://p:80", "verified": True}),
    ("url --url=https://h --noverifyssl", {"verified": False}),
    ("repo --name=updates", {"name": "updates", "known": True, "cost": None, "installed": False}),
    ("repo --name=x --mirrorlist=https://h/m", {"mirrorlist": "https://h/m", "url": ""}),
    ("repo --name=x --metalink='https://h/l?repo=$releasever&arch=$basearch'",
     {"metalink": "https://h/l?repo=$releasever&arch=$basearch", "known": False}),
    ("repo --name=x --baseurl=file:///srv/${releasever}/$arch/",
     {"url": "file:///srv/${releasever}/$arch/"}),
    (f"{BASE} --cost=0", {"cost": 0, "priority": None}),
    (f"{BASE} --priority=5", {"priority": 5}),
    (f"{BASE} --priority 99 --cost=3", {"priority": 99, "cost": 3}),
    (f"{BASE} --includepkgs=kernel*,lib*++ --excludepkgs='a, b.i686'",
     {"included": ("kernel*", "lib*++"), "excluded": ("a", "b.i686")}),
    (f"{BASE} --install", {"installed": True}),
    (f"{BASE} --noverifyssl", {"verified": False}),
    (f"{BASE} --sslcacert=/e/ca --sslclientcert=/e/c --sslclientkey=file:///e/k",
     {"ca_certificate": "/e/ca", "client_certificate": "/e/c", "client_key": "/e/k"}),
    (f"{BASE} --proxy=p.invalid", {"proxy": "http://p.invalid:3128"}),
    (f"{BASE} --proxy=https://joe@p.invalid/", {"proxy": "https://joe@p.invalid:3128"}),
    (f"{BASE} --proxy='http://joe:s%40@[::1]:81'", {"proxy": "http://joe:s%40@[::1]:81"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fields"), HONOURED)
def test_options(recipe_of: Callable[[str], Recipe], text: str, fields: dict[str, object]) -> None:
    [repository] = recipe_of(text + "\n").repositories
    assert {name: getattr(repository, name) for name in fields} == fields


def test_what_no_option_says_stays_as_it_is(recipe_of: Callable[[str], Recipe]) -> None:
    [repository] = recipe_of(f"{BASE}\n").repositories
    assert repository == Repository("x", "https://h.invalid/x", repository.where)


def test_groups_are_ignored_by_compose_tools_only(recipe_of: Callable[[str], Recipe]) -> None:
    [note] = recipe_of(f"{BASE} --ignoregroups=true\n").notes
    assert note.text == "repo --ignoregroups: for composing installation trees only"


def test_a_repository_named_twice_is_the_last(recipe_of: Callable[[str], Recipe]) -> None:
    recipe = recipe_of("repo --name=x --baseurl=http://a\nrepo --name=x --metalink=http://b\n")
    assert [(item.url, item.metalink) for item in recipe.repositories] == [("", "http://b")]
    assert recipe.notes[0].text.startswith("repository x replaces")


def test_of_two_url_lines_the_last_gives_the_address(recipe_of: Callable[[str], Recipe]) -> None:
    recipe = recipe_of("url --url=http://a --proxy=p:1\nurl --metalink=http://b\n")
    [repository] = recipe.repositories
    assert (repository.url, repository.metalink) == ("", "http://b")
    assert repository.proxy == "http://p:1"
    assert [note.text.partition(" of ")[0] for note in recipe.notes] == ["url replaces that"]


WRONG = [
    ("url --proxy=http://p", "One of"),
    ("url --url=http://a --metalink=http://b", "Only one of"),
    ("repo --name=x --baseurl=http://a --mirrorlist=http://b", "Only one of"),
    ("repo --name=x --mirrorlist=http://a --metalink=http://b", "Only one of"),
    ("repo --baseurl=http://a", "--name"),
    ("repo --name='a b'", "is not a name for a repository"),
    ("repo --name=../x", "is not a name for a repository"),
    ("repo --name='x]'", "is not a name for a repository"),
    ("repo --name=", "is not a name for a repository"),
    ("repo --name=x --baseurl=/srv/x", "is not a URL"),
    ("repo --name=x --baseurl=http://[::1/x", "names no server and port"),
    ("repo --name=x --baseurl=http://[x]/", "names no server and port"),
    ("repo --name=x --baseurl=http://h:99999/x", "names no server and port"),
    ("url --url=http://[x", "names no server and port"),
    ("repo --name=x --baseurl=nfs://h/x", "nothing is fetched here by nfs"),
    ("repo --name=x --metalink=h/x", "is not a URL"),
    ("url --mirrorlist='http://h/a b'", "contains a space"),
    ("url --url='http://h/a\x1b[0m'", "a letter that nobody can see"),
    (f"{BASE} --cost=cheap", "--cost"),
    (f"{BASE} --priority=first", "'first' is no priority"),
    (f"{BASE} --priority=0", "'0' is no priority"),
    (f"{BASE} --priority=100", "'100' is no priority"),
    (f"{BASE} --priority", "'' is no priority"),
    (f"{BASE} --includepkgs='a b'", "--includepkgs: 'a b' is not the name of a package"),
    (f"{BASE} --excludepkgs='a,$(id)'", "--excludepkgs: '$(id)' is not"),
    (f"{BASE} --sslcacert=ca.pem", "--sslcacert: 'ca.pem' is not an absolute path"),
    (f"{BASE} --sslclientcert=https://h/c", "--sslclientcert: 'https://h/c' is not"),
    (f"{BASE} --sslclientkey=/k", "--sslclientkey is of no use without its certificate"),
    (f"{BASE} --install=yes", "--install"),
    *(
        (f"{BASE} --proxy='{proxy}'", "--proxy is not the address of an HTTP proxy")
        for proxy in ("socks5://h:1", "ftp://h", "http://", "http://u:hush@", "http://h:hush",
                      "h/hush", "http://u:hu/sh@h", "http://u:hu sh@h", "http://h:99999",
                      "http://[::1", "http://h?hush")
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "x.ks"
    file.write_text(f"{ROOT}\n{text}\n")
    [error], recipe = problems(file)
    assert recipe is None
    assert words in error.problem
    assert "hush" not in str(error)
    assert error.where is not None
    assert error.where.line == 3


SECRETS = [
    "url --url=http://h --proxy=http://joe:hush@p:1",
    "url --url=http://h --proxy joe:hush@p:1",
    "url --url=http://h '--proxy=http://joe':hush@p",
    "url --url=http://h --proxy='http://joe:hu@sh@p'",
    'url --url=http://h --proxy="http://joe:hu\'sh@p"',
    "repo --name=x --baseurl='https://joe:hush@h/$releasever?x=y@z'",
    "repo --name=x --metalink=https://joe:hush@h/ --proxy=http://ann:hush@p",
]


@pytest.mark.parametrize("line", SECRETS)
def test_passwords_of_urls_stay_out_of_the_image(
    recipe_of: Callable[[str], Recipe], line: str
) -> None:
    recipe = recipe_of(f"{line}\n# {line}\n")
    assert "sh@" not in recipe.source.replace("PASSWORD@", "")
    assert recipe.source.count("PASSWORD@") == 2 * line.count("sh@")
    [used] = recipe.repositories
    assert "sh@" in used.proxy + used.address
    again = recipe_of(recipe.source.removeprefix(ROOT))
    assert again.source == recipe.source
    [other] = again.repositories
    assert "PASSWORD@" in other.proxy + other.address


def test_addresses_without_secrets_stay_as_they_were_written(
    recipe_of: Callable[[str], Recipe],
) -> None:
    text = (
        'url --url="http://h:80/a@b"   --proxy=joe@p:1 # http://h:1/@\n'
        "repo --name=x --baseurl=https://joe@h:21/x@y\n"
    )
    assert recipe_of(text).source == ROOT + text


def test_a_url_in_a_refusal_shows_no_password(tmp_path: Path) -> None:
    for address in ("nfs://joe:hush@h/x", "'http://joe:hush@h/x y'"):
        (tmp_path / "x.ks").write_text(f"{ROOT}repo --name=x --baseurl={address}\n")
        [error], _ = problems(tmp_path / "x.ks")
        assert "joe:PASSWORD@h" in str(error)
        assert "hush" not in str(error)


def test_a_repository_is_plain_data(recipe_of: Callable[[str], Recipe]) -> None:
    data = json.loads(json.dumps(encode(recipe_of(f"{BASE} --cost=5 --excludepkgs=a\n"))))
    [repository] = data["repositories"]
    assert (repository["cost"], repository["excluded"]) == (5, ["a"])


@pytest.mark.parametrize(
    "line",
    [
        "repo --name=x --baseurl=https://me:secret@h.invalid/x --install",
        f"{BASE} --proxy=http://me:secret@p.invalid:3128 --install",
    ],
)
def test_an_image_is_not_given_the_password_of_a_repository(line: str, tmp_path: Path) -> None:
    (tmp_path / "x.ks").write_text(ROOT + line + "\n")
    with pytest.raises(RecipeError, match="would hold the password") as refused:
        load(tmp_path / "x.ks")
    assert "secret" not in str(refused.value)
