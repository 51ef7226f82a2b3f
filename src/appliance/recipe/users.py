"""Who can log in: the `rootpw`, `user`, `group` and `sshkey` lines, and the command line."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace

from appliance.errors import RecipeError
from appliance.recipe.findings import Findings, Said
from appliance.recipe.overrides import NAME, Overrides
from appliance.recipe.secrets import hash_password
from appliance.recipe.settings import Group, User

ROOT = "root"
HASH_LENGTH = 13  # characters of the oldest hashes, crypt(5)
LARGEST_ID = 2**32 - 2  # the last one means "no id"
FIELD_BREAKERS = (":", "\t")  # would start another field of /etc/passwd


def without_plain_password(said: Said, recipe: str) -> Said:
    """Return a `rootpw` or `user` line with its password hashed, in words and in values.

    Raises RecipeError if what is said to be a hash is none.
    """
    name = ROOT if said.command == "rootpw" else said.values.name
    password = said.values.password or ""
    if said.values.isCrypted:
        if said.values.lock and len(password) < HASH_LENGTH:
            password = ""  # `--lock --iscrypted locked` is an old habit
        if len(password) < HASH_LENGTH and password.strip("*!"):
            raise RecipeError(
                "--iscrypted, but the password is not a hash",
                hint="the output of openssl passwd -6, --plaintext, or --lock for no password",
                where=said.where,
            )
        if ":" in password or any(letter.isspace() for letter in password):
            raise RecipeError("the hash contains ':' or a space", where=said.where)
    elif password:
        password = hash_password(password, salt_from=f"{recipe}/{name}")
    values = SimpleNamespace(
        **{**vars(said.values), "password": password, "isCrypted": bool(password)}
    )
    return replace(said, values=values, words=_rewritten(said, password))


def _rewritten(said: Said, password: str) -> tuple[str, ...]:
    if said.command == "rootpw":
        lock = ("--lock",) if said.values.lock else ()
        return ("rootpw", *lock, *(("--iscrypted", password) if password else ()))
    words: list[str] = []
    skip = False
    for word in said.words:
        if not skip and word not in ("--iscrypted", "--plaintext") and (
            word.partition("=")[0] != "--password"
        ):  # fmt: skip
            words.append(word)
        skip = word == "--password"
    return (*words, *(("--iscrypted", f"--password={password}") if password else ()))


def source_line(said: Said) -> str:
    """Write a line again, quoted where it must be."""
    return shlex.join(said.words)


def users(
    said: Mapping[str, Sequence[Said]], overrides: Overrides, recipe: str, findings: Findings
) -> tuple[User, ...]:
    """Return every user of the lines and of the command line, root first if it is named."""
    chosen: dict[str, User] = {}
    if lines := said.get("rootpw"):
        last = lines[-1]
        chosen[ROOT] = User(
            ROOT, password=last.values.password, locked=last.values.lock, where=last.where
        )
    for user in findings.each(user_of, said.get("user", ())):
        if user.name in chosen:
            what = f"user {user.name} replaces that of {chosen[user.name].where}"
            findings.note(what, user.where or said["user"][0].where)
        chosen[user.name] = user
    for each in said.get("sshkey", ()):
        _add_key(each, chosen, findings)
    _override(chosen, overrides, recipe)
    root = (chosen.pop(ROOT),) if ROOT in chosen else ()
    return (*root, *chosen.values())


def user_of(said: Said) -> User:
    """Return the user of one `user` line. Raises RecipeError."""
    values = said.values
    if not NAME.fullmatch(values.name):
        raise RecipeError(f"'{values.name}' is not a user name", where=said.where)
    if values.name == ROOT:
        raise RecipeError("root exists already", hint="rootpw, sshkey", where=said.where)
    for group in values.groups or ():
        if not NAME.fullmatch(group):
            raise RecipeError(
                f"'{group}' is not a group name",
                hint="--groups=NAME,NAME; ids belong to a line: group --name=NAME --gid=ID",
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
        groups=tuple(values.groups or ()),
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
    if len(key.split()) < 2:
        findings.problem(
            "not a public key", said.where, f'sshkey --username={name} "ssh-ed25519 AAAA… comment"'
        )
        return
    if name not in chosen and name != ROOT:
        hint = f"user --name={name}"
        findings.problem(f"sshkey: no line makes the user '{name}'", said.where, hint)
        return
    user = chosen.get(name, User(ROOT, where=said.where))
    chosen[name] = replace(user, keys=tuple(dict.fromkeys((*user.keys, key))))


def _override(chosen: dict[str, User], overrides: Overrides, recipe: str) -> None:
    """Add what the command line says. A password from there unlocks its user."""
    given = {ROOT: overrides.root_password} if overrides.root_password or overrides.keys else {}
    for each in overrides.users:
        name, _, password = each.partition(":")
        given[name] = password
    for name, password in given.items():
        user = chosen.get(name, User(name))
        if password:
            hashed = hash_password(password, salt_from=f"{recipe}/{name}")
            user = replace(user, password=hashed, locked=False)
        keys = dict.fromkeys((*user.keys, *(key.strip() for key in overrides.keys)))
        chosen[name] = replace(user, keys=tuple(keys))
