"""Options that say what is built: the kickstart, where its packages come from, who may log in."""

from dataclasses import replace

from appliance.backends import families
from appliance.cli.options import kickstart_kinds, kinds, paths
from appliance.cli.options.option import Group, Option
from appliance.recipe.reading.load import releases

RECIPE = Option(
    ("recipe",), "kickstart file that describes the appliance", paths.RECIPE, metavar="FILE.ks",
    example="web.ks",
)  # fmt: skip
INCLUDE_PATH = Option(
    ("--include-path",),
    "look for the files that the kickstart includes in this directory, too, after its own",
    paths.DIRECTORY_THERE, usual="none", example="/srv/kickstarts", repeat=True,
)  # fmt: skip
STRICT = Option(
    ("--strict",),
    "allow only the exact kickstart syntax of this release of Fedora (F…) or RHEL",
    kinds.name("RELEASE", releases()), usual="whatever people write today", example="RHEL9",
    default="",
)  # fmt: skip
PASSPHRASE = Option(
    ("--passphrase",),
    "read the passphrase of encrypted volumes from an environment variable (env:NAME) or from the "
    "first line of a file (file:PATH)",
    kinds.passphrase(), usual="as the kickstart says", example="env:DISK_SECRET", default="",
)  # fmt: skip
STRICT_SCRIPTS = Option(
    ("--strict-scripts",),
    "end the build when any script of the kickstart fails, as if each had --erroronfail; without "
    "it the failure of the others is a warning at the end of the build",
)
INCLUDES = Group("kickstart", (INCLUDE_PATH,))
READING = Group("kickstart", (INCLUDE_PATH, STRICT, PASSPHRASE))

CODENAMES = dict.fromkeys(
    release.codename for family in families.KNOWN.values() for release in family.releases
)
RELEASEVER = Option(
    ("--releasever",),
    "release of the distribution (44, trixie, fedora-44, …), where the kickstart does not say it; "
    "it is also the value of $releasever in the addresses of repositories",
    kinds.name("RELEASE", CODENAMES), usual="what the repositories say", example="44", default="",
)  # fmt: skip
REPO = Option(
    ("--repo",),
    "take packages from these repositories, too: those of a .repo file, of a .sources or .list "
    "file of apt, of a directory of such files, or one that is known by its name",
    replace(paths.ANY, known=tuple(families.known_names())), usual="only those of the kickstart",
    example="fedora-44", metavar="FILE|DIR|NAME", repeat=True,
)  # fmt: skip
VAR = Option(
    ("--var",),
    "value of ${NAME} in the kickstart, if its product sheet declares NAME, and of $NAME in the "
    "addresses of repositories; without =VALUE, that of the environment",
    kinds.variable(), usual="as the sheet says", example="HOSTNAME=shop", repeat=True,
)  # fmt: skip
MIRROR = Option(
    ("--mirror",),
    "base address of the archive to take known repositories from; a lock names no server",
    kickstart_kinds.address(), usual="that of this machine's apt; for dnf, the distribution's own",
    example="https://deb.debian.org/debian", default="",
)  # fmt: skip
KEYRING = Option(
    ("--keyring",),
    "file of OpenPGP keys that repositories must be signed with, instead of those that are known "
    "for the distribution",
    paths.FILE, usual="the keys of the distribution", example="keys.gpg",
)  # fmt: skip
NO_GPG_CHECK = Option(
    ("--no-gpg-check",),
    "take the packages of the repository of this name whoever signed them, even if nobody did",
    kinds.name("REPOSITORY"), usual="every repository is checked", example="local", repeat=True,
)  # fmt: skip
REFRESH = Option(
    ("--refresh",),
    "ask the repositories what they have now, even if they were asked less than an hour ago",
)  # fmt: skip
TOOLS = Option(
    ("--tools",),
    "take the programs that make the image (mkfs, grub, rpm, …) from the system in this directory; "
    "auto or auto:SUITE: from one that is first made of Debian's packages",
    paths.TOOLS, usual="this machine's programs", example="auto:trixie", default="",
)  # fmt: skip
SOURCES = (RELEASEVER, REPO, VAR, MIRROR, KEYRING, NO_GPG_CHECK)
REPOSITORIES = Group("packages", SOURCES)
PACKAGES = Group("packages", (*SOURCES, REFRESH, TOOLS))

ROOT_PASSWORD = Option(
    ("--root-password",),
    "give root this password, of which the image keeps a hash, and unlock the account",
    kinds.secret(), usual="as the kickstart says", example="'correct horse'", default="",
)  # fmt: skip
SSH_KEY = Option(
    ("--ssh-key",),
    "let the owner of this public key log in over ssh: as root, or as the users of --user if there "
    "are any",
    paths.PUBLIC_KEY, usual="as the kickstart says", example="~/.ssh/id_ed25519.pub", repeat=True,
)  # fmt: skip
USER = Option(
    ("--user",),
    "add a user to those of the kickstart; without a password only --ssh-key lets them in",
    kinds.user(), usual="none", example="admin", repeat=True,
)  # fmt: skip
IDENTITY = Group("identity", (ROOT_PASSWORD, SSH_KEY, USER))
