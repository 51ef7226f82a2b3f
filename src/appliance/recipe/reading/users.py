"""Who can log in: the `rootpw`, `user`, `group` and `sshkey` lines, and the command line."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace

from appliance.errors import RecipeError
from appliance.recipe.overrides import NAME, Overrides
from appliance.recipe.reading.findings import Findings, Said
from appliance.recipe.secrets import hash_password
from appliance.recipe.settings import Group, User

ROOT = "root"
GROUP = re.compile(r"([^()]*)(?:\(([0-9]+)\))?")  # --groups=NAME or NAME(ID)
HASH = re.compile(r"\$(1|2[abxy]|5|6|7|y|gy)\$[^$]*\$?[^$]*\$[./A-Za-z0-9]{22,}")  # crypt(5)
KEY = re.compile(r"(^|\s)((sk-)?(ssh|ecdsa)-[a-z0-9@.-]+)\s+AAAA[A-Za-z0-9+/=]*(\s|$)")  # sshd(8)
HASH_LENGTH = 13  # characters of the oldest hashes, crypt(5)
LARGEST_ID = 2**32 - 2  # the last one means "no id"
FIELD_BREAKERS = (":", "\t")  # would start another field of /etc/passwd


def without_plain_password(said: Said, recipe: str) -> Said:
    """Return a `rootpw` or `user` line with its password hashed, in words and in values.

    What is said to be a hash and is none (`--iscrypted locked` is an old habit) lets nobody in:
    the line then has no password, is locked, and its values say so in `no_hash`. Raises RecipeError
    for a hash that would break the line of /etc/shadow.
    """
    name = ROOT if said.command == "rootpw" else said.values.name
    password = said.values.password or ""
    lock, no_hash = bool(said.values.lock), False
    if said.values.isCrypted:
        if len(password) < HASH_LENGTH and password.strip("*!"):
            password, lock, no_hash = "", True, not lock
        if ":" in password or any(letter.isspace() for letter in password):
            raise RecipeError("the hash contains ':' or a space", where=said.where)
    elif HASH.fullmatch(password):
        raise RecipeError(
            f"{said.command}: a hash, which would be taken for the password itself",
            hint="--iscrypted before it",
            where=said.where,
        )
    elif password:
        password = hash_password(password, salt_from=f"{recipe}/{name}")
    new = {"password": password, "isCrypted": bool(password), "lock": lock, "no_hash": no_hash}
    hashed = replace(said, values=SimpleNamespace(**{**vars(said.values), **new}))
    return replace(hashed, words=_rewritten(hashed))


def _rewritten(said: Said) -> tuple[str, ...]:
    password = said.values.password
    if said.command == "rootpw":
        given = {"--lock": said.values.lock, "--allow-ssh": said.values.allow_ssh}
        options = (option for option, is_given in given.items() if is_given)
        return ("rootpw", *options, *(("--iscrypted", password) if password else ()))
    words: list[str] = []
    skip = False
    for word in said.words:
        if not skip and word not in ("--iscrypted", "--plaintext") and (
            word.partition("=")[0] != "--password"
        ):  # fmt: skip
            words.append(word)
        skip = word == "--password"
    words += ["--lock"] if said.values.lock and "--lock" not in words else []
    return (*words, *(("--iscrypted", f"--password={password}") if password else ()))


def source_line(said: Said) -> str:
    """Write a line again, quoted where it must be."""
    return shlex.join(said.words)


def users(
    said: Mapping[str, Sequence[Said]], overrides: Overrides, recipe: str, findings: Findings
) -> tuple[User, ...]:
    """Return every user of the lines and of the command line, root first if it is named."""
    chosen: dict[str, User] = {}
    for line in (*said.get("rootpw", ())[-1:], *said.get("user", ())):
        if line.values.no_hash:
            what = (
                f"{line.command}: what --iscrypted names is no hash, so nobody can log in with it"
            )
            findings.note(f"{what}; it is locked", line.where)
    if lines := said.get("rootpw"):
        last = lines[-1]
        chosen[ROOT] = User(
            ROOT,
            password=last.values.password,
            locked=last.values.lock,
            ssh_password=bool(last.values.allow_ssh),
            where=last.where,
        )
    for line, user in findings.each(lambda line: (line, user_of(line)), said.get("user", ())):
        _add_user(user, line, chosen=chosen, findings=findings)
    for each in said.get("sshkey", ()):
        _add_key(each, chosen, findings)
    _override(chosen, overrides, recipe)
    root = (chosen.pop(ROOT),) if ROOT in chosen else ()
    return (*root, *chosen.values())


def groups(said: Mapping[str, Sequence[Said]], findings: Findings) -> tuple[Group, ...]:
    """Return the groups of the `group` lines, then those that users bring with their ids."""
    chosen: dict[str, Group] = {}
    for line, group in findings.each(lambda line: (line, group_of(line)), said.get("group", ())):
        if group.name in chosen:
            findings.note(f"group {group.name} is there already: the first line holds", line.where)
        _add_group(group, line, chosen=chosen, findings=findings)
    for line in said.get("user", ()):
        for text in line.values.groups or ():
            name, number = _group(text)
            if number >= 0:
                _add_group(Group(name, number), line, chosen=chosen, findings=findings)
    return tuple(chosen.values())


def _add_group(group: Group, said: Said, *, chosen: dict[str, Group], findings: Findings) -> None:
    old = chosen.get(group.name)
    same_id = [each.name for each in chosen.values() if 0 <= each.gid == group.gid]
    if old and said.command == "user" and 0 <= old.gid != group.gid:
        text = f"--groups={group.name}({group.gid}): that group has the id {old.gid}"
        findings.problem(text, said.where, f"--groups={group.name}")
    elif same_id and group.name not in same_id:
        text = f"{said.command}: the id {group.gid} is that of the group {same_id[0]}"
        findings.problem(text, said.where, "another id, or none for the next free one")
    elif not old or (old.gid < 0 and said.command == "user"):
        chosen[group.name] = group


def _group(text: str) -> tuple[str, int]:
    """Return the name and the id of NAME or NAME(ID); the id is -1 if there is none."""
    found = GROUP.fullmatch(text.strip())
    return (found[1], int(found[2] or -1)) if found else (text, -1)


def _add_user(user: User, said: Said, *, chosen: dict[str, User], findings: Findings) -> None:
    """Add a user; of two lines for a name the first holds."""
    same_id = [each for each in chosen.values() if 0 <= each.uid == user.uid]
    if old := chosen.get(user.name):
        text = f"user {user.name} is there already, of {old.where}: the first line holds"
        findings.note(text, said.where)
    elif same_id:
        text = f"user {user.name}: the id {user.uid} is that of {same_id[0].name}"
        findings.problem(text, said.where, "another --uid, or none for the next free one")
    else:
        chosen[user.name] = user


def user_of(said: Said) -> User:
    """Return the user of one `user` line. Raises RecipeError."""
    values = said.values
    if not NAME.fullmatch(values.name):
        raise RecipeError(f"'{values.name}' is not a user name", where=said.where)
    if values.name == ROOT:
        raise RecipeError("root exists already", hint="rootpw, sshkey", where=said.where)
    of_groups = [_group(each) for each in values.groups or () if each.strip()]
    for name, number in of_groups:
        if not NAME.fullmatch(name) or number > LARGEST_ID:
            raise RecipeError(
                f"'{name}' is not a group name",
                hint="--groups=NAME,NAME(ID)",
                where=said.where,
            )
    for option in ("homedir", "shell"):
        path = getattr(values, option) or "/"
        if not path.startswith("/"):
            raise RecipeError(f"--{option}={path} is not an absolute path", where=said.where)
    texts = (values.homedir or "", values.shell or "", values.gecos or "")
    if any(breaker in text for text in texts for breaker in FIELD_BREAKERS):
        raise RecipeError("a ':' or a tab in the description of a user", where=said.where)
    return User(
        name=values.name,
        password=values.password,
        locked=bool(values.lock),
        groups=tuple(dict.fromkeys(name for name, _ in of_groups)),
        uid=_identity(values.uid, "uid", said),
        gid=_identity(values.gid, "gid", said),
        home=values.homedir or "",
        shell=values.shell or "",
        gecos=values.gecos or "",
        where=said.where,
    )


def group_of(said: Said) -> Group:
    """Return the group of one `group` line. Raises RecipeError."""
    if not NAME.fullmatch(said.values.name):
        raise RecipeError(f"'{said.values.name}' is not a group name", where=said.where)
    return Group(said.values.name, _identity(said.values.gid, "gid", said))


def _identity(number: int | None, what: str, said: Said) -> int:
    if number is None:
        return -1
    if not 0 <= number <= LARGEST_ID:
        raise RecipeError(f"--{what}={number} is out of range", where=said.where)
    return number


def _add_key(said: Said, chosen: dict[str, User], findings: Findings) -> None:
    name, key = said.values.username, said.values.key.strip()
    if not KEY.search(key):
        findings.problem(
            "sshkey: not a public key",
            said.where,
            f'sshkey --username={name} "ssh-ed25519 AAAA… comment"',
        )
        return
    if not NAME.fullmatch(name):
        findings.problem(f"sshkey: '{name}' is not a user name", said.where, "--username=NAME")
        return
    if name not in chosen and name != ROOT:
        findings.note(f"sshkey: no line makes the user {name}: a package has to", said.where)
    user = chosen.get(name, User(name, made=name == ROOT, where=said.where))
    chosen[name] = replace(user, keys=tuple(dict.fromkeys((*user.keys, key))))


def _override(chosen: dict[str, User], overrides: Overrides, recipe: str) -> None:
    """Add what the command line says. A password from there unlocks its user."""
    given = {ROOT: overrides.root_password} if overrides.root_password or overrides.keys else {}
    for each in overrides.users:
        name, _, password = each.partition(":")
        given[name] = password
    for name, password in given.items():
        user = replace(chosen.get(name, User(name)), made=True)
        if password:
            hashed = hash_password(password, salt_from=f"{recipe}/{name}")
            user = replace(user, password=hashed, locked=False)
        keys = dict.fromkeys((*user.keys, *(key.strip() for key in overrides.keys)))
        chosen[name] = replace(user, keys=tuple(keys))
