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
SCRIPTS = ("%pre", "%pre-install", "%post", "%onerror", "%traceback")
SCRIPT_OPTIONS = "--nochroot --interpreter --erroronfail --log --logfile"
SECTIONS: dict[str, Answer] = {
    "%packages": Honoured(
        {
            **each("--nocore --excludedocs --ignoremissing --inst-langs --instLangs", None),
            **each("--exclude-weakdeps --excludeWeakdeps", None),
            "--nobase": Noted("nothing but @core is installed unasked"),
            **each("--ignorebroken --multilib", None),
            "--default": Noted("no environment is the usual one of an image: name it, @^NAME"),
            **each("--timeout --retries", Noted("downloads wait and try again as they see fit")),
        }
    ),
    **dict.fromkeys(SCRIPTS, Honoured(each(SCRIPT_OPTIONS, None))),
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
    "%ksappend": INSTALLER,  # replaced by what it names before anybody looks here
}  # fmt: skip
