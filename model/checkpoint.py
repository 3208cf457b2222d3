"""Checkpoints: one file with all that is needed to go on training, to fine-tune, or to write a GGUF."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from tokenizer import Tokenizer
from transformer import Shape, Transformer


def save(path: Path, model: Transformer, tokenizer: Tokenizer, **more: Any) -> None:
    """Atomic: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + '.tmp')
    torch.save({'shape': asdict(model.shape), 'model': model.state_dict(), 'tokenizer': tokenizer.to_json(), **more}, unfinished)
    os.replace(unfinished, path)


def load(path: Path) -> tuple[Transformer, Tokenizer, dict[str, Any]]:
    """Model, tokenizer and what else was saved."""
    if not path.is_file():
        raise FileNotFoundError(f'{path}: no checkpoint here; make one with model/train.py')
    kept = torch.load(path, map_location='cpu', weights_only=True)
    model = Transformer(Shape(**kept.pop('shape')))
    model.load_state_dict(kept.pop('model'))
    return model, Tokenizer.from_json(kept.pop('tokenizer')), kept
