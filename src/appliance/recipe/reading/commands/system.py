"""Language, time, services, security: what becomes of these commands."""

from appliance.recipe.reading.answers import (
    IN_POST,
    INSTALLER,
    Answer,
    Honoured,
    Judged,
    Noted,
    Refused,
    each,
)

SHADOW = Noted("passwords are always shadowed SHA-512 hashes")
LOCAL = Noted("accounts are local, as they are unless somebody changes that")
DIRECTORY = Refused("only local accounts are supported", IN_POST)
# What authconfig(8) was asked for in kickstarts: all of today's systems do it, or cannot.
OLD_PASSWORDS = Judged(
    {
        **dict.fromkeys(
            (
                *("--enableshadow", "--useshadow", "--enablemd5", "--passalgo", "--nostart"),
                *("--kickstart", "--update", "--updateall", "--disableshadow", "--disablemd5"),
            ),
            SHADOW,
        ),
        **dict.fromkeys(
            (
                *("--enablefingerprint", "--disablefingerprint", "--disablenis", "--disableldap"),
                *("--disablekrb5", "--disablesssd", "--disablewinbind", "--disablecache"),
                *("--enablelocauthorize", "--disablesmartcard", "--enablecache", "--enablesssd"),
                *("--enablesssdauth", "--disableldapauth", "--disablesmbauth", "--disablehesiod"),
            ),
            LOCAL,
        ),
        **dict.fromkeys(
            (
                *(
                    "--enableldap",
                    "--enableldapauth",
                    "--ldapserver",
                    "--ldapbasedn",
                    "--enablenis",
                ),
                *("--nisdomain", "--nisserver", "--enablekrb5", "--krb5realm", "--krb5kdc"),
                *("--krb5adminserver", "--enablehesiod", "--enablesmbauth", "--enablewinbind"),
                *("--enablemkhomedir", "--enableldaptls", "--ldaploadcacert", "--enablesmartcard"),
            ),
            DIRECTORY,
        ),
    },
    bare=SHADOW,
)

COMMANDS: dict[str, Answer] = {
    "lang": Honoured({"--addsupport": None}),
    "keyboard": Honoured(each("--vckeymap --xlayouts --switch", None)),
    "timezone": Honoured(each("--utc --isUtc --nontp --ntpservers", None)),
    "timesource": Honoured(each("--ntp-server --ntp-pool --ntp-disable --nts", None)),
    "services": Honoured(each("--enabled --disabled", None)),
    "xconfig": Honoured(
        {
            **each("--startxonboot --defaultdesktop", None),
            **each(
                "--depth --resolution --driver --server --monitor --hsync --vsync --noprobe "
                "--card --videoram",
                Noted("screens are found when the system starts"),
            ),
        }
    ),
    "skipx": Honoured(),
    "firstboot": Honoured({**each("--enable --enabled --disable --disabled --reconfig", None)}),
    "eula": INSTALLER,
    "selinux": Honoured(each("--disabled --permissive --enforcing", None)),
    "firewall": Honoured(
        each(
            "--enabled --enable --disabled --disable --use-system-defaults --service "
            "--remove-service --port --trust --ssh --http --ftp --smtp --telnet --high --medium",
            None,
        )
    ),
    "auth": OLD_PASSWORDS,
    "authconfig": OLD_PASSWORDS,
    "authselect": Honoured({"--force": None}),
    "realm": DIRECTORY,
}
