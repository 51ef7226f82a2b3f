"""Disks and boot loaders: what becomes of these commands."""

from appliance.recipe.reading.answers import INSTALLER, Answer, Honoured, Noted, Refused, each

NEW_DISK = Noted("the disk of an image is always new and empty")
DISK = Refused("the disk of an image is always new", "leave the option out")
FORMAT = Refused("what is on the disk of an image is always made new", "leave the option out")
LUKS = each(
    "--encrypted --passphrase --cipher --luks-version --pbkdf --pbkdf-memory --pbkdf-time "
    "--pbkdf-iterations", None
) | each(
    "--escrowcert --backuppassphrase --hw-passphrase",
    Refused("there is nobody who keeps a second key", "leave the option out"),
)  # fmt: skip
HELD = each("--fstype --size --grow --maxsize --label --fsoptions --mkfsoptions --recommended "
            "--hibernation", None)  # fmt: skip
PROFILE = Refused("profiles of mke2fs are not supported", "--mkfsoptions")
PART = Honoured(
    {
        **HELD,
        **each("--type --asprimary --ondisk --ondrive", None),
        **each("--onpart --usepart", None),
        **each("--noformat --resize", FORMAT),
        "--onbiosdisk": Refused("an image has no BIOS that numbers disks", "--ondisk=sda"),
        "--active": Noted("the root's partition is active, where that means anything"),
        "--fsprofile": PROFILE,
        **LUKS,
    }
)
LOGVOL = Honoured(
    {
        **HELD,
        **each("--vgname --name --percent", None),
        **each("--noformat --useexisting --resize", DISK),
        **each("--thinpool --thin --poolname", None),
        **each(
            "--metadatasize --chunksize --profile", Noted("thin volumes are made as plain ones")
        ),
        **each("--cachesize --cachemode --cachepvs", Noted("an image has no faster disk")),
        "--fsprofile": PROFILE,
        **LUKS,
    }
)
RAID = Refused("software RAID is not for an image of one disk", "one partition without it")
EXISTING = Refused("there is nothing yet on the disk of an image", "part MOUNTPOINT --size=MIB")
STRATIS = Refused("Stratis needs a daemon that runs", "btrfs, or volgroup and logvol")

COMMANDS: dict[str, Answer] = {
    "bootloader": Honoured(
        {
            **each("--append --timeout --location --disabled", None),
            **each("--boot-drive --driveorder", Noted("the image boots from its first disk")),
            "--leavebootorder": INSTALLER,
            **each("--extlinux --sdboot --nombr --password --iscrypted", None),
            "--default": Noted("the newest kernel is the first choice"),
            **each(
                "--md5pass --useLilo --upgrade",
                Refused("GRUB 2 knows no such password or way", "--password and --iscrypted"),
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
    "ignoredisk": Honoured({"--only-use": None, **each("--drives --interactive", NEW_DISK)}),
    "part": PART,
    "partition": PART,
    "logvol": LOGVOL,
    "volgroup": Honoured(
        {
            **each("--pesize --reserved-space --reserved-percent", None),
            **each("--noformat --useexisting", DISK),
        }
    ),
    "btrfs": Honoured(
        {
            **each("--label --subvol --name --data --metadata --mkfsoptions", None),
            **each("--noformat --useexisting", DISK),
            "--parent": Refused("subvolumes of subvolumes are named by their path", "--name=a/b"),
        }
    ),
    "autopart": Honoured(
        {
            **each("--type --fstype --nohome --noswap --noboot --nolvm --hibernation", None),
            **LUKS,
        }
    ),
    "reqpart": Honoured({"--add-boot": None}),
    "raid": RAID,
    **dict.fromkeys(("mount", "snapshot"), EXISTING),
    **dict.fromkeys(("stratisfs", "stratispool"), STRATIS),
    **dict.fromkeys(
        ("iscsi", "iscsiname", "fcoe", "nvdimm", "zfcp", "multipath", "dmraid"),
        Refused("an image is made on a plain disk", "leave the line out"),
    ),
}
