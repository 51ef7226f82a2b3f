"""What becomes of the sections."""

from appliance.recipe.answers import (
    IN_POST,
    INSTALLER,
    Answer,
    Honoured,
    Judged,
    Noted,
    Refused,
    each,
)

ADD_ON = Refused("add-ons of an installer are not supported", IN_POST)
BEFORE = Refused("nothing runs before a build", "write what it would decide into the kickstart")
SECTIONS: dict[str, Answer] = {
    "%packages": Honoured(
        {
            **each("--nocore --excludedocs --ignoremissing --inst-langs --instLangs", None),
            **each("--exclude-weakdeps --excludeWeakdeps", None),
            "--nobase": Noted("nothing but @core is installed unasked"),
            **each("--ignorebroken --multilib", None),
            "--default": Refused("no environment is the usual one of an image", "@^ENVIRONMENT"),
            **each("--timeout --retries", Noted("downloads wait and try again as they see fit")),
        }
    ),
    "%post": Honoured(each("--nochroot --interpreter --erroronfail --log --logfile", None)),
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
