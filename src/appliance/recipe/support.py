"""Every word of the kickstart language, and what becomes of it in an image."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from appliance.errors import RecipeError, Where
from appliance.recipe.findings import Findings


@dataclass(frozen=True)
class Noted:
    """Without effect on an image, for this reason; the build says so once."""

    reason: str


@dataclass(frozen=True)
class Refused:
    """A build would not do what the author asks: why, and what to try."""

    why: str
    hint: str = ""


@dataclass(frozen=True)
class Honoured:
    """The image will be so. None: the option is honoured; options that are not here are unknown."""

    options: Mapping[str, Noted | Refused | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """Nothing for the recipe: noted or refused by its options, *bare* when it has none."""

    options: Mapping[str, Noted | Refused]
    bare: Noted | Refused


Answer = Honoured | Judged | Noted | Refused

INSTALLER = Noted("for an installer only: no meaning for an image")
NEW_DISK = Noted("the disk of an image is always new and empty")
SHADOW = Noted("passwords are always shadowed SHA-512 hashes")
IN_POST = "do it in %post"
DISK = Refused("the disk of an image is always new", "give the partition a --size")
ENCRYPTED = Refused("encrypted volumes are not supported", "leave the volume unencrypted")
PLAIN_PART = Refused("only plain partitions are supported", "part MOUNTPOINT --size=MIB")
OTHER_STORAGE = "btrfs logvol mount raid snapshot stratisfs stratispool volgroup"
PLAIN_LINK = Refused("only plain Ethernet devices are supported", IN_POST)
NO_MEDIA = Refused("there is no installation medium", "url --url=URL, or repo --name=NAME")
FIREWALL = Refused(
    "no firewall is configured", "firewall --disabled, and configure one in %post if you need it"
)
DIRECTORY = Refused("only local accounts are supported", IN_POST)
PAYLOAD = Refused("an image is made of packages", "list them in %packages")
RIGHT_TYPE = Refused("only the usual boot loader of the distribution is supported", "leave it out")


def _each(words: str, answer: Noted | Refused | None) -> dict[str, Noted | Refused | None]:
    return dict.fromkeys(words.split(), answer)


REPOSITORY = _each(
    "--mirrorlist --metalink --proxy --noverifyssl --sslcacert --sslclientcert --sslclientkey", None
)
PART = Honoured(
    {
        **_each("--fstype --type --size --grow --maxsize --label --fsoptions --mkfsoptions", None),
        **_each("--asprimary --ondisk --ondrive", None),
        **_each("--onpart --usepart --noformat --resize --onbiosdisk", DISK),
        **_each("--recommended --hibernation", Refused("an image does not know the memory of its "
                "machine", "part swap --size=1024")),
        "--fsprofile": Refused("profiles of mke2fs are not supported", "--mkfsoptions"),
        **_each("--encrypted --passphrase --escrowcert --backuppassphrase --cipher", ENCRYPTED),
        **_each("--luks-version --pbkdf --pbkdf-memory --pbkdf-time", ENCRYPTED),
        **_each("--pbkdf-iterations --hw-passphrase", ENCRYPTED),
    }
)  # fmt: skip
OLD_PASSWORDS = Judged(
    dict.fromkeys(("--enableshadow", "--useshadow", "--enablemd5", "--passalgo"), SHADOW),
    bare=SHADOW,
)

COMMANDS: dict[str, Answer] = {
    # the system
    "lang": Honoured({"--addsupport": Noted("list the language packages in %packages")}),
    "keyboard": Honoured(_each("--vckeymap --xlayouts --switch", None)),
    "timezone": Honoured(
        {
            **_each("--utc --isUtc", None),
            **_each(
                "--nontp --ntpservers",
                Noted("time servers keep the distribution's default; change them in %post"),
            ),
        }
    ),
    "timesource": Refused("time servers are not configured", IN_POST),
    "services": Honoured(_each("--enabled --disabled", None)),
    "xconfig": Refused(
        "no desktop is configured", "systemctl set-default graphical.target in %post"
    ),
    "selinux": Judged(
        {
            **dict.fromkeys(
                ("--disabled", "--permissive"), Noted("SELinux is not configured by the build yet")
            ),
            "--enforcing": Refused(
                "SELinux is not configured by the build yet",
                "leave the line out: the distribution's default stays",
            ),
        },
        bare=Noted("says nothing without an option"),
    ),
    "firewall": Judged(
        {
            **dict.fromkeys(("--disabled", "--disable"), Noted("no firewall is configured")),
            "--use-system-defaults": Noted("the distribution's default stays"),
            **dict.fromkeys(
                (
                    *("--enabled", "--enable", "--service", "--remove-service", "--port"),
                    *("--trust", "--ssh", "--http", "--ftp", "--smtp"),
                ),
                FIREWALL,
            ),
        },
        bare=FIREWALL,
    ),
    # people
    "rootpw": Honoured(
        {
            **_each("--lock --iscrypted --plaintext", None),
            "--allow-ssh": Refused(
                "root logs in over SSH with a key only", "sshkey --username=root 'KEY'"
            ),
        }
    ),
    "user": Honoured(
        _each("--name --groups --uid --gid --homedir --shell --gecos --password", None)
        | _each("--iscrypted --plaintext --lock", None)
    ),
    "group": Honoured(_each("--name --gid", None)),
    "sshkey": Honoured({"--username": None}),
    "auth": OLD_PASSWORDS,
    "authconfig": OLD_PASSWORDS,
    "authselect": DIRECTORY,
    "realm": DIRECTORY,
    # the network
    "network": Honoured(
        {
            **_each("--bootproto --device --ip --netmask --gateway --nameserver", None),
            **_each("--hostname --ipv6 --mtu --onboot --noipv4 --noipv6", None),
            **_each("--activate --no-activate", INSTALLER),
            "--notksdevice": INSTALLER,
            **_each("--bondslaves --bondopts --vlanid --interfacename", PLAIN_LINK),
            **_each("--bridgeslaves --bridgeopts --teamslaves --teamconfig", PLAIN_LINK),
            **_each("--essid --wepkey --wpakey --bindto", PLAIN_LINK),
            **_each("--dhcpclass --ethtool --nodefroute --nodns --ipv6gateway", PLAIN_LINK),
            **_each("--ipv4-dns-search --ipv6-dns-search", PLAIN_LINK),
            **_each("--ipv4-ignore-auto-dns --ipv6-ignore-auto-dns", PLAIN_LINK),
        }
    ),
    # storage
    "bootloader": Honoured(
        {
            **_each("--append --timeout --location --disabled", None),
            **_each("--boot-drive --driveorder", Noted("the image boots from its first disk")),
            "--leavebootorder": INSTALLER,
            **_each("--extlinux --sdboot --nombr --default", RIGHT_TYPE),
            **_each(
                "--password --md5pass --iscrypted",
                Refused("passwords of boot loaders are not supported", "leave them out"),
            ),
        }
    ),
    "zipl": Refused("mainframes are not supported"),
    "clearpart": Honoured(
        {
            **_each("--all --initlabel --disklabel", None),
            **_each("--drives --list --linux --none", NEW_DISK),
            "--cdl": Refused("mainframes are not supported", "leave it out"),
        }
    ),
    "zerombr": NEW_DISK,
    "ignoredisk": NEW_DISK,
    "part": PART,
    "partition": PART,
    "autopart": Refused("partitions are not chosen for you", "part / --size=2048 --grow"),
    "reqpart": Refused(
        "partitions are not chosen for you",
        "part biosboot --size=1 and part /boot/efi --size=100",
    ),
    **dict.fromkeys(OTHER_STORAGE.split(), PLAIN_PART),
    **dict.fromkeys(
        ("iscsi", "iscsiname", "fcoe", "nvdimm", "zfcp", "multipath", "dmraid"),
        Refused("an image is made on a plain disk", "leave the line out"),
    ),
    # where software comes from
    "url": Honoured({"--url": None, **REPOSITORY}),
    "repo": Honoured(
        {
            **_each("--name --baseurl", None),
            **REPOSITORY,
            **_each("--cost --includepkgs --excludepkgs --install", None),
            "--ignoregroups": Noted("for composing installation trees only"),
        }
    ),
    **dict.fromkeys(("cdrom", "harddrive", "nfs", "hmc", "method"), NO_MEDIA),
    **dict.fromkeys(("liveimg", "ostreesetup", "ostreecontainer", "bootc"), PAYLOAD),
    "module": Refused("module streams are not supported", "name a repository that has the version"),
    "upgrade": Refused("an image is always new", "leave the line out"),
    "rhsm": Refused("nothing is registered during a build", "register at first boot"),
    "syspurpose": Refused("nothing is registered during a build", "register at first boot"),
    "lilo": Refused("this boot loader is not supported", "bootloader"),
    # the installer itself
    **dict.fromkeys(
        (
            *("autostep", "cmdline", "device", "deviceprobe", "driverdisk", "eula", "firstboot"),
            *("graphical", "halt", "install", "interactive", "key", "langsupport", "lilocheck"),
            *("logging", "mediacheck", "monitor", "mouse", "poweroff", "rdp", "reboot", "rescue"),
            *("shutdown", "skipx", "sshpw", "text", "unsupported_hardware", "updates", "vnc"),
        ),
        INSTALLER,
    ),
}

ADD_ON = Refused("add-ons of an installer are not supported", IN_POST)
BEFORE = Refused("nothing runs before a build", "write what it would decide into the kickstart")
SECTIONS: dict[str, Answer] = {
    "%packages": Honoured(
        {
            **_each("--nocore --excludedocs --ignoremissing --inst-langs --instLangs", None),
            **_each("--exclude-weakdeps --excludeWeakdeps", None),
            "--nobase": Noted("nothing but @core is installed unasked"),
            **_each("--ignorebroken --multilib", None),
            "--default": Refused("no environment is the usual one of an image", "@^ENVIRONMENT"),
            **_each("--timeout --retries", Noted("downloads wait and try again as they see fit")),
        }
    ),
    "%post": Honoured(_each("--nochroot --interpreter --erroronfail --log --logfile", None)),
    "%pre": BEFORE,
    "%pre-install": BEFORE,
    "%onerror": Refused("a failed build leaves nothing to run it in", "remove the section"),
    "%traceback": Refused("a failed build leaves nothing to run it in", "remove the section"),
    "%addon": Judged(
        {
            "--disable": Noted("an add-on of an installer that is to do nothing"),
            "--reserve-mb": Noted("it belongs to an add-on"),
            "--enable": ADD_ON,
        },
        bare=ADD_ON,
    ),
    "%certificate": Refused("certificates are not imported", "write them in %post"),
    "%anaconda": INSTALLER,
    "%ksappend": Refused("it reads from the network", "%include a file"),
}  # fmt: skip


def find(word: str, where: Where) -> Answer:
    """Return what becomes of the lines or sections that *word* starts.

    Raises RecipeError if the language has no such word.
    """
    known = SECTIONS if word.startswith("%") else COMMANDS
    if word not in known:
        kind = "section" if known is SECTIONS else "command"
        raise RecipeError(f"unknown {kind} '{word}'", hint=nearest(word, known), where=where)
    return known[word]


def option_names(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the options among *words*: --size=3 gives --size."""
    names = (word.partition("=")[0] for word in words[1:] if word.startswith("--"))
    return tuple(name for name in names if " " not in name)


def judge(words: tuple[str, ...], where: Where, findings: Findings) -> bool:
    """Tell whether the line *words* is honoured; say everything else to *findings*."""
    try:
        answer = find(words[0], where)
    except RecipeError as error:
        findings.problems.append(error)
        return False
    options = option_names(words)
    if isinstance(answer, Noted | Refused):
        _say(words[0], answer, where, findings)
        return False
    if isinstance(answer, Judged) and not options:
        _say(words[0], answer.bare, where, findings)
    fine = isinstance(answer, Honoured)
    for option in options:
        if option not in answer.options:
            text = f"unknown option '{option}' of {words[0]}"
            findings.problem(text, where, nearest(option, answer.options))
            fine = False
        elif (said := answer.options[option]) is not None:
            _say(f"{words[0]} {option}", said, where, findings)
            fine = fine and not isinstance(said, Refused)
    return fine


def nearest(word: str, known: Mapping[str, object]) -> str:
    """Return the known words that look like *word*, as a hint; all of them if they are few."""
    return ", ".join(get_close_matches(word, known) or (known if len(known) < 10 else ()))


def _say(what: str, answer: Noted | Refused, where: Where, findings: Findings) -> None:
    if isinstance(answer, Noted):
        findings.note(f"{what}: {answer.reason}", where)
    else:
        findings.problem(f"{what}: {answer.why}", where, answer.hint)
