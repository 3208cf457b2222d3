"""Where each file of a dataset folder lies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

trl_configs = ('sft', 'prompt_completion', 'dpo', 'kto', 'reward')
"""Of the Hub card in README.md; the folders have the same names."""

Row = dict[str, Any]


def trl(folder: Path, config: str, split: str) -> Path:
    return folder / config / f'{split}-00000-of-00001.jsonl'


def llamafactory(folder: Path, kind: str) -> Path:
    """@param kind: sft, ranking or kto; `joshtree_<kind>` in dataset_info.json"""
    return folder / 'llamafactory' / f'{kind}.jsonl'


def axolotl(folder: Path, kind: str) -> Path:
    """@param kind: sft, dpo or kto"""
    return folder / 'axolotl' / f'{kind}.jsonl'


def recipe(file: Path) -> dict[str, Any]:
    """The settings that lie beside a file of LLaMA-Factory's or Axolotl's."""
    return yaml.safe_load(file.with_name(f'train_{file.stem}.yaml').read_text(encoding='utf8'))


def jsonl_files(folder: Path) -> list[Path]:
    """All that hold training rows; `run/` has events."""
    return sorted(path for path in folder.glob('*/*.jsonl') if path.parent.name != 'run')


def rows(path: Path) -> list[Row]:
    with path.open(encoding='utf8') as lines:
        return [json.loads(line) for line in lines]
