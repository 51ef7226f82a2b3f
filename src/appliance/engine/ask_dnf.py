"""Ask the repositories of an RPM recipe what to install, through dnf with a state of its own."""

from dataclasses import dataclass

from appliance.backends.families.rpm import RpmFamily
from appliance.backends.families.rpm_sources import RpmSource
from appliance.engine.asking import Answer, Question
from appliance.engine.events import Emit
from appliance.engine.store import Store
from appliance.errors import SourceError
from appliance.host.download import Access


@dataclass(frozen=True)
class AskDnf:
    """See engine.asking.Ask."""

    question: Question
    family: RpmFamily
    release: str
    sources: tuple[RpmSource, ...]

    def accesses(self) -> dict[str, Access]:
        """See Ask.accesses."""
        return {}

    def words(self) -> tuple[str, ...]:
        """See Ask.words."""
        return ()

    def ask(self, store: Store, emit: Emit) -> Answer:
        """See Ask.ask."""
        raise SourceError("dnf")


def settle(question: Question, family: RpmFamily, release: str) -> AskDnf:
    """Say where packages come from; nothing is fetched."""
    return AskDnf(question, family, release, ())
