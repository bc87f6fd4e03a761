"""Fountain: what each line is, and what a script needs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.screenplay.breakdown import break_down
from domain.screenplay.fountain import parse
from domain.screenplay.headings import take_apart


def types(text: str) -> list[tuple[str, str]]:
    return [(element.type, element.text) for element in parse(text).elements]


def test_a_screenplay_is_read_line_by_line() -> None:
    assert types(
        "INT. ROOM - DAY\n\nRain. *Hard* rain.\n\n@McCLANE (V.O.)\n(low)\nWho is it?\n\n"
        "CUT TO:\n\n# Act Two\n\n= It gets worse.\n\n===\n\n> THE END <\n\n.FLASHBACK\n\n!CLICK"
    ) == [
        ("scene_heading", "INT. ROOM - DAY"),
        ("action", "Rain. Hard rain."),
        ("character", "McCLANE"),
        ("parenthetical", "(low)"),
        ("dialogue", "Who is it?"),
        ("transition", "CUT TO:"),
        ("section", "Act Two"),
        ("synopsis", "It gets worse."),
        ("page_break", "==="),
        ("centered", "THE END"),
        ("scene_heading", "FLASHBACK"),
        ("action", "CLICK"),
    ]


def test_numbers_extensions_and_dual_dialogue_are_kept_apart() -> None:
    heading, cue, _, second, _ = parse(
        "EXT. QUAY - DAWN #110A#\n\nMARA (O.S.)\nYes.\n\nTOBIAS ^\nNo."
    ).elements
    assert heading.number == "110A"
    assert (cue.text, cue.extension) == ("MARA", "O.S.")
    assert (second.text, second.dual) == ("TOBIAS", True)


def test_the_title_page_and_comments_are_no_story() -> None:
    play = parse(
        "Title:\n    The Salt Line\nAuthor: A\n\nINT. A - DAY\n\nRain /* not\n\nthis */ falls."
    )
    assert play.title == "The Salt Line"
    assert [e.text for e in play.elements if e.type == "action"] == ["Rain", "falls."]
    noted = parse("INT. A - DAY\n\nRain [[why?]] falls.").elements
    assert [(e.type, e.text) for e in noted][1:] in (
        [("action", "Rain  falls."), ("note", "why?")],
        [("note", "why?"), ("action", "Rain  falls.")],
    )


def test_lines_are_counted_as_they_were_with_windows_endings_and_a_mark() -> None:
    play = parse("\ufeffINT. A - DAY\r\n\r\nRain.\r\n\r\nMARA\r\nYes.")
    assert [element.line for element in play.elements] == [1, 3, 5, 6]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("INT. CAFÉ MERIDIAN - NIGHT", ("INT", "CAFÉ MERIDIAN", "NIGHT")),
        ("EXT. SPACE", ("EXT", "SPACE", "")),
        ("INT./EXT. CAR - HELM - MOMENTS LATER", ("INT/EXT", "CAR - HELM", "MOMENTS LATER")),
        ("int. barn --day", ("INT", "barn", "day")),
        ("I/E TRAIN - CONTINUOUS", ("INT/EXT", "TRAIN", "CONTINUOUS")),
    ],
)
def test_headings_are_taken_apart(text: str, parts: tuple[str, str, str]) -> None:
    heading = take_apart(text)
    assert (heading.int_ext, heading.location, heading.time) == parts


def test_a_breakdown_finds_who_where_and_what() -> None:
    found = break_down(
        parse(
            "INT. HALL - DAY\n\nMARA, 38, grey coat, lifts a lantern. Soldiers wait. "
            "Tobias's knife is gone.\n\nMARA\nThe umbrella!\n\nEXT. HALL - DAY\n\nTobias runs.\n\n"
            "TOBIAS\nNo."
        )
    )
    first, second = found.scenes
    assert first.characters == ("Mara",)
    assert first.props == ("Coat", "Lantern", "Knife")  # what is only spoken of is not there
    assert first.extras == ("Soldiers",)
    assert second.characters == ("Tobias",)
    assert first.locations == second.locations == ("Hall",)
    mara = next(asset for asset in found.assets if asset.name == "Mara")
    assert mara.description == "MARA, 38, grey coat, lifts a lantern."
    assert mara.scenes == (0,)


@given(st.text(alphabet=st.sampled_from("AB ab\n.()^@>#=~*[]/-INTEX1é\t"), max_size=200))
def test_any_text_is_a_screenplay(text: str) -> None:
    play = parse(text)
    assert [e.line for e in play.elements] == sorted(e.line for e in play.elements)
    break_down(play)


def test_a_long_script_costs_no_more_than_its_length() -> None:
    """Quadratic readers do not come back from these."""
    for hostile in ("/*" * 20_000, "[[" * 20_000, "A\n\n" * 50_000, "*" * 100_000, "(" * 50_000):
        parse(hostile)
