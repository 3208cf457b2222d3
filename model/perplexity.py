"""Perplexity of models on held-out dialogues, by role and kind, and how far it is from the first model's.

    python model/perplexity.py --data 'held-out.jsonl.gz' MODEL.gguf [MORE.gguf ...] [--views N] [--json OUT]

The data is a corpus written with another seed than the one trained on, so every view of it counts. Perplexity is the
exponential of the mean loss, in nats, of the tokens that the view's role has to say.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import torch

import corpus
import from_gguf
from evaluation import measure

GROUPS = {
    'agent travel': ['agent travel'],
    'user travel': ['user travel'],
    'agent chat': ['agent chat'],
    'user chat': ['user chat'],
    'chat': ['agent chat', 'user chat'],
}
"""What is told, and the sums of `measure` that go into it."""


def perplexities(sums: Counter[str]) -> dict[str, float]:
    """By group; groups without a token are left out."""
    found: dict[str, float] = {}
    for group, parts in GROUPS.items():
        count = sum(sums[f'count {part}'] for part in parts)
        if count:
            found[group] = math.exp(sum(sums[f'loss {part}'] for part in parts) / count)
    return found


def compare(models: list[Path], data: list[str], views: int | None = None) -> list[dict[str, object]]:
    """One entry a model: `model`, `perplexity` by group, `change` by group in percent of the first model's.
    Raises ValueError when the models' tokenizers differ: perplexities of different tokens cannot be compared."""
    entries: list[dict[str, object]] = []
    first: dict[str, float] = {}
    known = None
    for path in models:
        model, tokenizer = from_gguf.load(path)
        if known is None:
            known = tokenizer.to_json()
            encoded = corpus.load(data, tokenizer)
        elif tokenizer.to_json() != known:
            raise ValueError(f'{path} has another tokenizer than {models[0]}: their perplexities cannot be compared')
        chosen = np.arange(len(encoded))[:views]
        print(f'{path}: reading {len(chosen)} views', file=sys.stderr, flush=True)
        found = perplexities(measure(model, tokenizer, encoded, chosen))
        first = first or found
        change = {group: (value / first[group] - 1) * 100 for group, value in found.items()}
        entries.append({'model': str(path), 'perplexity': found, 'change': change})
    return entries


def table(entries: list[dict[str, object]]) -> str:
    width = max(len(entry['model']) for entry in entries)
    groups = entries[0]['perplexity'].keys()
    lines = [' ' * width + ''.join(f'  {group:>17}' for group in groups)]
    for number, entry in enumerate(entries):
        cells = (f'{entry["perplexity"][group]:.4f}' + (f' ({entry["change"][group]:+.1f} %)' if number else '') for group in groups)
        lines.append(f'{entry["model"]:{width}}' + ''.join(f'  {cell:>17}' for cell in cells))
    return '\n'.join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add('models', nargs='+', type=Path, metavar='MODEL.gguf', help='changes are relative to the first')
    add('--data', required=True, action='append', help='a corpus file, or a quoted pattern of names; may be given again')
    add('--views', type=int, help='read only so many, the first')
    add('--json', type=Path, help='file to write the figures to')
    add('--threads', type=int, default=min(4, torch.get_num_threads()))
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    entries = compare(options.models, options.data, options.views)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(entries, indent='\t') + '\n')
    print(table(entries))


if __name__ == '__main__':
    main()
