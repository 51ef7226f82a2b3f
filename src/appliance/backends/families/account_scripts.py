"""Groups, users and files, in the shell that every distribution has.

Facts: the kickstart meanings of Anaconda; useradd(8), usermod(8) and groupadd(8) of shadow.
"""

import shlex
from collections.abc import Iterable

from appliance.recipe.settings import Group, Settings, User

KICKSTART = "/root/anaconda-ks.cfg"


def accounts_script(settings: Settings) -> str:
    """Make groups first, then users; apart from the rest, since people change these often."""
    parts = [
        "set -eu",
        *map(group, settings.groups),
        *map(user, settings.users),
        root_without_password(settings.users),
    ]
    return "\n".join(part for part in parts if part) + "\n"


def write_file(path: str, text: str, mode: str = "644") -> str:
    """Shell that writes *text* to *path*."""
    quoted = shlex.quote(text)
    return f"mkdir -p {path.rpartition('/')[0]}\nprintf %s {quoted} > {path}\nchmod {mode} {path}"


def group(item: Group) -> str:
    """One `group` line."""
    number = f"-g {item.gid} " if item.gid >= 0 else ""
    return f"groupadd {number}{shlex.quote(item.name)}"


def user(item: User) -> str:
    """One user: made if there is none of that name, then password, lock and keys."""
    name = shlex.quote(item.name)
    lines = []
    if item.name != "root":
        lines += [_group_exists(entry) for entry in item.groups]
        lines.append(f"id -u {name} > /dev/null 2>&1 || useradd {_account(item)} {name}")
    if item.groups:
        lines.append(f"usermod -a -G {shlex.quote(','.join(item.groups))} {name}")
    if item.password:
        lock = "!" if item.locked else ""
        lines.append(f"usermod -p {shlex.quote(lock + item.password)} {name}")
    elif item.locked:
        lines.append(f"usermod -p '!' {name}")
    if item.keys:
        keys = shlex.quote("".join(f"{key}\n" for key in item.keys))
        lines += [
            f"home=$(getent passwd {name} | cut -d: -f6)",
            'install -d -m 700 "$home/.ssh"',
            f'printf %s {keys} >> "$home/.ssh/authorized_keys"',
            'chmod 600 "$home/.ssh/authorized_keys"',
            f'chown -R {name}: "$home/.ssh"',
        ]
    return "\n".join(lines)


def _group_exists(name: str) -> str:
    quoted = shlex.quote(name)
    return f"getent group {quoted} > /dev/null || groupadd {quoted}"


def _account(item: User) -> str:
    """useradd(8)'s options."""
    words = ["-m", "-s", item.shell or "/bin/bash"]
    words += ["-u", str(item.uid)] if item.uid >= 0 else []
    words += ["-g", str(item.gid)] if item.gid >= 0 else ["-U"]
    words += ["-d", item.home] if item.home else []
    words += ["-c", item.gecos] if item.gecos else []
    return shlex.join(words)


def root_without_password(users: Iterable[User]) -> str:
    """Nothing said about root's password: locked, so that nobody gets in without one."""
    if any(item.name == "root" and (item.password or item.locked) for item in users):
        return ""
    return "usermod -p '!' root"
