"""What run_plan.py, outside the namespace of a build, tells the worker inside."""

from dataclasses import dataclass, field

from appliance.work import Builder

SCRIPT_SECONDS = 3600  # longer than any that ends by itself


@dataclass(frozen=True)
class Source:
    """One of the author's own files or directories.

    *digest*: what plans know it by, as host/own_files.py makes it.
    *place*: where it is.
    *without*: the directories below it that are not part of it: those that builds write to.
    """

    digest: str
    place: str
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Order:
    """How the worker is to run the steps of a plan.

    *store*: the path of the store.
    *memory*: the size of a workbench in memory, in bytes; 0: it is on disk.
    *cores*: how many programs or threads may usefully run at once.
    *shell*: whether to open a shell in the sandbox where a script fails.
    *script_seconds*: how long each of the author's scripts may run.
    *tools*: the root whose programs make the image; empty: this machine's.
    *sources*: where the author's own files are, each with the digest that it is known by.
    *proxy*: the URL of the proxy of scripts with a network, if the environment names none.
    *builder*: what tells of this machine, where it stands in a file.
    """

    store: str
    memory: int
    cores: int
    shell: bool = False
    script_seconds: int = SCRIPT_SECONDS
    tools: str = ""
    sources: tuple[Source, ...] = ()
    proxy: str = ""
    builder: Builder = field(default_factory=Builder)
