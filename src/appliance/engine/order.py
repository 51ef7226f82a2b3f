"""What the two ends of a build, outside and inside its namespace, agree on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Order:
    """What the worker is asked to do. *memory* is the size of the workbench in bytes; 0: on disk.

    *shell*: open one in the sandbox where a script fails. *tools* is the root whose programs make
    the image; empty: this machine's.
    """

    store: str
    memory: int
    cores: int
    shell: bool = False
    tools: str = ""
