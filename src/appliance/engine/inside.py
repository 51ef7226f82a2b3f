"""Programs of the image at work: appliance.work.InJail and InMachine, on this machine."""

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
from appliance.host.jailed import in_jail
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
    """See appliance.work.InJail; *layers* is the root. *seconds* bounds limited programs; *said*
    hears each line, *note* those that are for whoever is watching."""

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
        """What it prints becomes events too."""
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
                name=argv[0] if argv[0] != "sh" else "a script",
            )

    @contextmanager
    def _room_left(self) -> Iterator[None]:
        """Raise OSError if the workbench is full afterwards, whatever the script made of that."""
        try:
            yield
        finally:
            if trees.is_full(self.layers.root):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    @contextmanager
    def _resolver(self, jail: Jail) -> Iterator[None]:
        """Lend the host's resolv.conf to a script with network, if the root's names no servers."""
        if jail.network and not jail.outside:
            with lent_resolver(self.layers.resolve, self.clock):
                yield
        else:
            yield


@dataclass(frozen=True)
class OwnMachine:
    """See appliance.work.InMachine; *layers* is the root whose kernel is booted, unless a copy of
    it lies in *scratch*."""

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
        """What it prints becomes events."""
        tools = Path(self.tools or "/")
        errand = kernel_machine.Errand(
            script, tuple(programs), tuple(modules), tuple(disks), files or {},
            roots=(self.layers.root, tools), tools=tools, clock=self.clock, seconds=seconds,
            kernels=self.scratch / KERNELS,
        )  # fmt: skip
        return kernel_machine.run(errand, self.scratch, on_line=self.said)
