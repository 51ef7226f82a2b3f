"""Groups, users and files, in the shell that every distribution has.

Facts: the kickstart meanings of Anaconda; useradd(8), usermod(8) and groupadd(8) of shadow.
"""

import shlex
from collections.abc import Iterable

from appliance.recipe.settings import Group, Settings, User

KICKSTART = "/root/anaconda-ks.cfg"
NOTE = "appliance-note:"
PERMIT = "/etc/ssh/sshd_config.d/01-permitrootlogin.conf"
PERMITTED = """\
# Root may log in with the password, since the kickstart said: rootpw --allow-ssh.
PermitRootLogin yes
"""
UNASKED = "command -v usermod > /dev/null || exit 0"
REQUIRED = """\
if ! command -v useradd > /dev/null; then
echo 'users and groups: the image has no useradd: shadow-utils or passwd in %packages?' >&2
exit 1
fi"""


def accounts_script(settings: Settings) -> str:
    """Make groups first, then users; apart from the rest, since people change these often.

    An image without shadow's programs is fine as long as nobody is asked for: the root of the
    distribution's own files has no password that would let anybody in.
    """
    parts = [
        "set -eu",
        REQUIRED if _asks_for_somebody(settings) else UNASKED,
        *map(group, settings.groups),
        *map(user, settings.users),
        root_without_password(settings.users),
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _asks_for_somebody(settings: Settings) -> bool:
    return bool(settings.groups) or any(
        item.name != "root" or item.password or item.keys or item.ssh_password
        for item in settings.users
    )


PROMISE = "# filled in when the image is complete"
KICKSTART_PROMISED = f"echo '{PROMISE}' > {KICKSTART}; chmod 600 {KICKSTART}"


def kickstart_filled(quoted: str) -> str:
    """Return shell that writes the kickstart, *quoted* for the shell, where it was promised, unless
    the author's scripts have removed or changed the file meanwhile."""
    return (
        f"if [ \"$(cat {KICKSTART} 2> /dev/null)\" = '{PROMISE}' ]; then\n"
        f"printf %s {quoted} > {KICKSTART}; chmod 600 {KICKSTART}\nfi"
    )


def write_file(path: str, text: str, mode: str = "644") -> str:
    """Return shell that writes *text* to the file *path*."""
    directory, place = shlex.quote(path.rpartition("/")[0]), shlex.quote(path)
    quoted = shlex.quote(text)
    return f"mkdir -p {directory}\nprintf %s {quoted} > {place}\nchmod {mode} {place}"


def group(item: Group) -> str:
    """Return shell that makes one group; a group that a package has made stays as it is."""
    name = shlex.quote(item.name)
    number = f"-g {item.gid} " if item.gid >= 0 else ""
    note = f"{NOTE} group {item.name}: a package made it, with the id"
    found = f"found=$(getent group {name} | cut -d: -f3)"
    said = f"""{found}\nif [ -z "$found" ]; then groupadd {number}{name}"""
    if item.gid >= 0:
        said += f"""\nelif [ "$found" != {item.gid} ]; then echo "{note} $found; it stays so\""""
    return f"{said}\nfi"


def user(item: User) -> str:
    """Return shell for one user: makes it if there is none of that name, then sets password, lock
    and keys."""
    name = shlex.quote(item.name)
    lines = [] if item.name == "root" or not item.made else [_account(item)]
    if item.groups:
        lines.append(f"usermod -a -G {shlex.quote(','.join(item.groups))} {name}")
    if item.password:
        lock = "!" if item.locked else ""
        lines.append(f"usermod -p {shlex.quote(lock + item.password)} {name}")
    elif item.locked:
        lines.append(f"usermod -p '!' {name}")
    if item.ssh_password:
        lines.append(write_file(PERMIT, PERMITTED, "600"))
    if item.keys:
        lines.append(_keys(item))
    return "\n".join(lines)


def _account(item: User) -> str:
    """Groups and the account. As for Anaconda, a group's id that nobody has makes a group, and of a
    home that is there already all that its owner had becomes the user's."""
    name = shlex.quote(item.name)
    home = item.home or f"/home/{item.name}"
    place, above = shlex.quote(home), shlex.quote(home.rstrip("/").rpartition("/")[0] or "/")
    own = f"primary=-U\nif getent group {name} > /dev/null; then primary='-g {item.name}'; fi"
    if item.gid >= 0:
        own = (
            f"getent group {item.gid} > /dev/null || groupadd -g {item.gid} {name}\n"
            f"primary='-g {item.gid}'"
        )
    words = _useradd(item, home)
    account = f"""\
if getent passwd {name} > /dev/null; then
echo '{NOTE} user {item.name}: a package made it; its id, home and shell stay as they are'
else
{own}
if [ -e {place} ]; then
owner=$(stat -c %u:%g {place})
useradd -M $primary {words} {name}
chown -R -h --from="$owner" {name}: {place}
else
mkdir -p {above}
useradd -m $primary {words} {name}
fi
fi"""
    return "\n".join((*map(_group_exists, item.groups), account))


def _keys(item: User) -> str:
    """Return shell that writes the user's public keys to the file in their home that sshd
    trusts."""
    name, keys = shlex.quote(item.name), shlex.quote("".join(f"{key}\n" for key in item.keys))
    return f"""\
home=$(getent passwd {name} | cut -d: -f6)
if [ ! -d "$home" ]; then
echo 'sshkey: the image has no user {item.name} with a home' >&2
exit 1
fi
if [ ! -d "$home/.ssh" ]; then
mkdir -m 700 "$home/.ssh"
chown {name}: "$home/.ssh"
fi
printf %s {keys} >> "$home/.ssh/authorized_keys"
chmod 600 "$home/.ssh/authorized_keys"
chown {name}: "$home/.ssh/authorized_keys\""""


def _group_exists(name: str) -> str:
    quoted = shlex.quote(name)
    return f"getent group {quoted} > /dev/null || groupadd {quoted}"


def _useradd(item: User, home: str) -> str:
    """Return the options of useradd(8) for one user, except for the primary group."""
    words = ["-s", item.shell or "/bin/bash", "-d", home]
    words += ["-u", str(item.uid)] if item.uid >= 0 else []
    words += ["-c", item.gecos] if item.gecos else []
    return shlex.join(words)


def root_without_password(users: Iterable[User]) -> str:
    """Return shell that locks root's password if the recipe says nothing of it, so that nobody gets
    in without one."""
    if any(item.name == "root" and (item.password or item.locked) for item in users):
        return ""
    return "usermod -p '!' root"
