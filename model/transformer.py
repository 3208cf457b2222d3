"""The embedded model: the llama architecture in plain torch. RMSNorm, rotary positions, SwiGLU, tied embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPSILON = 1e-5


@dataclass(frozen=True)
class Shape:
    """What a checkpoint and its GGUF file have to agree on."""

    vocabulary: int
    width: int = 256
    layers: int = 4
    heads: int = 4
    feed_forward: int = 576
    rope_base: float = 1e6
    context: int = 2048

    def __post_init__(self) -> None:
        if self.width % self.heads or self.head_width % 2:
            raise ValueError(f'width {self.width} must divide into {self.heads} heads of even width')

    @property
    def head_width(self) -> int:
        return self.width // self.heads


class Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, hidden = shape.width, shape.feed_forward
        self.heads = shape.heads
        self.attention_norm = nn.RMSNorm(width, EPSILON)
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.attention_out = nn.Linear(width, width, bias=False)
        self.feed_forward_norm = nn.RMSNorm(width, EPSILON)
        self.gate = nn.Linear(width, hidden, bias=False)
        self.up = nn.Linear(width, hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        rows, length, width = x.shape
        normed = self.attention_norm(x)
        q, k, v = (part(normed).view(rows, length, self.heads, -1).transpose(1, 2) for part in (self.query, self.key, self.value))
        cos, sin = cos.to(q.dtype), sin.to(q.dtype)
        mixed = attend(rotate(q, cos, sin), rotate(k, cos, sin), v)
        x = x + self.attention_out(mixed.transpose(1, 2).reshape(rows, length, width))
        normed = self.feed_forward_norm(x)
        return x + self.down(F.silu(self.gate(normed)) * self.up(normed))


def attend(q: Tensor, k: Tensor, v: Tensor, size: int = 256) -> Tensor:
    """Causal attention, all arguments [rows, heads, length, head width]. On a processor with bfloat16 arithmetic, blocks of
    queries against the keys before them take half the time of torch's own kernel, forward and backward."""
    if q.dtype != torch.bfloat16:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    length = q.shape[2]
    q = q * q.shape[-1] ** -0.5
    future = torch.full((min(size, length),) * 2, float('-inf'), dtype=q.dtype).triu(1)
    blocks = []
    for start in range(0, length, size):
        end = min(start + size, length)
        scores = q[:, :, start:end] @ k[:, :, :end].transpose(-1, -2)
        scores[..., start:] += future[: end - start, : end - start]
        blocks.append(scores.softmax(-1) @ v[:, :, :end])
    return torch.cat(blocks, 2)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions on the last dimension's two halves (llama.cpp pairs neighbours instead: `to_gguf.py` reorders).
    x: [..., length, head width]; cos, sin: [length, head width / 2]."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Transformer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, EPSILON)
        frequencies = shape.rope_base ** -(torch.arange(0, shape.head_width, 2) / shape.head_width)
        angles = torch.outer(torch.arange(shape.context), frequencies)
        self.register_buffer('cos', angles.cos(), persistent=False)
        self.register_buffer('sin', angles.sin(), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        """ids: [rows, length], padded behind -> hidden states [rows, length, width]. No mask is needed for the padding:
        nothing before it sees it."""
        length = ids.shape[1]
        if length > self.shape.context:
            raise ValueError(f'{length} tokens do not fit the context of {self.shape.context}')
        x = self.embedding(ids)
        cos, sin = self.cos[:length], self.sin[:length]
        for block in self.blocks:
            x = block(x, cos, sin)
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """[..., width] -> [..., vocabulary]. Apart from `forward`, so that training pays only for positions it learns from."""
        return F.linear(hidden, self.embedding.weight)


def parameters_of(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())
