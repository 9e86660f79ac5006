"""The fuzzers' bounded form: each parser over its seeds and some mutations of them, the same ones every time."""

from __future__ import annotations

import random

import pytest
from fuzz_targets import TARGETS, mutations, tried

from cchc_sheets.messages import speak

INPUTS = {"template": 15, "signed_paper": 15, "archive": 25, "template_words": 15}
MOST = 60


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_is_thrown_at_a_parser_it_takes_or_refuses_in_words(name: str) -> None:
    speak("en")
    target = TARGETS[name]
    for data in mutations(target.seeds(), INPUTS.get(name, MOST), random.Random(name)):  # noqa: S311 - chance, not secrets
        tried(target, data)
