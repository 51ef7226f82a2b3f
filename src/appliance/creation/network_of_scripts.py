"""What the scripts of a build need to have a network, told before anything runs."""

from appliance.errors import HostError
from appliance.host import script_network
from appliance.host.script_network import OWN
from appliance.recipe.model import Recipe
from appliance.steps import Step
from appliance.steps.run_before import RunBefore
from appliance.steps.run_script import RunScript


def have_network(steps: tuple[Step, ...]) -> None:
    """Raise HostError if a script of *steps* is to have a network of its own and nothing here gives
    it one."""
    scripts = [step for step in steps if isinstance(step, RunScript)]
    scripts += [one for step in steps if isinstance(step, RunBefore) for one in step.scripts]
    wanting = [one for one in scripts if one.network == OWN]
    if wanting and not script_network.gateways():
        raise HostError(
            f"{wanting[0].title} is to have a network of its own, and this machine has neither "
            f"{' nor '.join(script_network.PROGRAMS)}",
            where=wanting[0].where,
            hint="install passt or slirp4netns; or --script-network none; or --script-network "
            "host, which lets scripts reach what listens on this machine only",
        )


def proxy_of(recipe: Recipe) -> str:
    """Return the proxy through which the packages of *recipe* come, which scripts may need, too."""
    return next((item.proxy for item in recipe.repositories if item.proxy), "")
