"""Disks and boot loaders: what becomes of these commands."""

from appliance.recipe.answers import INSTALLER, Answer, Honoured, Noted, Refused, each

NEW_DISK = Noted("the disk of an image is always new and empty")
DISK = Refused("the disk of an image is always new", "give the partition a --size")
ENCRYPTED = Refused("encrypted volumes are not supported", "leave the volume unencrypted")
PLAIN_PART = Refused("only plain partitions are supported", "part MOUNTPOINT --size=MIB")
OTHER_STORAGE = "btrfs logvol mount raid snapshot stratisfs stratispool volgroup"
RIGHT_TYPE = Refused("only the usual boot loader of the distribution is supported", "leave it out")
PART = Honoured(
    {
        **each("--fstype --type --size --grow --maxsize --label --fsoptions --mkfsoptions", None),
        **each("--asprimary --ondisk --ondrive", None),
        **each("--onpart --usepart --noformat --resize --onbiosdisk", DISK),
        **each("--recommended --hibernation", Refused("an image does not know the memory of its "
                "machine", "part swap --size=1024")),
        "--fsprofile": Refused("profiles of mke2fs are not supported", "--mkfsoptions"),
        **each("--encrypted --passphrase --escrowcert --backuppassphrase --cipher", ENCRYPTED),
        **each("--luks-version --pbkdf --pbkdf-memory --pbkdf-time", ENCRYPTED),
        **each("--pbkdf-iterations --hw-passphrase", ENCRYPTED),
    }
)  # fmt: skip

COMMANDS: dict[str, Answer] = {
    "bootloader": Honoured(
        {
            **each("--append --timeout --location --disabled", None),
            **each("--boot-drive --driveorder", Noted("the image boots from its first disk")),
            "--leavebootorder": INSTALLER,
            **each("--extlinux --sdboot --nombr --default", RIGHT_TYPE),
            **each(
                "--password --md5pass --iscrypted",
                Refused("passwords of boot loaders are not supported", "leave them out"),
            ),
        }
    ),
    "zipl": Refused("mainframes are not supported"),
    "clearpart": Honoured(
        {
            **each("--all --initlabel --disklabel", None),
            **each("--drives --list --linux --none", NEW_DISK),
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
}
