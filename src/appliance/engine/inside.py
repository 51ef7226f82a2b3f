"""Run programs of the image, in a sandbox (appliance.work.InJail) or under the image's own kernel
(appliance.work.InMachine)."""

import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.engine.name_servers import lent_resolver
from appliance.engine.shown_tree import KERNELS
from appliance.engine.tree import Tree
from appliance.host import command, kernel_machine, trees
from appliance.host.jailed import handed_in, in_jail
from appliance.host.script_network import OWN
from appliance.work import Jail, MachineDisk

NOTE = "appliance-note: "
ENVIRONMENT = {  # of every program in the jail
    **command.ENVIRONMENT,
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
}
IMAGE = "/mnt/sysimage"  # where a script beside the root finds it


@dataclass(frozen=True)
class OwnJail:
    """Runs programs in a sandbox on the root tree, as appliance.work.InJail.

    *layers*: the root tree.
    *clock*: the moment of the build, in seconds since 1970, which programs take for now.
    *tools*: the root whose programs are beside the image; empty: this machine's.
    *seconds*: how long a program may run if its jail is limited.
    *said*: is called with each line that a program prints.
    *note*: is called with each line that is meant for whoever is watching.
    """

    layers: Tree
    clock: int
    tools: str
    seconds: int
    said: Callable[[str], None]
    note: Callable[[str], None]

    def run(
        self,
        argv: Sequence[str],
        *,
        jail: Jail,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> str:
        """Run *argv* in the sandbox; return what it printed, which becomes events too.

        Raises CommandError if it fails, OSError if the workbench is full afterwards.
        """
        told: Callable[[str], None] = on_line or (lambda line: None)

        def heard(line: str) -> None:
            self.said(line)
            if line.startswith(NOTE):
                self.note(line.removeprefix(NOTE))
            told(line)

        own = {
            **ENVIRONMENT,
            "SOURCE_DATE_EPOCH": str(self.clock),
            **({"INSTALL_ROOT": IMAGE} if jail.outside else {}),
            **(env or {}),
        }
        words = in_jail(
            argv, root=self.layers.root, environment=own, jail=jail, tools=self.tools,
            seconds=self.seconds,
        )  # fmt: skip
        with self._resolver(jail), self._room_left():
            return command.run(
                words,
                stdin=stdin,
                on_line=heard,
                env=handed_in(jail),
                name=argv[0] if argv[0] != "sh" else "a script",
            )

    @contextmanager
    def _room_left(self) -> Iterator[None]:
        """Raise OSError if the workbench is full afterwards, even if the script did not fail."""
        try:
            yield
        finally:
            if trees.is_full(self.layers.root):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    @contextmanager
    def _resolver(self, jail: Jail) -> Iterator[None]:
        """Lend the host's resolv.conf to a script that has the network, if the root's own file
        states no servers."""
        if jail.network and not jail.outside:
            with lent_resolver(self.layers.resolve, self.clock, own=jail.network == OWN):
                yield
        else:
            yield


@dataclass(frozen=True)
class OwnMachine:
    """Runs scripts under the image's own kernel, as appliance.work.InMachine.

    *layers*: the root tree, whose kernel is booted.
    *clock*: the moment of the build, in seconds since 1970, which the machine takes for now.
    *tools*: the root that the machine's programs come from; empty: this machine's.
    *scratch*: the step's own directory; it may hold copies of kernels of a /boot that is hidden.
    *said*: is called with each line that the machine prints.
    """

    layers: Tree
    clock: int
    tools: str
    scratch: Path
    said: Callable[[str], None]

    def run(
        self,
        script: str,
        *,
        programs: Sequence[str],
        modules: Sequence[str] = (),
        disks: Sequence[MachineDisk] = (),
        files: Mapping[str, Path] | None = None,
        seconds: int = 600,
    ) -> str:
        """Boot a machine and run *script* in it; return what it printed, which becomes events too.

        Raises CommandError if the script fails, HostError if there is no QEMU or no program,
        RecipeError if there is no kernel with all *modules*.
        """
        tools = Path(self.tools or "/")
        errand = kernel_machine.Errand(
            script, tuple(programs), tuple(modules), tuple(disks), files or {},
            roots=(self.layers.root, tools), tools=tools, clock=self.clock, seconds=seconds,
            kernels=self.scratch / KERNELS,
        )  # fmt: skip
        return kernel_machine.run(errand, self.scratch, on_line=self.said)
