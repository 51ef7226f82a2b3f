"""What programs import, and the options that they give their users."""

import argparse
import logging
import optparse
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import appcreate
import appliance
import imgcreate
from imgcreate import debug

PROJECT = Path(__file__).parents[3] / "appliance-imgcreate/pyproject.toml"


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[logging.Logger]:
    """As it was, afterwards."""
    logger = logging.getLogger()
    level, handlers = logger.level, list(logger.handlers)
    yield logger
    logger.setLevel(level)
    for handler in set(logger.handlers) - set(handlers):
        handler.close()
    logger.handlers[:] = handlers


def test_everything_promised_is_there() -> None:
    assert not [name for name in imgcreate.__all__ if not hasattr(imgcreate, name)]
    assert appcreate.ApplianceImageCreator is imgcreate.ApplianceImageCreator
    assert issubclass(imgcreate.MountError, imgcreate.CreatorError)


def test_both_distributions_have_one_version() -> None:
    assert tomllib.loads(PROJECT.read_text())["project"]["version"] == appliance.__version__


@pytest.mark.parametrize("name", ["LiveImageCreator", "LoopImageCreator"])
def test_creators_that_cannot_be_had_say_so(name: str) -> None:
    with pytest.raises(imgcreate.CreatorError, match=f"{name} cannot be had"):
        getattr(imgcreate, name)(None, "x", fslabel="x")


@pytest.mark.parametrize("kind", [argparse.ArgumentParser, optparse.OptionParser])
def test_options_of_either_parser_set_the_level(
    kind: type, tmp_path: Path, root_logger: logging.Logger
) -> None:
    parser = kind()
    before = len(root_logger.handlers)
    imgcreate.setup_logging(parser)
    assert root_logger.level == logging.WARNING
    assert len(root_logger.handlers) == before + 1

    parser.parse_args(["--verbose", "-d", "-q", "--logfile", str(tmp_path / "log")])

    assert root_logger.level == logging.DEBUG
    logging.debug("said")
    assert (tmp_path / "log").read_text().endswith("said\n")
    with pytest.raises(SystemExit):
        parser.parse_args(["--logfile", str(tmp_path / "none/log")])


def test_no_parser_is_needed(root_logger: logging.Logger) -> None:
    debug.setup_logging()
    assert root_logger.level == logging.WARNING
