"""Every word of the kickstart language: one table a topic."""

from appliance.recipe.reading.answers import Answer
from appliance.recipe.reading.commands import installer, network, people, sources, storage, system
from appliance.recipe.reading.commands.sections import SECTIONS

__all__ = ["COMMANDS", "SECTIONS"]
COMMANDS: dict[str, Answer] = {
    **system.COMMANDS,
    **people.COMMANDS,
    **network.COMMANDS,
    **storage.COMMANDS,
    **sources.COMMANDS,
    **installer.COMMANDS,
}
