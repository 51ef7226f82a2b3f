"""Results that are not to be used again: of scripts with the network, and encrypted disks."""

from appliance.plan.model import Plan
from appliance.steps import Step
from appliance.steps.assemble_disk import AssembleDisk
from appliance.steps.run_before import RunBefore
from appliance.steps.run_script import RunScript
from appliance.store.results import Store
from appliance.work.results import Result


def scripts_with_network(plan: Plan) -> tuple[Result, ...]:
    """The results of the author's scripts that may have read from the network."""
    scripts = (step for step in plan.steps if isinstance(step, RunScript | RunBefore))
    return tuple(step.gives for step in scripts if not step.repeatable)


def secret_disks(plan: Plan) -> tuple[Result, ...]:
    """The disks with encrypted volumes, which the store does not keep."""
    return tuple(
        step.gives for step in plan.steps if isinstance(step, AssembleDisk) and step.secret
    )


def forget(steps: tuple[Step, ...], plan: Plan, store: Store) -> None:
    """Remove the results of *steps* of *plan* from *store*."""
    digests = plan.digests()
    for step in steps:
        store.forget(digests[step.gives])
