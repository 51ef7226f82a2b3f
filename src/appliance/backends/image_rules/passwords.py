"""What files of users, and kickstarts, say of passwords."""

import re
from collections.abc import Iterator

from appliance.backends.image_rules.model import Seen

LOCKED = re.compile(r"[!*].*|x")
# crypt(5), and what GRUB's password_pbkdf2 takes
HASH = re.compile(
    r"(?<![\w$])(?:\$(?:1|2[abxy]?|5|6|7|y|gy|md5|sha1)\$[./\w$=,-]{20,}|grub\.pbkdf2\.\w+\.\d)"
)
PLAIN = re.compile(
    r"(?i)\b(?:rootpw|sshpw|user|bootloader|realm|vnc|d-i\s+passwd/\S*password)\b.*"
    r"(?:--(?:plaintext|password|passphrase|one-time-password)[= ](?!PASSWORD\b)\S|password\s+\S)"
)
SECTION = re.compile(r"%(?:pre|pre-install|post|onerror|traceback)\b")


def passwords(seen: Seen) -> Iterator[str]:
    """The users of a shadow file who have a password that they need not change, or whose hash is
    there though they are locked; not those whose password the author has set."""
    for name, fields in _users(seen):
        password, changed = fields[0], fields[1] if len(fields) > 1 else ""
        if not password or name in seen.background.passwords or changed == "0":
            continue
        if not LOCKED.fullmatch(password):
            yield f"{name} has a password"
        elif HASH.search(password):
            yield f"{name} is locked, and the hash of the password is there"


def empty_passwords(seen: Seen) -> Iterator[str]:
    """The users who need no password."""
    for name, fields in _users(seen):
        if len(fields) > 1 and not fields[0] and name[:1] not in "+-":
            yield f"{name} needs no password"


def readable_passwords(seen: Seen) -> Iterator[str]:
    """The users whose hash stands where everybody on the machine can read it."""
    for name, fields in _users(seen):
        if len(fields) > 4 and fields[0] and not LOCKED.fullmatch(fields[0]):
            yield f"{name} has a password that everybody there can read"


def kickstart(seen: Seen) -> Iterator[str]:
    """What a kickstart tells that its image need not: passwords, and what scripts did."""
    lines = tuple(seen.lines())
    if number := next((n for n, line in lines if HASH.search(line)), 0):
        yield f"line {number} has the hash of a password"
    elif number := next((n for n, line in lines if PLAIN.search(line)), 0):
        yield f"line {number} has a password"
    if number := next((n for n, line in lines if SECTION.match(line)), 0):
        yield f"from line {number} on, the text of a script"


def _users(seen: Seen) -> Iterator[tuple[str, list[str]]]:
    """Each user of a file with colons, with the other fields."""
    for _, line in seen.lines():
        name, *fields = line.split(":")
        if name and fields:
            yield name[:32], fields
