"""The kickstart as the image keeps it: what it asked for, without secrets and scripts.

Whoever gets a copy of the image can read it. So what stays is commands and the list of packages;
not passwords and their hashes, not scripts (which hold tokens), not comments.
"""

import re
import shlex
from collections.abc import Iterator

from appliance.masking import REPLACED, masked
from appliance.recipe.secrets import SECRETS

HEAD = "# What this image was made of, without passwords, scripts and comments.\n"
# Options whose value lets somebody in: those of the kickstart documentation.
HIDDEN = (
    *SECRETS, "--one-time-password", "--activation-key", "--reverse-password", "--wpakey",
    "--wepkey",
)  # fmt: skip
NAMED = ("rootpw", "sshpw")  # commands whose password is a word of its own
VALUES = ("--username",)  # options of theirs that take a value
HASH = re.compile(r"\$(?:1|2[abxy]?|5|6|7|y|gy)\$[^\s'\"]{8,}|grub\.pbkdf2\.[\w.]+")
KEPT, END = "%packages", "%end"


def told_kickstart(source: str) -> str:
    """Return what the image may tell of the kickstart *source*."""
    lines = [HASH.sub(REPLACED, masked(line)) for line in _kept(source.splitlines())]
    return HEAD + "".join(f"{line}\n" for line in lines)


def _kept(lines: list[str]) -> Iterator[str]:
    section = ""
    for line in lines:
        word = line.split()[0] if line.split() else ""
        if section and word != END:
            text = line.partition("#")[0].rstrip()
            if section == KEPT and text:
                yield text
        elif word == END:
            if section == KEPT:
                yield END
            section = ""
        elif word.startswith("%") and word not in ("%include", "%ksappend"):
            section = word
            if section == KEPT:
                yield line.partition("#")[0].rstrip()
        elif word and not word.startswith(("#", "%")):
            yield _without_secrets(line)


def _without_secrets(line: str) -> str:
    """One command, without what lets somebody in; a line that cannot be read is its command."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        return line.split(maxsplit=1)[0]
    kept: list[str] = []
    for word in words:
        before = kept[-1] if kept else ""
        name, equals, _ = word.partition("=")
        if name in HIDDEN and equals:
            kept.append(f"{name}={REPLACED}")
        elif before in HIDDEN or (_is_password(word, before) and words[0] in NAMED and kept):
            kept.append(REPLACED)
        else:
            kept.append(word)
    return shlex.join(kept)


def _is_password(word: str, before: str) -> bool:
    """Whether *word* of a command that names a password is it."""
    return not word.startswith("--") and before not in VALUES
