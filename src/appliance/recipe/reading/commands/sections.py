"""What becomes of the sections."""

from appliance.recipe.reading.answers import (
    INSTALLER,
    Answer,
    Honoured,
    Noted,
    each,
)

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
    "%addon": Honoured(
        {
            **each("--enable --disable --reserve-mb", None),
            "--enablefadump": Noted("it is for machines of another kind"),
        }
    ),
    "%certificate": Honoured(each("--filename --dir --type", None)),
    "%anaconda": INSTALLER,
    "%ksappend": INSTALLER,  # replaced by what it names before anybody looks here
}  # fmt: skip
