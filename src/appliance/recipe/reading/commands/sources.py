"""Where software comes from: what becomes of these commands."""

from appliance.recipe.reading.answers import Answer, Honoured, Noted, Refused, each

MEDIA = ("cdrom", "harddrive", "nfs", "hmc", "method")  # where an installer finds its packages
NO_MEDIA = Noted("there is no installation medium: packages come from repositories")
PACKAGES = "leave the line out, and list packages in %packages"
CONTAINER = Refused(
    "images are made here of packages, not of a container (bootc-image-builder does that)", PACKAGES
)
COMMIT = Refused(
    "images are made here of packages, not of an OSTree commit (image-builder does that)", PACKAGES
)
UNPACKED = Refused("images are made here of packages, not of another image", PACKAGES)
REGISTERED = Refused(
    "nothing is registered during a build: every copy would be the same machine",
    "leave the line out, and register the running system",
)
REPOSITORY = each(
    "--mirrorlist --metalink --proxy --noverifyssl --sslcacert --sslclientcert --sslclientkey", None
)

COMMANDS: dict[str, Answer] = {
    "url": Honoured({"--url": None, **REPOSITORY}),
    "repo": Honoured(
        {
            **each("--name --baseurl", None),
            **REPOSITORY,
            **each("--cost --priority --includepkgs --excludepkgs --install", None),
            "--ignoregroups": Noted("for composing installation trees only"),
        }
    ),
    **dict.fromkeys(MEDIA, NO_MEDIA),
    **dict.fromkeys(("ostreecontainer", "bootc"), CONTAINER),
    "ostreesetup": COMMIT,
    "liveimg": UNPACKED,
    "module": Refused("module streams are not supported", "name a repository that has the version"),
    "upgrade": Refused("an image is always new", "leave the line out"),
    "rhsm": REGISTERED,
    "syspurpose": Honoured(each("--role --sla --usage --addon", None)),
    "lilo": Refused("this boot loader is not supported", "bootloader"),
}
