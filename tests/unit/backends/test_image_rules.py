"""Rules about images: each finds its seed, and none finds what every image has."""

import ast
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

import house
import seeds
from appliance.backends import image_rules
from appliance.backends.image_rules import KNOWN, Background, Finding, every_rule, judge
from appliance.backends.image_rules.globs import directory, within
from appliance.backends.image_rules.judging import LONGEST, MOST
from appliance.bundle.allowed import Allowed, parse_allowed
from appliance.steps.judge_files import JudgeFiles
from file_trees import WrittenTree

BACKGROUND = Background(
    (seeds.HOST,), (seeds.HOME,), (seeds.PROXY,), secrets={"${WORD}": seeds.SECRET}
)
CASES = [(rule, path, text) for rule, files in seeds.SEEDS.items() for path, text in files]
OF_DISKS = {"free-blocks"}  # rules about what is in no file: tests/tools/test_lint_image.py


def found(
    files: dict[str, bytes], background: Background = BACKGROUND
) -> list[tuple[str, str, str]]:
    judgement = judge(WrittenTree(files), every_rule(), background)
    return [(each.rule, each.path, each.what) for each in judgement.findings]


def test_every_rule_has_a_seed() -> None:
    names = [rule.name for rule in every_rule()]
    assert sorted({*seeds.SEEDS, *OF_DISKS}) == sorted(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("rule", "path", "text"), CASES, ids=lambda value: str(value)[:40])
def test_a_seed_is_found_by_its_rule(rule: str, path: str, text: bytes) -> None:
    assert (rule, path) in [each[:2] for each in found({path: text})]


@pytest.mark.parametrize(("path", "text"), seeds.HARMLESS, ids=lambda value: str(value)[:40])
def test_what_is_harmless_is_not_found(path: str, text: bytes) -> None:
    assert found({path: text}) == []


def test_what_was_found_shows_no_secret() -> None:
    for _, path, text in CASES:
        for each in found({path: text}):
            said = each[2]
            assert seeds.SECRET not in said
            assert "s3cr3t-w0rd" not in said
            assert not re.search(r"ghp_a|AKIA|eyJ|x{20}|abcdefgh", said)


def test_a_rule_says_what_to_know_of_it() -> None:
    for rule in every_rule(tuple(KNOWN)):
        for field in ("name", "sentence", "reason", "source", "cure"):
            assert getattr(rule, field), (rule.name, field)
        assert rule.severity in (image_rules.ERROR, image_rules.WARNING)
        assert not any(glob[:1] != "/" for glob in (*rule.paths, *rule.unless))


def test_what_the_author_has_said_is_no_finding() -> None:
    files = {
        "/etc/shadow": b"ann:" + seeds.HASH + b":1:0:99999:7:::\nbob:" + seeds.HASH + b":1::::::\n",
        "/etc/passwd": b"ann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/srv/bob:/bin/sh\n",
        "/home/ann/.ssh/authorized_keys": b"ssh-ed25519 AAAA a\n",
        "/srv/bob/.ssh/authorized_keys": b"ssh-ed25519 AAAA b\nssh-ed25519 AAAA c\n",
        "/var/log/mine": b"x",
        "/var/log/other": b"x",
    }
    asked = Background(passwords=("ann",), keys=("ann",), asked=(("log", "/var/log/mine"),))
    assert found(files, asked) == [
        ("password", "/etc/shadow", "bob has a password"),
        ("authorized-keys", "/srv/bob/.ssh/authorized_keys",
         "2 keys let in whoever has it, as bob"),
        ("log", "/var/log/other", ""),
    ]  # fmt: skip


def test_a_home_that_the_image_has_too_tells_nothing_of_the_builder() -> None:
    passwd = f"annabel:x:1000:1000::{seeds.HOME}:/bin/sh\n".encode()
    assert found({"/etc/passwd": passwd, "/etc/x": seeds.HOME.encode()}) == []


def test_of_one_rule_so_many_places_are_told() -> None:
    files = {f"/tmp/{number:03}": b"x" for number in range(MOST + 7)}
    said = found(files)
    assert len(said) == MOST + 1
    assert said[-1] == ("temporary-file", "/tmp/020", "and 6 more files")
    assert len(found({name: files[name] for name in sorted(files)[: MOST + 1]})) == MOST + 1


def test_of_a_file_its_beginning_is_read() -> None:
    inside, outside = b"x" * 100 + seeds.KEY, b"x" * LONGEST + seeds.KEY
    assert found({"/etc/a": inside, "/etc/b": outside}) == [
        ("private-key", "/etc/a", "it holds a private key")
    ]


def test_of_a_tree_so_much_is_read_and_the_rest_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.backends.image_rules.judging.READ", 10)
    monkeypatch.setattr("appliance.backends.image_rules.judging.ENTRIES", 5)
    files = {"/etc/a": b"x" * 12, "/etc/b": seeds.KEY, "/etc/c": b"x", "/etc/d": b"x"}
    said = judge(WrittenTree(files), every_rule(), BACKGROUND, place="disk: ")
    assert said.findings == ()
    assert said.unjudged == (
        "disk: more than 5 files: the others were not judged",
        "disk: 2 files: 10 bytes of others were read before",
    )


def test_names_that_are_no_text_are_judged_too() -> None:
    name = "/tmp/\udcff\x1b[2J\n"
    assert found({name: b"x", "/etc/shadow": b"\xff\xfe::1:\n"}) == [
        ("empty-password", "/etc/shadow", "\udcff\udcfe needs no password"),
        ("temporary-file", name, ""),
    ]


@pytest.mark.parametrize(
    ("glob", "path", "meant"),
    [
        ("/etc/*", "/etc/a", True), ("/etc/*", "/etc/a/b", False), ("/etc/**", "/etc/a/b", True),
        ("/a/**/b", "/a/b", True), ("/a/**/b", "/a/c/d/b", True), ("/a/**/b", "/a/xb", False),
        ("/a/?", "/a/b", True), ("/a/[ab]", "/a/c", False), ("/a.b", "/axb", False),
        ("/**/x/**", "/x/y", True), ("/a/*", "/a/b\nc", True),
    ],
)  # fmt: skip
def test_globs(glob: str, path: str, meant: bool) -> None:
    assert within(path, (glob,)) == meant
    if meant:
        assert path.startswith(directory(glob))


def test_findings_are_sifted_by_what_is_allowed() -> None:
    def finding(rule: str, path: str) -> Finding:
        return Finding(rule, "error", path, "", "s", "c", "x")

    findings = (finding("log", "/var/log/a"), finding("log", "/var/log/b"), finding("job", "/x"))
    by = (parse_allowed("log:/var/log/a"), Allowed("job", reason="why"), Allowed("mail"))
    sifted = image_rules.sift(findings, by)
    assert sifted.found == findings[1:2]
    assert sifted.allowed == ((findings[0], by[0]), (findings[2], by[1]))
    assert sifted.idle == by[2:]


# The step's version, and the rules that it judged by: whoever changes one changes the other.
VERSION = (1, "0252f85413fb")


def test_what_rules_are_is_in_the_version_of_the_step_that_judges() -> None:
    """A result that was judged by other rules is not used again."""
    files = sorted(Path(image_rules.__file__).parent.glob("*.py"))
    judging = [file for file in files if not file.stem.startswith(LATER)]
    rules = [ast.dump(house.tree(file)) for file in judging]
    digest = hashlib.sha256("".join(rules).encode()).hexdigest()[:12]
    assert (JudgeFiles.version, digest) == VERSION, "raise JudgeFiles.version, and write both here"


# How the files are called that say nothing of what a build finds.
LATER = ("__init__", "allowing", "convention", "marks")


def test_a_background_shows_no_secret() -> None:
    assert seeds.SECRET not in repr(replace(BACKGROUND, keys=("a",)))
