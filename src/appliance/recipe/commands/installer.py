"""The installer's own affairs: what becomes of these commands."""

from appliance.recipe.answers import INSTALLER, Answer

COMMANDS: dict[str, Answer] = {
    **dict.fromkeys(
        (
            *("autostep", "cmdline", "device", "deviceprobe", "driverdisk"),
            *("graphical", "halt", "install", "interactive", "key", "langsupport", "lilocheck"),
            *("logging", "mediacheck", "monitor", "mouse", "poweroff", "rdp", "reboot", "rescue"),
            *("shutdown", "sshpw", "text", "unsupported_hardware", "updates", "vnc"),
        ),
        INSTALLER,
    ),
}
