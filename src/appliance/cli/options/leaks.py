"""Options that say what may be in an image although others get it."""

from appliance.cli.options import kinds
from appliance.cli.options.option import Group, Option

ALLOW = Option(
    ("--allow",),
    "let this rule about what others should not get not hold, for one file or all of them; the "
    "product sheet's [[allow]] gives a reason, too",
    kinds.allowed(), usual="every rule holds (appliance lint --rules)",
    example="private-key:/etc/shop/demo.key", repeat=True,
)  # fmt: skip
STRICT_LEAKS = Option(
    ("--strict-leaks",),
    "end the build when the image holds what others should not get (keys, passwords, traces of "
    "this machine); without it that is a warning at the end of the build",
)
KEEP_KICKSTART = Option(
    ("--keep-kickstart",),
    "keep the whole kickstart in the image (/root/anaconda-ks.cfg), with the hashes of passwords "
    "and the texts of scripts; without it the image has its commands and packages",
)
LEAKS = Group("leaks", (ALLOW, STRICT_LEAKS, KEEP_KICKSTART))
