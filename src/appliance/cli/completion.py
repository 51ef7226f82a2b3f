"""`appliance completion`: what the shell needs to complete our commands and options."""

import argparse

from appliance.cli.completing import bash, fish, zsh
from appliance.cli.completing.offers import offered
from appliance.cli.help import Example
from appliance.cli.options import kinds
from appliance.cli.options.option import Option, add

SHELLS = {"bash": bash.script, "zsh": zsh.script, "fish": fish.script}
SHELL = Option(("shell",), "shell to print it for", kinds.one_of(*SHELLS), example="bash")
EXAMPLES = (
    Example("bash", "appliance completion bash >> ~/.bash_completion"),
    Example("zsh, in a directory of $fpath", "appliance completion zsh > ~/.zfunc/_appliance"),
    Example("fish", "appliance completion fish > ~/.config/fish/completions/appliance.fish"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "completion",
        help="print the completion of the shell",
        description="Print what a shell needs to complete our commands, options and their values. "
        'For one session: eval "$(appliance completion bash)", the same with zsh after compinit, '
        "and appliance completion fish | source.",
        examples=EXAMPLES,
    )
    add(parser, SHELL)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the completion of all our programs, made from their parsers."""
    from appliance.cli import creator, parser, virt_image

    programs = (parser(everything=True), creator.parser(), virt_image.parser())
    print(SHELLS[options.shell]([offered(program) for program in programs]))
    return 0
