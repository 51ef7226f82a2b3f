"""What people write that the language no longer has, or never had, and everybody understands.

Each kind is said once, with what to write today; `--strict` allows none of it.
"""

import re
from collections.abc import Callable, Mapping

from appliance.errors import Where
from appliance.recipe.reading.answers import Honoured, Judged
from appliance.recipe.reading.commands import COMMANDS
from appliance.recipe.reading.findings import Findings

Words = tuple[str, ...]
HASH_LENGTH = 13  # characters of the oldest hashes, crypt(5)
SPELLINGS = {
    ("url", "--baseurl"): "--url",
    ("repo", "--url"): "--baseurl",
    ("firstboot", "--disabled"): "--disable",
    ("firstboot", "--enabled"): "--enable",
}
BOOT_LOADERS = {"extlinux": "--extlinux", "grub2": "", "mbr": ""}
LOCATIONS = ("--url", "--baseurl", "--mirrorlist", "--metalink")
HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d+)?/.*")  # an address without its scheme


def lenient(words: Words, where: Where, findings: Findings) -> Words:
    """Return a line as it would be written today; what was changed is said to *findings*."""
    words = _spelled(words, where, findings)
    words = _whole(words, where, findings)
    rule = RULES.get(words[0])
    return rule(words, where, findings) if rule else words


def _spelled(words: Words, where: Where, findings: Findings) -> Words:
    made = [words[0]]
    for word in words[1:]:
        name, equals, value = word.partition("=")
        today = SPELLINGS.get((words[0], name), name) if word.startswith("--") else name
        if today != name:
            findings.outdated(f"{words[0]} {name}: write {today}", where)
        made.append(f"{today}{equals}{value}")
    return tuple(made)


def _whole(words: Words, where: Where, findings: Findings) -> Words:
    """Complete options that were cut short, as the language once let people do."""
    known: Mapping[str, object] = {}
    answer = COMMANDS.get(words[0])
    if isinstance(answer, Honoured | Judged):
        known = answer.options
    made = [words[0]]
    for word in words[1:]:
        name, equals, value = word.partition("=")
        meant = [option for option in known if option.startswith(name)]
        if name.startswith("--") and len(name) > 3 and name not in known and len(meant) == 1:
            findings.outdated(f"{words[0]} {name}: write {meant[0]}", where)
            name = meant[0]
        made.append(f"{name}{equals}{value}")
    return tuple(made)


def _boot_loader(words: Words, where: Where, findings: Findings) -> Words:
    """Rewrite `bootloader extlinux`, which old ARM images say."""
    made = []
    waiting = False
    for word in words[1:]:
        if not word.startswith("-") and not waiting:
            today = BOOT_LOADERS.get(word, "")
            findings.outdated(f"bootloader {word}: write {today or 'nothing there'}", where)
            made += [today] if today else []
            continue
        waiting = word.startswith("--") and "=" not in word and word in VALUED
        made.append(word)
    return (words[0], *made)


VALUED = ("--append", "--location", "--timeout", "--password", "--driveorder", "--boot-drive",
          "--default", "--md5pass", "--stage2-dev")  # fmt: skip


def _partition(words: Words, where: Where, findings: Findings) -> Words:
    """Drop the start of `part --start=N`: partitions follow each other here."""
    kept = []
    skip = False
    for word in words:
        name, equals, _ = word.partition("=")
        if name in ("--start", "--end"):
            advice = f"{words[0]} {name}: leave it out; partitions follow each other"
            findings.outdated(advice, where)
            skip = not equals
        elif not skip:
            kept.append(word)
        else:
            skip = False
    return tuple(kept)


def _no_password(words: Words, where: Where, findings: Findings) -> Words:
    """Rewrite `rootpw --iscrypted nope`: that is no hash, and is written so that nobody gets in."""
    if "--iscrypted" not in words or "--lock" in words:
        return words
    hashes = [word for word in words[1:] if not word.startswith("--")]
    short = [word for word in hashes if len(word) < HASH_LENGTH and word.strip("*!")]
    if not short:
        return words
    findings.outdated("rootpw --iscrypted with no hash: write rootpw --lock", where)
    return ("rootpw", "--lock")


def _address(words: Words, where: Where, findings: Findings) -> Words:
    """Put the scheme before an address that begins with the name of a host."""
    made = list(words)
    for place, word in enumerate(words[1:], start=1):
        option, equals, value = word.partition("=")
        if option in LOCATIONS and (bare := value if equals else "") and HOST.fullmatch(bare):
            findings.outdated(f"{words[0]} {option}: write http:// before the host", where)
            made[place] = f"{option}=http://{bare}"
    return tuple(made)


RULES: Mapping[str, Callable[[Words, Where, Findings], Words]] = {
    "bootloader": _boot_loader,
    "part": _partition,
    "partition": _partition,
    "rootpw": _no_password,
    "url": _address,
    "repo": _address,
}
