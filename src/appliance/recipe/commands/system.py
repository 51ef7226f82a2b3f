"""Language, time, services, security: what becomes of these commands."""

from appliance.recipe.answers import IN_POST, Answer, Honoured, Judged, Noted, Refused, each

SHADOW = Noted("passwords are always shadowed SHA-512 hashes")
FIREWALL = Refused(
    "no firewall is configured", "firewall --disabled, and configure one in %post if you need it"
)
DIRECTORY = Refused("only local accounts are supported", IN_POST)
OLD_PASSWORDS = Judged(
    dict.fromkeys(("--enableshadow", "--useshadow", "--enablemd5", "--passalgo"), SHADOW),
    bare=SHADOW,
)

COMMANDS: dict[str, Answer] = {
    "lang": Honoured({"--addsupport": Noted("list the language packages in %packages")}),
    "keyboard": Honoured(each("--vckeymap --xlayouts --switch", None)),
    "timezone": Honoured(
        {
            **each("--utc --isUtc", None),
            **each(
                "--nontp --ntpservers",
                Noted("time servers keep the distribution's default; change them in %post"),
            ),
        }
    ),
    "timesource": Refused("time servers are not configured", IN_POST),
    "services": Honoured(each("--enabled --disabled", None)),
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
    "auth": OLD_PASSWORDS,
    "authconfig": OLD_PASSWORDS,
    "authselect": DIRECTORY,
    "realm": DIRECTORY,
}
