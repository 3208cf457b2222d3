"""Reads the corpus that `corpus.ts` writes, checks it, and keeps it as arrays of token ids.

A corpus is any number of files of JSON lines, plain or gzipped, one *view* a line: a dialogue as one role's model reads it.
Encoding 100,000 views takes about a minute, so the arrays are kept in a cache beside the file and made again only when
the file or the tokenizer changed.
"""

from __future__ import annotations

import glob
import gzip
import hashlib
import json
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tokenizer import Tokenizer

ROLES = ('agent', 'user')
KINDS = ('travel', 'chat')
_ascii = re.compile(r'[\n -~]*')
_batch = 4096


@dataclass(frozen=True, slots=True)
class View:
    id: str
    role: str
    kind: str
    text: str
    spans: list[tuple[int, int]]
    """[start, end) offsets into `text` of what the model must learn to say, in order."""


class CorpusError(ValueError):
    """A line of the corpus that cannot be used; the message says where and why."""


def corpus_files(patterns: Sequence[str]) -> list[Path]:
    files = [Path(name) for pattern in patterns for name in sorted(glob.glob(pattern))]
    if not files:
        raise FileNotFoundError(f'{" ".join(patterns)}: no such file; write a corpus with model/corpus.ts first')
    return files


def read_views(patterns: Sequence[str]) -> Iterator[View]:
    for file in corpus_files(patterns):
        yield from _read_file(file)


def _read_file(file: Path) -> Iterator[View]:
    with (gzip.open if file.suffix == '.gz' else open)(file, 'rt', encoding='utf-8') as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield parse_view(line)
            except CorpusError as error:
                raise CorpusError(f'{file}, line {number}: {error}') from None


def parse_view(line: str) -> View:
    """Throws CorpusError when the line is no view."""
    try:
        row = json.loads(line)
        view = View(row['id'], row['role'], row['kind'], row['text'], [tuple(span) for span in row['spans']])
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise CorpusError(f'not a view {{"id", "role", "kind", "text", "spans"}}: {error!r}') from None
    if view.role not in ROLES or view.kind not in KINDS:
        raise CorpusError(f'role {view.role!r} must be one of {ROLES}, kind {view.kind!r} one of {KINDS}')
    good = _ascii.match(view.text).end()
    if good < len(view.text):
        raise CorpusError(f'character {good} is {view.text[good]!r}: only printable ASCII and newlines; write it in ASCII')
    end = 0
    for span in view.spans:
        if len(span) != 2 or not end <= span[0] < span[1] <= len(view.text):
            raise CorpusError(f'span {list(span)}: must be [start, end) inside the text, in order, without overlap')
        end = span[1]
        if not view.text.endswith('<|im_end|>', span[0], end):
            raise CorpusError(f'span {list(span)} ends with {view.text[end - 12:end]!r}: must end after <|im_end|>')
    return view


def is_validation(identifier: str) -> bool:
    """Every 50th dialogue, by its id: both of its views, whatever else the corpus holds."""
    return zlib.crc32(identifier.encode()) % 50 == 0


@dataclass(frozen=True)
class Encoded:
    """Views as arrays. View `i` is `ids[offsets[i]:offsets[i + 1]]`."""

    ids: np.ndarray
    """uint16, all views on end."""
    learn: np.ndarray
    """bool, for each token: does the model learn to say it?"""
    offsets: np.ndarray
    """int64, one more than there are views."""
    role: np.ndarray
    """uint8, index into ROLES."""
    kind: np.ndarray
    """uint8, index into KINDS."""
    validation: np.ndarray
    """bool."""

    def __len__(self) -> int:
        return len(self.role)

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.offsets)

    def view(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        part = slice(self.offsets[index], self.offsets[index + 1])
        return self.ids[part], self.learn[part]


def encode_views(tokenizer: Tokenizer, views: Sequence[View]) -> Encoded:
    rows = tokenizer.encode_many([view.text for view in views])
    ids, learn = [], []
    for view, row in zip(views, rows):
        row = np.array(row, np.uint16)
        ends = np.cumsum(tokenizer.lengths[row])
        starts = ends - tokenizer.lengths[row]
        if not len(row) or ends[-1] != len(view.text):
            raise CorpusError(f'{view.id}: {len(view.text)} characters became tokens of {ends[-1:]}: wrong tokenizer?')
        mask = np.zeros(len(row), bool)
        for start, end in view.spans:
            first, last = np.searchsorted(starts, start), np.searchsorted(ends, end)
            if starts[first] != start or ends[last] != end:
                raise CorpusError(f'{view.id}: span {[start, end]} cuts a token in two: begin it where a message begins')
            mask[first : last + 1] = True
        ids.append(row)
        learn.append(mask)
    return Encoded(
        np.concatenate(ids),
        np.concatenate(learn),
        np.cumsum([0, *map(len, ids)], dtype=np.int64),
        np.array([ROLES.index(view.role) for view in views], np.uint8),
        np.array([KINDS.index(view.kind) for view in views], np.uint8),
        np.array([is_validation(view.id) for view in views], bool),
    )


def join(parts: Sequence[Encoded]) -> Encoded:
    sizes = np.concatenate([part.lengths for part in parts])
    return Encoded(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.learn for part in parts]),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ('role', 'kind', 'validation')),
    )


def load(patterns: Sequence[str], tokenizer: Tokenizer) -> Encoded:
    """All files that match, from their caches where these are fresh."""
    key = hashlib.sha256(tokenizer.to_json().encode()).hexdigest()[:12]
    return join([_load_file(file, tokenizer, key) for file in corpus_files(patterns)])


def _load_file(file: Path, tokenizer: Tokenizer, key: str) -> Encoded:
    stat = file.stat()
    stamp = f'{key}-{stat.st_size}-{stat.st_mtime_ns}'
    cache = file.with_name(f'{file.name}.{key}.npz')
    if cache.is_file():
        with np.load(cache) as kept:
            if str(kept['stamp']) == stamp:
                return Encoded(*(kept[name] for name in Encoded.__dataclass_fields__))
    parts: list[Encoded] = []
    views: list[View] = []
    for view in _read_file(file):
        views.append(view)
        if len(views) == _batch:
            parts.append(encode_views(tokenizer, views))
            views = []
    if views:
        parts.append(encode_views(tokenizer, views))
    if not parts:
        raise CorpusError(f'{file}: empty')
    encoded = join(parts)
    unfinished = cache.with_name(cache.name + '.tmp.npz')
    np.savez(unfinished, stamp=stamp, **{name: getattr(encoded, name) for name in Encoded.__dataclass_fields__})
    os.replace(unfinished, cache)
    return encoded
