"""Writes a checkpoint as GGUF, for llama.cpp and wllama.

    python model/to_gguf.py --checkpoint model/build/run/last.pt --out public/models/embedded.gguf [--dtype f32|f16]

F32 is what ships: in wllama it is the fastest, and the only one whose text does not depend on what the cache held.
(Not named gguf.py: that would hide the package that does the writing.)
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import gguf
import numpy as np

import checkpoint
from chat import TEMPLATE
from tokenizer import CONTROL, IM_END, PAD, SPECIAL, Tokenizer
from transformer import EPSILON, Shape, Transformer, parameters_of

LARGEST = 20_000_000
"""Bytes. The model is part of the app, and comes with its first visit."""

_block_names = {
    'attention_norm': 'attn_norm',
    'query': 'attn_q',
    'key': 'attn_k',
    'value': 'attn_v',
    'attention_out': 'attn_output',
    'feed_forward_norm': 'ffn_norm',
    'gate': 'ffn_gate',
    'up': 'ffn_up',
    'down': 'ffn_down',
}


def gguf_name(key: str) -> str:
    """What GGUF calls a tensor that torch's state calls `key`."""
    if key == 'embedding.weight':
        return 'token_embd.weight'
    if key == 'norm.weight':
        return 'output_norm.weight'
    _, layer, part, _ = key.split('.')
    return f'blk.{layer}.{_block_names[part]}.weight'


def is_rotated(key: str) -> bool:
    return key.endswith(('.query.weight', '.key.weight'))


def neighbouring_pairs(weight: np.ndarray, shape: Shape) -> np.ndarray:
    """llama.cpp rotates neighbouring dimensions of a head where torch rotates its two halves: row i of a head's first half
    becomes row 2i, row i of its second half row 2i + 1."""
    halves = weight.reshape(shape.heads, 2, shape.head_width // 2, shape.width)
    return halves.swapaxes(1, 2).reshape(weight.shape)


def write(path: Path, model: Transformer, tokenizer: Tokenizer, name: str, dtype: str = 'f32') -> None:
    """Atomic. Raises ValueError if the file would be larger than LARGEST."""
    shape = model.shape
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + '.tmp')
    writer = gguf.GGUFWriter(unfinished, 'llama')
    writer.add_name(name)
    writer.add_author('The Joshtree authors')
    writer.add_license('MIT')
    writer.add_description('Plays agent and user in the travel environment of Joshtree. Trained from nothing on its scripted dialogues.')
    writer.add_file_type(gguf.LlamaFileType.ALL_F32 if dtype == 'f32' else gguf.LlamaFileType.MOSTLY_F16)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_freq_base(shape.rope_base)

    writer.add_tokenizer_model('gpt2')
    writer.add_tokenizer_pre('smollm')
    writer.add_token_list(tokenizer.tokens)
    types = gguf.TokenType
    special = [types.CONTROL if token in CONTROL else types.USER_DEFINED for token in SPECIAL]
    writer.add_token_types(special + [types.NORMAL] * (tokenizer.size - len(SPECIAL)))
    writer.add_token_merges([f'{a} {b}' for a, b in tokenizer.merges()])
    # Named one by one: llama.cpp takes token 11 for whatever is missing.
    writer.add_bos_token_id(PAD)
    writer.add_eos_token_id(IM_END)
    writer.add_eot_token_id(IM_END)
    writer.add_pad_token_id(PAD)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE.read_text())

    matrices = np.float32 if dtype == 'f32' else np.float16
    for key, tensor in model.state_dict().items():
        weight = tensor.float().numpy()
        if not np.isfinite(weight).all():
            raise ValueError(f'{key} holds values that are no numbers: training failed, use an earlier checkpoint')
        if is_rotated(key):
            weight = neighbouring_pairs(weight, shape)
        writer.add_tensor(gguf_name(key), np.ascontiguousarray(weight, matrices if weight.ndim == 2 else np.float32))

    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    size = unfinished.stat().st_size
    if size > LARGEST:
        unfinished.unlink()
        raise ValueError(f'{path} would take {size / 1e6:.1f} MB of at most {LARGEST / 1e6:.0f}: train a smaller model or use --dtype f16')
    os.replace(unfinished, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--checkpoint', required=True, type=Path)
    parser.add_argument('--out', required=True, type=Path)
    parser.add_argument('--dtype', choices=['f32', 'f16'], default='f32')
    parser.add_argument('--name', default='Joshtree travel')
    options = parser.parse_args()
    model, tokenizer, _ = checkpoint.load(options.checkpoint)
    write(options.out, model, tokenizer, options.name, options.dtype)
    print(f'{options.out}: {options.out.stat().st_size / 1e6:.1f} MB, {parameters_of(model):,} parameters, {tokenizer.size} tokens')


if __name__ == '__main__':
    main()
