"""Reads a model back from the GGUF that `to_gguf.py` wrote: the way in for fine-tuning and measuring what is shipped.

No way in for other models: only this project's architecture, tokenizer and chat template are known here.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import torch
from tokenizers import AddedToken, decoders, models
from tokenizers import Tokenizer as Engine

from chat import TEMPLATE
from to_gguf import gguf_name, is_rotated
from tokenizer import SPECIAL, Tokenizer
from transformer import EPSILON, Shape, Transformer

_readable = (gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.F16)


class GgufError(ValueError):
    """A file that is no GGUF of this project; the message says which, why, and what to do."""


def load(path: Path) -> tuple[Transformer, Tokenizer]:
    """The very weights and tokenizer that were written; F16 weights as the F32 of the same values.
    Raises FileNotFoundError, and GgufError for files that `to_gguf.py` did not write."""
    if not path.is_file():
        raise FileNotFoundError(f'{path}: no such file; the shipped model is public/models/embedded.gguf')
    try:
        reader = gguf.GGUFReader(path)
    except (ValueError, IndexError, KeyError) as error:
        raise GgufError(f'{path} is no GGUF, or not a whole one ({error}): fetch or write it again') from None
    try:
        _expect(reader, 'general.architecture', 'llama')
        tokenizer = _tokenizer(reader)  # first: a stranger's model may be large
        return _model(reader), tokenizer
    except ValueError as error:
        raise GgufError(f'{path}: {error}; use a file that model/to_gguf.py or model/finetune.py wrote') from None


def _field(reader: gguf.GGUFReader, name: str) -> object:
    field = reader.get_field(name)
    if field is None:
        raise GgufError(f'{name} is missing')
    return field.contents()


def _expect(reader: gguf.GGUFReader, name: str, wanted: object) -> None:
    found = _field(reader, name)
    if found != wanted:
        raise GgufError(f'{name} is {found!r}, not {wanted!r}')


def _model(reader: gguf.GGUFReader) -> Transformer:
    _expect(reader, 'llama.attention.head_count_kv', _field(reader, 'llama.attention.head_count'))
    _expect(reader, 'llama.attention.layer_norm_rms_epsilon', float(np.float32(EPSILON)))
    keys = ('vocab_size', 'embedding_length', 'block_count', 'attention.head_count', 'feed_forward_length', 'rope.freq_base', 'context_length')
    model = Transformer(Shape(*(_field(reader, f'llama.{key}') for key in keys)))
    _expect(reader, 'llama.rope.dimension_count', model.shape.head_width)

    stored = {tensor.name: tensor for tensor in reader.tensors}
    state = model.state_dict()
    different = stored.keys() ^ {gguf_name(key) for key in state}
    if different:
        raise GgufError(f'tensors missing or not known: {", ".join(sorted(different)[:3])}')
    for key, parameter in state.items():
        tensor = stored[gguf_name(key)]
        if tensor.tensor_type not in _readable:
            raise GgufError(f'{tensor.name} holds {tensor.tensor_type.name}, only F32 and F16 are read')
        if tensor.data.shape != parameter.shape:
            raise GgufError(f'{tensor.name} is {tensor.data.shape}, not {tuple(parameter.shape)}')
        weight = tensor.data.astype(np.float32)
        parameter.copy_(torch.from_numpy(two_halves(weight, model.shape) if is_rotated(key) else weight))
    return model


def two_halves(weight: np.ndarray, shape: Shape) -> np.ndarray:
    """The inverse of `to_gguf.neighbouring_pairs`."""
    pairs = weight.reshape(shape.heads, shape.head_width // 2, 2, shape.width)
    return pairs.swapaxes(1, 2).reshape(weight.shape)


def _tokenizer(reader: gguf.GGUFReader) -> Tokenizer:
    _expect(reader, 'tokenizer.ggml.model', 'gpt2')
    _expect(reader, 'tokenizer.ggml.pre', 'smollm')
    # Whoever renders conversations here does it with the template beside this file.
    if _field(reader, 'tokenizer.chat_template') != TEMPLATE.read_text():
        raise GgufError(f'its chat template is not {TEMPLATE.name}')
    tokens: list[str] = _field(reader, 'tokenizer.ggml.tokens')
    merges = [tuple(merge.split(' ')) for merge in _field(reader, 'tokenizer.ggml.merges')]
    if tokens[: len(SPECIAL)] != SPECIAL:
        raise GgufError(f'its tokens begin with {tokens[: len(SPECIAL)]}, not with {SPECIAL}')
    _expect(reader, 'llama.vocab_size', len(tokens))
    engine = Engine(models.BPE({token: number for number, token in enumerate(tokens)}, merges))
    engine.decoder = decoders.ByteLevel()
    engine.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in SPECIAL])
    return Tokenizer(engine)
