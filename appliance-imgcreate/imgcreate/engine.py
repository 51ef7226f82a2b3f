"""What the engine of appliance-tools does for the creators."""

import hashlib
import logging
import tempfile
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from appliance import events
from appliance.backends.package_managers.model import LockedPackage
from appliance.bundle.sheet import Sheet
from appliance.creation.create import Prepared, create, prepare
from appliance.creation.request import Request
from appliance.engine.run_plan import Manner, available_cores, build
from appliance.engine.tree import Tree
from appliance.handover.form import Handover
from appliance.host import probe, sandbox, trees
from appliance.host.clock import source_date_epoch
from appliance.host.download import fetch_text
from appliance.packages import package_files
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides, Reading
from appliance.recipe.repository_options import RepositoryOptions
from appliance.store.results import Store
from appliance.work.results import Layer

LAST = Layer("finish")  # this and what follows is done when the image is made
BY_HAND = Layer("post-1")  # what programs and scripts did to the tree
TREE_SIZE = 1 << 30  # bytes: about what a tree takes that we know nothing of yet


@cache
def enter() -> None:
    """Be root of a namespace of our own, once: nobody outside sees what we mount."""
    sandbox.enter_here()


def heard(event: events.Event) -> None:
    """What the engine says, in the words of the module logging."""
    match event:
        case events.ToolSaid(_, line):
            logging.debug("%s", line)
        case events.Noted(text):
            logging.info("%s", text)
        case events.StepStarted(name) | events.PhaseStarted(name) | events.StepReused(name):
            logging.info("%s: %s", type(event).__name__, name)
        case _:
            logging.debug("%s", event)


@dataclass
class Build:
    """One image: *text* is its kickstart, *place* an empty directory, *store* where results stay.

    Raises ApplianceError from everything.
    """

    name: str
    text: str
    place: Path
    store: Path
    releasever: str = ""
    keyring: str = ""
    target: Target = field(default_factory=Target)
    sheet: Sheet = field(default_factory=Sheet)
    tree: Tree | None = None
    clock: int = 0
    packages: tuple[LockedPackage, ...] = ()

    def install(self, root: Path) -> None:
        """Put packages and settings into *root*; what is there already stays, unless a package
        has a file of that name."""
        enter()
        store = Store(self.store)
        store.open()
        with store.using():
            prepared = prepare(self.request(self.text), store, heard)
            plan = prepared.plan
            first = next(n for n, step in enumerate(plan.steps) if step.gives == LAST)
            layers = [step for step in plan.steps[:first] if isinstance(step.gives, Layer)]
            part = replace(plan, steps=tuple(layers), targets=(layers[-1].gives,))
            self._fetch(prepared, store)
            build(part, store, heard, size=TREE_SIZE, manner=Manner())
            before = trees.look(root)
            digests = plan.digests()
            self.tree = Tree(root, store, available_cores())
            self.tree.climb([digests[step.gives] for step in layers])
            for path in before:
                if not (root / path).is_dir():
                    self.tree.seen.pop(path, None)
        self.clock = plan.clock
        self.packages = prepared.resolved.lock.packages

    def make(self, handover: Handover, output: Path) -> None:
        """Make the disks of the tree as it is now, and hand them over in *output*/NAME."""
        assert self.tree is not None
        store = self.tree.store
        with tempfile.TemporaryDirectory(dir=self.place) as directory:
            made = Path(directory)
            self.tree.keep_layer(made, "", self.clock)
            digest = hashlib.sha256()
            for name in (trees.ARCHIVE, trees.REMOVED):
                with (made / name).open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
            text = f"{self.text}\n%post\n# done by the program: {digest.hexdigest()}\n%end\n"
            request = replace(self.request(text), handover=handover, output=output)
            with store.using():
                plan = prepare(request, store, heard).plan
                key = plan.digests()[BY_HAND]
                with store.lock(key):
                    if not store.has(key):
                        with store.draft(key, str(BY_HAND)) as draft:
                            for file_ in made.iterdir():
                                trees.move(file_, draft / file_.name)
        create(request, heard)

    def request(self, text: str) -> Request:
        """What appliance-creator would ask for."""
        kickstart = self.place / f"{self.name}.ks"
        kickstart.touch(mode=0o600)  # it may hold a password
        kickstart.write_text(text)
        return Request(
            kickstart=kickstart,
            output=self.place,
            store=self.store,
            target=replace(self.target, architecture=probe.architecture()),
            repositories=RepositoryOptions(
                releasever=self.releasever,
                keyring=self.keyring,
                distribution="fedora",  # as it was before: old programs cannot say it
                lenient=True,
                image_version=True,
                clock=source_date_epoch(),
            ),
            overrides=Overrides(name=self.name, table="msdos", reading=Reading(fetch=fetch_text)),
            manner=Manner(),
            sheet=self.sheet,
        )

    def _fetch(self, prepared: Prepared, store: Store) -> None:
        ask = prepared.resolved.ask
        kind = ask.files(store, heard)
        wanted = prepared.resolved.lock.packages
        package_files.provide(wanted, ask.accesses(), kind, store=store, emit=heard)
