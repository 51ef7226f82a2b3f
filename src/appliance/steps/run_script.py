"""Run a script in the root's sandbox: the system's settings, and the author's `%post`."""

from dataclasses import dataclass
from typing import ClassVar

from appliance.errors import CommandError, Where
from appliance.work import Jail, Work

SCRIPT = "/run/appliance/script"
IMAGES = ("/mnt/sysimage/", "/mnt/sysroot/")  # where a script beside the root finds it


@dataclass(frozen=True)
class RunScript:
    """Change the tree by *body*, run by *interpreter*.

    *name* names the layer; *network*: the script may use the build host's; *outside*: it runs
    beside the root; *strict*: a failure ends the build; *log*: where in the root its output is
    kept. *where* is the line that the author wrote.
    """

    version: ClassVar[int] = 1
    name: str
    after: tuple[str, ...]
    body: str
    interpreter: str
    network: bool = False
    outside: bool = False
    strict: bool = True
    log: str = ""
    where: Where | None = None

    @property
    def takes(self) -> tuple[str, ...]:
        """The layers below."""
        return self.after

    @property
    def gives(self) -> str:
        """A layer."""
        return f"layer:{self.name}"

    def run(self, work: Work) -> None:
        """Run it; CommandError says where it stands and its last words."""
        program = work.scratch / "script"
        program.write_text(self.body)
        program.chmod(0o700)
        jail = Jail(
            network=self.network, outside=self.outside, binds=((work.scratch, "/run/appliance"),)
        )
        said = ""
        try:
            said = work.run_inside([*self.interpreter.split(), SCRIPT], jail=jail)
        except CommandError as error:
            said = "\n".join(error.tail) + "\n"
            if self.strict:
                raise CommandError(
                    f"{self.title} failed: {error.problem}",
                    where=self.where,
                    tail=error.tail,
                    hint=self.advice,
                ) from error
            work.note(f"{self.where}: {self.title} failed, and the build went on: {error}")
        place = self.log_in_root()
        if place:
            work.write(place, said, mode=0o600)

    def log_in_root(self) -> str:
        """Where in the image the log goes; empty if a script beside it names another place."""
        if not self.outside:
            return self.log
        for image in IMAGES:
            if self.log.startswith(image):
                return self.log.removeprefix(image)
        return ""

    @property
    def title(self) -> str:
        """What people call it."""
        return "%post" if self.name.startswith("post") else f"the step '{self.name}'"

    @property
    def advice(self) -> str:
        """What to try when it fails."""
        if not self.name.startswith("post"):
            return "the build log has every command"
        return "appliance build --shell, to look around where it failed"
