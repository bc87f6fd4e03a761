"""What the README says can be run, can be run."""

import re

from aiuteur.cli import parser
from aiuteur.settings import ROOT

TEXT = (ROOT / "README.md").read_text()


def test_every_make_target_of_the_readme_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"(?:^|`)make ([a-z]+)", TEXT, re.MULTILINE))
    assert targets >= {"demo", "test", "up"}
    for target in targets:
        assert f"\n{target}:" in makefile, target


def test_every_command_of_the_readme_is_understood() -> None:
    words = {"ID": "00000000-0000-4000-8000-000000000000", "FILE": "a.fountain"}
    commands = re.findall(r"`aiuteur ([^`]+)`", TEXT)
    assert len(commands) >= 6
    for command in commands:
        parser().parse_args([words.get(word, word) for word in command.split()])


def test_every_setting_of_the_readme_is_read() -> None:
    source = (ROOT / "src" / "aiuteur" / "settings.py").read_text()
    for setting in re.findall(r"`(AIUTEUR_[A-Z0-9_]+)`", TEXT):
        assert setting in source, setting


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert (ROOT / target).exists(), target
