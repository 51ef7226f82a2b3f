"""What each copy of an appliance makes of its own, when it starts for the first time."""

from dataclasses import dataclass

from appliance.errors import Where


@dataclass(frozen=True)
class BootScript:
    """One script of the first boot: the *name* and the text of its file."""

    name: str
    body: str

    @property
    def interpreter(self) -> str:
        """The program that its first line names."""
        return self.body.partition("\n")[0].removeprefix("#!").split()[0]


@dataclass(frozen=True)
class FirstBoot:
    """Scripts that run once, in order, before anybody can log in.

    *files*: the scripts' files, as the product sheet names them.
    *credentials*: the system credentials (systemd.system-credentials(7)) that must be handed over.
    *after*: the units that are started before the scripts run.
    *before*: the units that wait for the scripts, and are not started if one fails.
    *where*: where the product sheet says it.
    *scripts*: the scripts themselves, once they are read.
    """

    files: tuple[str, ...]
    credentials: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    where: Where | None = None
    scripts: tuple[BootScript, ...] = ()
