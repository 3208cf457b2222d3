"""Which views are read together, and in what order: a pure function of seed and step, so that training can go on anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from corpus import Encoded
from tokenizer import PAD, SPECIAL

_pool = 2048
"""Views of like length are batched together, among so many drawn at random."""


@dataclass(frozen=True)
class Batch:
    ids: Tensor
    """int64 [rows, length]."""
    learn: Tensor
    """bool [rows, length]: positions whose token is to be predicted from those before it."""


def make_batch(data: Encoded, views: np.ndarray) -> Batch:
    length = int(data.lengths[views].max())
    ids = np.full((len(views), length), PAD, np.int64)
    learn = np.zeros((len(views), length), bool)
    for row, view in enumerate(views):
        tokens, mask = data.view(view)
        ids[row, : len(tokens)] = tokens
        learn[row, : len(tokens)] = mask
    learn[:, 0] = False
    return Batch(torch.from_numpy(ids), torch.from_numpy(learn))


def by_length(data: Encoded, views: np.ndarray, tokens: int) -> list[np.ndarray]:
    """Cuts views into batches of at most `tokens` tokens, padding included (or of one view, if that is longer)."""
    views = views[np.argsort(data.lengths[views], kind='stable')]
    batches, start = [], 0
    for end in range(1, len(views) + 1):
        if end == len(views) or (end - start + 1) * data.lengths[views[end]] > tokens:
            batches.append(views[start:end])
            start = end
    return batches


def plan(data: Encoded, seed: int, tokens: int, per_step: int) -> Iterator[list[np.ndarray]]:
    """Endless steps of `per_step` batches. Every view once an epoch, but for what is left over at a pool's end."""
    views = np.flatnonzero(~data.validation)
    if not len(views):
        raise ValueError('the corpus holds no training views')
    epoch = 0
    while True:
        order = np.random.default_rng([seed, epoch]).permutation(views)
        for start in range(0, len(order), _pool):
            batches = by_length(data, order[start : start + _pool], tokens)
            shuffled = np.random.default_rng([seed, epoch, start]).permutation(len(batches))
            while len(shuffled) % per_step:  # a corpus smaller than one step: read some views twice
                shuffled = np.append(shuffled, shuffled[len(shuffled) % per_step - per_step])
            for first in range(0, len(shuffled), per_step):
                yield [batches[i] for i in shuffled[first : first + per_step]]
        epoch += 1


def repeats(vocabulary: int, seed: list[int], rows: int = 12, length: int = 64) -> Batch:
    """Rows of random tokens in which a piece comes back twice: to be predicted only by copying. Every token appears, so
    that rare ones are copied as well as common ones."""
    random = np.random.default_rng(seed)
    ids = random.integers(len(SPECIAL), vocabulary, (rows, length))
    learn = np.zeros((rows, length), bool)
    for row in range(rows):
        size = random.integers(3, 14)
        first = random.integers(0, 8)
        second = first + size + random.integers(0, 12)
        third = second + size + random.integers(0, 6)
        for start in (second, third):
            size = min(size, length - start)
            if size > 1:
                ids[row, start : start + size] = ids[row, first : first + size]
                learn[row, start + 1 : start + size] = True
    return Batch(torch.from_numpy(ids), torch.from_numpy(learn))
