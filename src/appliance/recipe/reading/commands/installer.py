"""The installer's own affairs: what becomes of these commands."""

from appliance.recipe.reading.answers import INSTALLER, Answer, Honoured

COMMANDS: dict[str, Answer] = {
    **dict.fromkeys(
        (
            *("autostep", "device", "deviceprobe", "driverdisk"),
            *("graphical", "halt", "install", "interactive", "key", "langsupport", "lilocheck"),
            *("logging", "mediacheck", "monitor", "mouse", "poweroff", "rdp", "reboot", "rescue"),
            *("shutdown", "sshpw", "unsupported_hardware", "updates", "vnc"),
        ),
        INSTALLER,
    ),
    # Who installs without a screen works without one: the system starts multi-user.target.
    **dict.fromkeys(("text", "cmdline"), Honoured({"--non-interactive": INSTALLER})),
}
