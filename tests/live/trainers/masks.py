"""Which text the labels of a row let a model learn."""

from __future__ import annotations

from itertools import groupby
from typing import Any

ignored = -100


def learnt(tokenizer: Any, input_ids: list[int], labels: list[int]) -> list[str]:
    """The text of each unbroken stretch of labels."""
    stretches = groupby(zip(input_ids, labels, strict=True), key=lambda pair: pair[1] != ignored)
    return [text(tokenizer, [label for _, label in pairs]) for on, pairs in stretches if on]


def text(tokenizer: Any, ids: list[int]) -> str:
    return tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
