"""What the two ends of a build, outside and inside its namespace, agree on."""

from dataclasses import dataclass

SCRIPT_SECONDS = 3600  # longer than any that ends by itself


@dataclass(frozen=True)
class Order:
    """What the worker is asked to do. *memory* is the size of the workbench in bytes; 0: on disk.

    *shell*: open one in the sandbox where a script fails. *tools* is the root whose programs make
    the image; empty: this machine's. *script_seconds* bounds each of the author's scripts.
    """

    store: str
    memory: int
    cores: int
    shell: bool = False
    script_seconds: int = SCRIPT_SECONDS
    tools: str = ""
