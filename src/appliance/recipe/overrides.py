"""What the command line adds to a recipe: a name, a root password, keys, users, packages."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from appliance.errors import RecipeError, RequestError
from appliance.recipe.before import Decided
from appliance.recipe.brand import Brand
from appliance.recipe.first_boot import FirstBoot
from appliance.recipe.image import Image
from appliance.recipe.model import Script
from appliance.recipe.variables import Value

# In the name of a file beside others, and of all that is called after it.
UNUSABLE = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|^[\s.-]|\s$")
LONGEST = 200  # bytes of it: what is put behind it must fit, too (NAME_MAX is 255)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?")  # of users and groups, useradd(8)


def nothing_fetched(url: str) -> str:
    """Refuse to fetch: the `fetch` of a Reading that must not use the network."""
    raise RecipeError(f"{url} cannot be read from the network here")


def check_name(name: str) -> None:
    """Raise RequestError for what cannot be the name of an appliance."""
    if not name or UNUSABLE.search(name):
        raise RequestError(
            f"{name!r} cannot be the name of an appliance",
            hint="--name NAME: letters, digits, dots, dashes; no / and no blanks at its ends",
        )
    if len(name.encode()) > LONGEST:
        raise RequestError(f"a name of more than {LONGEST} bytes: {name:.40}…", hint="--name NAME")


@dataclass(frozen=True)
class Reading:
    """Where a kickstart's includes are looked for besides the usual places, and how a URL is read:
    *fetch* returns its text or raises ApplianceError. *decided* is what the %pre scripts left; None
    if they did not run yet."""

    include_paths: tuple[Path, ...] = ()
    fetch: Callable[[str], str] = nothing_fetched
    decided: Decided | None = None


@dataclass(frozen=True)
class Overrides:
    """What the command line adds to a kickstart; all of it is optional.

    *root_password*: root's password in plain text.
    *keys*: public keys for root and for *users*, one line each.
    *users*: further users, as NAME or NAME:PASSWORD.
    *name*: the appliance's name, instead of the kickstart file's.
    *table*: the partition table, gpt or msdos, of a kickstart that asks for none.
    *passphrase*: where the passphrase of encrypted volumes is, env:NAME or file:PATH, if the
        kickstart has none.
    *reading*: where includes are found, and how URLs are fetched.
    *hostname*: the machine's name, instead of the kickstart's.
    *packages*: lines of %packages, after those of the kickstart.
    *scripts*: scripts that run in the finished root, after those of the kickstart.
    *image*: what the image calls itself.
    *first_boot*: what the product sheet has each copy do once.
    *brand*: under which name the system appears.
    *variables*: the variables that the product sheet declares, with their values.
    *strict*: the release whose exact kickstart syntax is required; empty allows whatever people
        write.

    Passwords are plain text here, and nowhere else: they never show in the text of the value.
    Raises RequestError for a name that no system would accept, or a key of several lines.
    """

    root_password: str = field(default="", repr=False)
    keys: tuple[str, ...] = ()
    users: tuple[str, ...] = field(default=(), repr=False)
    name: str = ""
    table: str = "gpt"
    passphrase: str = ""
    reading: Reading = field(default_factory=Reading)
    strict: str = ""
    variables: tuple[Value, ...] = ()
    hostname: str = ""
    packages: tuple[str, ...] = ()
    scripts: tuple[Script, ...] = ()
    image: Image | None = None
    first_boot: FirstBoot | None = None
    brand: Brand | None = None

    def __post_init__(self) -> None:
        if self.name:
            check_name(self.name)
        if self.passphrase and not self.passphrase.startswith(("env:", "file:")):
            raise RequestError(
                "--passphrase says where the passphrase is, not what it is",
                hint="--passphrase env:NAME or --passphrase file:PATH",
            )
        for user in self.users:
            if not NAME.fullmatch(user.partition(":")[0]):
                raise RequestError("not a user name", hint="--user NAME or --user NAME:PASSWORD")
        for key in self.keys:
            if len(key.split()) < 2 or "\n" in key.strip():
                raise RequestError("not a public key: one line, its type and the key itself")
        if "\0" in self.root_password + "".join(self.users):
            raise RequestError("a password cannot contain a zero byte")
