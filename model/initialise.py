"""Fresh weights that can copy from the first step.

The agent lives by copying names that it has never seen from the dialogue into its calls. What does that in a transformer
is a pair of heads, one in each of two layers (an *induction circuit*): the first notes at each position which token came
before, the second looks for the place whose predecessor was the present token, and says what stands there. Training finds
the pair late, by chance, and a model as small and as briefly trained as this one may not find it at all; so it is written
in by hand. Everything may be changed by training afterwards.

The residual stream is divided so that the circuit meets no noise:

    [0, content)        what the token is: random embeddings, of the size that blocks add to the stream
    [content, width-1)  what the token before it is: zero in the embeddings, written by the first layer
    width-1             a constant, for heads that look at positions alone

All other outputs of attention and feed-forward start at zero: every layer begins as the identity and joins in as it learns.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from transformer import Shape, Transformer

EMBEDDING_SCALE = 0.5
COPYING_HEADS = 2
# Rotary frequencies below this index turn too fast to compare contents across a dialogue of 1,500 tokens.
FIRST_SLOW = 12


def initialise(shape: Shape, seed: int = 0, induction: bool = True) -> Transformer:
    """Weights depend on shape and seed only. induction: write the copying heads in."""
    model = Transformer(shape)
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        model.embedding.weight.normal_(0, EMBEDDING_SCALE, generator=random)
        # Tied embeddings of this size would make logits of a standard deviation of 8: bring them below 1.
        model.norm.weight.fill_(0.1)
        for block in model.blocks:
            for part in (block.query, block.key, block.value, block.gate, block.up):
                part.weight.normal_(0, shape.width**-0.5, generator=random)
            block.attention_out.weight.zero_()
            block.down.weight.zero_()
        if induction:
            _write_induction(model, random)
    return model


def _write_induction(model: Transformer, random: torch.Generator) -> None:
    shape = model.shape
    width, head, half = shape.width, shape.head_width, shape.head_width // 2
    if shape.layers < 2 or shape.heads < COPYING_HEADS or half <= FIRST_SLOW:
        raise ValueError(f'induction heads need 2 layers, {COPYING_HEADS} heads and heads wider than {2 * FIRST_SLOW}: {shape}')
    slow = torch.cat([torch.arange(FIRST_SLOW, half), torch.arange(FIRST_SLOW, half) + half])
    noted = len(slow)
    """How many dimensions each first-layer head writes about the token before."""
    content = width - 1 - COPYING_HEADS * noted

    embedding = model.embedding.weight
    embedding[:, content:] = 0
    embedding[:, -1] = 2 * EMBEDDING_SCALE
    constant = embedding[0, -1] / math.sqrt((content * EMBEDDING_SCALE**2 + embedding[0, -1] ** 2) / width)
    """What the constant is once RMSNorm has divided by the stream's size."""

    q0, k0, v0 = _heads(model, 0)
    q1, k1, v1 = _heads(model, 1)
    out0, out1 = model.blocks[0].attention_out.weight, model.blocks[1].attention_out.weight
    frequency = shape.rope_base ** -(torch.arange(half) / half)
    compare, say = _rotation(content, random), _rotation(content, random)

    for i in range(COPYING_HEADS):
        for weights in (q0, k0, v0, q1, k1, v1):
            weights[i].zero_()

        # Looks one token back: a constant query and the same key turned by one position agree most at distance one.
        # The fast frequencies make the peak sharp, the slower ones keep it from repeating.
        for j in range(9):
            strength = (9 if j < 5 else 4.5) / constant
            q0[i][j, -1] = strength
            k0[i][j, -1] = strength * frequency[j].cos()
            k0[i][j + half, -1] = strength * frequency[j].sin()
        # Notes what stands there, as a projection of its content, in dimensions of its own.
        part = compare[i * noted : (i + 1) * noted]
        note = content + i * noted
        v0[i][:noted, :content] = part
        out0[note : note + noted, i * head : i * head + noted] = 0.5 * torch.eye(noted)

        # Looks where the token before was the present token: query and key are the same projection of both.
        q1[i][slow, :content] = 1.6 * part
        k1[i][slow, note : note + noted] = 1.6 * torch.eye(noted)
        # Says what stands there: adds its content to the stream, where the tied embeddings read it.
        part = say[i * head : (i + 1) * head]
        v1[i][:, :content] = part
        out1[:content, i * head : (i + 1) * head] = part.T


def _heads(model: Transformer, layer: int) -> list[Tensor]:
    """Query, key and value weights of a layer as [heads, head width, width], sharing the layer's memory."""
    block, shape = model.blocks[layer], model.shape
    return [part.weight.view(shape.heads, shape.head_width, shape.width) for part in (block.query, block.key, block.value)]


def _rotation(size: int, random: torch.Generator) -> Tensor:
    return torch.linalg.qr(torch.randn(size, size, generator=random))[0]
