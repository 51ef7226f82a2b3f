"""Where software comes from: what becomes of these commands."""

from appliance.recipe.reading.answers import Answer, Honoured, Noted, Refused, each

MEDIA = ("cdrom", "harddrive", "nfs", "hmc", "method")  # where an installer finds its packages
NO_MEDIA = Noted("there is no installation medium: packages come from repositories")
PAYLOAD = Refused("an image is made of packages", "list them in %packages")
REPOSITORY = each(
    "--mirrorlist --metalink --proxy --noverifyssl --sslcacert --sslclientcert --sslclientkey", None
)

COMMANDS: dict[str, Answer] = {
    "url": Honoured({"--url": None, **REPOSITORY}),
    "repo": Honoured(
        {
            **each("--name --baseurl", None),
            **REPOSITORY,
            **each("--cost --includepkgs --excludepkgs --install", None),
            "--ignoregroups": Noted("for composing installation trees only"),
        }
    ),
    **dict.fromkeys(MEDIA, NO_MEDIA),
    **dict.fromkeys(("liveimg", "ostreesetup", "ostreecontainer", "bootc"), PAYLOAD),
    "module": Refused("module streams are not supported", "name a repository that has the version"),
    "upgrade": Refused("an image is always new", "leave the line out"),
    "rhsm": Refused("nothing is registered during a build", "register at first boot"),
    "syspurpose": Refused("nothing is registered during a build", "register at first boot"),
    "lilo": Refused("this boot loader is not supported", "bootloader"),
}
