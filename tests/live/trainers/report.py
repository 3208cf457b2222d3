"""What the checks found, as lines of JSON for check.ts."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

# Trainers print as they please: all of that goes to stderr, for stdout is read by a program.
_lines = os.fdopen(os.dup(1), 'w')
os.dup2(2, 1)


class Found:
    """What one check came to."""

    rows = 0
    note = ''


@contextmanager
def check(name: str) -> Iterator[Found]:
    """Reports what happens inside; an exception fails this check only."""
    found = Found()
    try:
        yield found
        _report(name, found.rows, 'ok', found.note)
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        _report(name, found.rows, 'failed', f'{type(error).__name__}: {error}')


def _report(name: str, rows: int, result: str, note: str) -> None:
    print(json.dumps({'check': name, 'rows': rows, 'result': result, 'note': note}), file=_lines, flush=True)


def same(what: str, found: object, wanted: object) -> None:
    """@raise AssertionError: that shows both"""
    if found != wanted:
        raise AssertionError(f'{what}: found {_short(found)}, wanted {_short(wanted)}')


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 400 else f'{text[:300]} … {text[-80:]}'
