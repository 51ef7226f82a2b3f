"""The %pre scripts of a kickstart, which run before everything else."""

from appliance.layout.storage import Storage
from appliance.plan.model import Plan
from appliance.plan.scripts import Scripts, Terms
from appliance.recipe.model import Recipe

CLOCK = 0  # the build's own is known once its packages are


def before(recipe: Recipe, terms: Terms) -> Plan:
    """Plan only the %pre scripts of *recipe*. Its one target is what they leave."""
    steps = Scripts(recipe, Storage(), (), terms).before()
    return Plan(recipe.name, CLOCK, tuple(steps), tuple(step.gives for step in steps))
