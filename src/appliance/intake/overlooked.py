"""Say which files of this machine a script names that it will not see, before it runs."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from appliance.errors import Where
from appliance.recipe.model import Note, Script

# What reads files: only words behind these are taken for names of files.
READERS = re.compile(r"\s*(?:sudo\s+)?(?:cp|install|mv|ln|cat|tar|rsync|dd|source|\.)\s")
# What scripts beside the root have of this machine, or have as their own.
THEIRS = re.compile(
    r"/(usr|bin|sbin|lib\w*|dev|proc|sys|run|tmp|mnt/(sysimage|sysroot|files)|"
    r"etc/(resolv\.conf|ssl|pki|alternatives|crypto-policies|login\.defs|mke2fs\.conf))(/|$)"
)


def overlooked(scripts: tuple[Script, ...], kickstart: Path, shown: tuple[Path, ...]) -> list[Note]:
    """Return a note for each file beside the *kickstart*, or at an absolute path, that one of
    *scripts* names and will not see, though it is there; the directories *shown* it sees."""
    beside = kickstart.absolute().parent
    notes = []
    for script in scripts:
        for number, line in enumerate(script.body.splitlines(), start=1):
            where = Where(script.where.path, script.where.line + number)
            notes += [
                Note(_text(word, script, kickstart.parent), where)
                for word in _words(line)
                if _is_there(word, beside) and not _is_seen(word, script, shown)
            ]
    return notes


def _words(line: str) -> Iterator[str]:
    """The words of a command that may name files which it reads."""
    if not READERS.match(line):
        return
    try:
        words = shlex.split(line, comments=True)[1:]
    except ValueError:  # quotes that end in another line
        return
    for word in words:
        if not word.startswith("-") and not re.search(r"[$`<>|;&]", word):
            yield word


def _is_there(word: str, beside: Path) -> bool:
    try:
        return word not in (".", "..", "/") and (beside / word).exists()
    except (OSError, ValueError):
        return False


def _is_seen(word: str, script: Script, shown: tuple[Path, ...]) -> bool:
    if script.chroot:
        return word.startswith("/")  # a file of the image, as far as anybody knows
    if word.startswith("/"):
        return bool(THEIRS.match(word))
    first, _, rest = word.removeprefix("./").partition("/")
    return any(
        (place / word).exists() or (place.name == first and (place / rest).exists())
        for place in shown
    )


def _text(word: str, script: Script, beside: Path) -> str:
    """What to say about *word*, a file that *script* does not see."""
    file = beside / word
    brings = f"--copy {file}:DEST brings it into the image"
    if script.chroot:
        return f"'{word}' is on this machine, and %{script.section} runs in the image: {brings}"
    called = f"%{script.section}{' --nochroot' if script.section == 'post' else ''}"
    return (
        f"'{word}' is on this machine, where {called} does not see it: {brings}, and "
        f"--files {file.parent} makes its directory the script's working directory"
    )
