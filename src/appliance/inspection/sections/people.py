"""Who can log in, and how: by password, by key, or by nothing; and who may become root."""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping

from appliance.inspection import accounts
from appliance.inspection.catalogue import Catalogue
from appliance.inspection.content_facts import UserFacts

FIRST_OF_PEOPLE, NOBODY = 1000, 65534  # login.defs(5)
NO_SHELLS = ("nologin", "false", "sync", "halt", "shutdown")
ROOT_GROUPS = ("sudo", "wheel", "admin")  # that the rules of distributions name
HASHES = {
    "y": "yescrypt", "gy": "gost-yescrypt", "7": "scrypt", "2": "bcrypt", "2a": "bcrypt",
    "2b": "bcrypt", "2y": "bcrypt", "6": "sha512", "5": "sha256", "sha1": "sha1", "1": "md5",
}  # fmt: skip
KEY = re.compile(r"(?:^|\s)((?:sk-)?(?:ssh|ecdsa)-[\w.@-]+)\s+([A-Za-z0-9+/=]+)(?:\s+(.*))?$")
RULE = re.compile(r"^(%?[\w.@+-]+|\"%?[^\"]+\")\s+\S+\s*=\s*(.*)$")
MOST_KEYS = 1000
SET, NONE, LOCKED, EXPIRED = "set", "none", "locked", "expired"


def people(image: Catalogue) -> tuple[UserFacts, ...]:
    """The users who can log in, and those who could: root, and people."""
    shadow = {row[0]: row for row in _shadow(image)}
    groups = _groups(image)
    rules = dict(_rules(image))
    found = []
    for row in accounts.rows(image, "/etc/passwd", 7):
        user = _user(image, row, shadow.get(row[0]), groups, rules)
        if user.logs_in or user.uid == 0 or FIRST_OF_PEOPLE <= user.uid < NOBODY:
            found.append(user)
    return tuple(found)


def _user(
    image: Catalogue,
    row: list[str],
    shadow: list[str] | None,
    groups: Mapping[str, set[str]],
    rules: Mapping[str, str],
) -> UserFacts:
    name, secret, uid, gid, _, home, shell = row
    own = sorted(
        group for group, members in groups.items() if name in members or f"#{gid}" in members
    )
    password, kind = _password(shadow[1] if secret == "x" and shadow else secret, shadow)
    keys = tuple(_keys(image, home))
    starts = shell.rpartition("/")[2] not in NO_SHELLS
    return UserFacts(
        name=name,
        uid=int(uid),
        shell=shell or "/bin/sh",
        home=home,
        logs_in=starts and (password != LOCKED or bool(keys)) and not _is_over(shadow),
        password=password,
        hash=kind,
        keys=keys,
        groups=tuple(own),
        administers=_administers(name, int(uid), own, rules),
    )


def _password(secret: str, shadow: list[str] | None) -> tuple[str, str]:
    """How the password is, and by which method it is kept."""
    if not secret:
        return NONE, ""
    if secret[0] in "!*" or secret == "x":
        return LOCKED, ""
    kind = HASHES.get(secret.split("$")[1], "") if secret.startswith("$") else "des"
    return (EXPIRED if shadow and shadow[2] == "0" else SET), kind


def _is_over(shadow: list[str] | None) -> bool:
    """Whether the account was ended for good: on the first days of 1970."""
    return bool(shadow and len(shadow) > 7 and shadow[7] in ("0", "1"))


def _keys(image: Catalogue, home: str) -> Iterator[str]:
    """The kind, fingerprint and comment of each key that may log in."""
    for name in ("authorized_keys", "authorized_keys2"):
        for line in image.text(f"{home}/.ssh/{name}").split("\n")[:MOST_KEYS]:
            found = None if line.lstrip().startswith("#") else KEY.search(line)
            if found:
                yield f"{found[1]} {fingerprint(found[2])} {found[3] or ''}".strip()


def fingerprint(key: str) -> str:
    """A key's fingerprint, as ssh-keygen(1) prints it; empty for what is no key."""
    try:
        data = base64.b64decode(key, validate=True)
    except ValueError:
        return ""
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return f"SHA256:{digest.rstrip('=')}"


def _administers(name: str, uid: int, groups: list[str], rules: Mapping[str, str]) -> str:
    if uid == 0:
        return "is root"
    for who in (name, "ALL", *(f"%{group}" for group in groups)):
        if who in rules:
            said = ", without a password" if "NOPASSWD" in rules[who] else ""
            return f"sudo for {who}{said}"
    group = next((group for group in groups if group in ROOT_GROUPS), "")
    return f"group {group}" if group else ""


def _rules(image: Catalogue) -> Iterator[tuple[str, str]]:
    """To whom sudo gives what, by its rules (sudoers(5)); aliases are not looked into."""
    texts = [image.text("/etc/sudoers")]
    texts += [text for name, text in image.texts("/etc/sudoers.d") if "." not in _last(name)]
    for text in texts:
        for line in text.replace("\\\n", " ").split("\n"):
            found = RULE.match(line.strip())
            if found and not found[1].startswith(("Defaults", "#", "root")):
                yield found[1].strip('"'), found[2]


def _last(path: str) -> str:
    return path.rpartition("/")[2].rstrip("~")


def _shadow(image: Catalogue) -> list[list[str]]:
    lines = image.text("/etc/shadow").split("\n")[: accounts.MOST]
    return [row for line in lines if len(row := line.split(":")) == 9]


def _groups(image: Catalogue) -> dict[str, set[str]]:
    """The members of each group; those for whom it is the first one by #GID."""
    return {
        row[0]: {*(name for name in row[3].split(",") if name), f"#{row[2]}"}
        for row in accounts.rows(image, "/etc/group", 4)
    }
