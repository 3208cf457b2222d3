"""How good a checkpoint is on held-out dialogues: loss by role and kind, and how exactly it copies into tool calls.

All of it is teacher-forced: at each position the model has read the true text and is asked for the next token.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F

from batches import by_length, make_batch
from corpus import KINDS, ROLES, Encoded
from tokenizer import TOOL_CALL, TOOL_CALL_END, Tokenizer
from transformer import Transformer

_name = re.compile(r'"name": "(\w+)", "arguments": ')
_value = re.compile(r'"(\w+)": (?:"([^"\\]+)"|(-?[\d.]+))')


def parts_of_call(text: str) -> tuple[str, list[tuple[str, int, int]]]:
    """The tool that a call names, and for each argument its key and where in the text its value stands, quotes excluded."""
    name = _name.search(text)
    if not name:
        return '?', []
    values = []
    for found in _value.finditer(text, name.end()):
        values.append((found[1], *found.span(2 if found[2] is not None else 3)))
    return name[1], values


@torch.no_grad()
def measure(model: Transformer, tokenizer: Tokenizer, data: Encoded, views: np.ndarray, tokens: int = 8192) -> Counter[str]:
    """Sums by name, which of several processes can be added up; `summary` turns them into means. Pairs of names:
    `loss agent travel` and `count agent travel`, `exact call book_hotel` and `of call book_hotel`, ..."""
    sums: Counter[str] = Counter()
    model.eval()
    for batch_views in by_length(data, views, tokens):
        batch = make_batch(data, batch_views)
        hidden = model(batch.ids[:, :-1])
        target, learn = batch.ids[:, 1:], batch.learn[:, 1:]
        logits = model.logits(hidden[learn]).float()
        losses = torch.zeros(target.shape)
        losses[learn] = F.cross_entropy(logits, target[learn], reduction='none')
        right = torch.zeros(target.shape, dtype=torch.bool)
        right[learn] = logits.argmax(-1) == target[learn]
        for row, view in enumerate(batch_views):
            group = f'{ROLES[data.role[view]]} {KINDS[data.kind[view]]}'
            sums[f'loss {group}'] += losses[row].sum().item()
            sums[f'count {group}'] += int(learn[row].sum())
            sums.update(_calls(tokenizer, batch.ids[row].numpy(), batch.learn[row].numpy(), right[row].numpy()))
    model.train()
    return sums


def _calls(tokenizer: Tokenizer, ids: np.ndarray, learn: np.ndarray, right: np.ndarray) -> Counter[str]:
    """right[i]: was token i + 1 predicted?"""
    sums: Counter[str] = Counter()
    for start, end in _spans_of_calls(ids, learn):
        text = tokenizer.decode(ids[start:end])
        starts = np.cumsum(tokenizer.lengths[ids[start:end]]) - tokenizer.lengths[ids[start:end]]
        tool, values = parts_of_call(text)
        all_right = True
        for key, first, last in values:
            inside = np.flatnonzero((starts >= first) & (starts < last)) + start
            exact = bool(right[inside - 1].all())
            all_right &= exact
            sums[f'exact value {key}'] += exact
            sums[f'of value {key}'] += 1
        sums[f'exact values {tool}'] += all_right
        sums[f'of values {tool}'] += 1
        sums[f'exact call {tool}'] += bool(right[start : end - 1].all())
        sums[f'of call {tool}'] += 1
    return sums


def _spans_of_calls(ids: np.ndarray, learn: np.ndarray) -> Iterator[tuple[int, int]]:
    """[start, end) from each `<tool_call>` that the model has to say to its closing tag."""
    for start in np.flatnonzero((ids == TOOL_CALL) & learn):
        ends = np.flatnonzero(ids[start:] == TOOL_CALL_END)
        if len(ends):
            yield int(start), int(start + ends[0] + 1)


def summary(sums: Counter[str]) -> dict[str, float]:
    """Means by name: `loss agent travel`, `exact value name`, ..., and over all tools `exact call`, `exact values`."""
    means: dict[str, float] = {}
    totals: Counter[str] = Counter()
    for name, value in sums.items():
        what, _, rest = name.partition(' ')
        if what == 'loss':
            means[name] = value / max(1, sums[f'count {rest}'])
        elif what in ('exact', 'of'):
            totals[f'{what} {rest.split()[0]}'] += value
            if what == 'exact':
                means[name] = value / sums[f'of {rest}']
    for kind in ('call', 'values', 'value'):
        if totals[f'of {kind}']:
            means[f'exact {kind}'] = totals[f'exact {kind}'] / totals[f'of {kind}']
    return means
