"""The conventions: what an appliance of ours is like, so that who knows one knows all. Each rule
has the number that it has in docs/reference/conventions.md, which says why. An edition of them is
one of bundle.model.EDITIONS: a rule that asks for more than it did makes a new one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from appliance.backends.image_rules import convention_files as files
from appliance.backends.image_rules import convention_words as words
from appliance.backends.image_rules.convention_model import Breach, Told


@dataclass(frozen=True)
class Convention:
    """One rule.

    *number*: chapter and number in the document; a number is never given to another rule.
    *sentence*: what holds in an appliance that follows it.
    *look*: yields where it does not hold.
    """

    number: str
    sentence: str
    look: Callable[[Told], Iterator[Breach]]


RULES = (
    Convention("1.1", "its description says name, vendor, version, and in a sentence what it is",
               words.named),
    Convention("1.2", "its description says by which edition of the conventions it goes",
               words.edition),
    Convention("1.3", "os-release says which system it is made of", files.system_is_named),
    Convention("2.1", "the top of the tree has the directories of every Linux system and no others",
               files.top_is_usual),
    Convention("2.2", "/usr/local is its administrator's: no file is in it",
               files.local_is_empty),
    Convention("3.1", "who starts it says who may log in: it takes system credentials, or has "
               "cloud-init", files.takes_credentials),
    Convention("3.2", "no account is open without a password or a key", files.no_open_account),
    Convention("4.1", "it talks on the serial console and on the screen: the kernel is told both",
               files.talks_on_both_consoles),
    Convention("4.2", "above the login prompt stands what it is", files.greets),
    Convention("5.1", "its own services leave their messages to the journal",
               files.logs_to_journal),
    Convention("6.1", "what no two copies may have in common is drawn by each at its first boot",
               files.nothing_drawn_yet),
    Convention("6.2", "what draws it is started at the first boot", files.first_boot_is_enabled),
    Convention("7.1", "its package manager knows where updates come from", files.knows_updates),
    Convention("7.2", "it takes no update whose signature is not good", files.updates_are_signed),
    Convention("8.1", "a service of its own says itself when it is ready, or its description names "
               "the port that answers then", files.says_when_ready),
    Convention("8.2", "each port that its description names is said to be for something",
               words.ports_are_named),
    Convention("9.1", "filesystems are found by UUID or label, not by the order of disks",
               files.mounts_by_identity),
    Convention("9.2", "the root grows to the disk that it finds, or nobody writes to it",
               files.root_grows),
    Convention("10.1", "its description says what starts it, and has a digest of each image",
               words.machine_is_said),
)  # fmt: skip


def broken(told: Told) -> Iterator[tuple[Convention, Breach]]:
    """Each place where an appliance does not go by a rule, in the order of the rules."""
    for rule in RULES:
        for breach in rule.look(told):
            yield rule, breach
