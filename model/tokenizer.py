"""The embedded model's tokenizer: byte-pair encoding over printable ASCII and the newline.

    python model/tokenizer.py --data 'model/build/corpus-*.jsonl.gz' --out model/build/tokenizer.json [--vocabulary 1792]

llama.cpp has to give the same ids, so words are split as its `smollm` rule splits them: every digit alone, then GPT-2's
regular expression. Bytes that the corpus cannot hold are not in the vocabulary: llama.cpp drops characters that it finds
no token for, and the model can never emit half of a UTF-8 sequence.

One rule is ours: no merge joins a space and a capital letter. " Amber" in a sentence and "Amber" behind a JSON quote then
share their tokens, and copying a name from what was said into a tool call is copying tokens.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Regex, decoders, models, pre_tokenizers, trainers
from tokenizers import Tokenizer as Engine

from corpus import read_views

# Ids are positions in this list. Control tokens are llama.cpp's type 3 and never shown; the others are type 4: always read
# as one token and shown in the text.
CONTROL = ['<|pad|>', '<|im_start|>', '<|im_end|>']
USER_DEFINED = ['<tool_call>', '</tool_call>', '<tool_response>', '</tool_response>', 'END_CONVERSATION']
SPECIAL = CONTROL + USER_DEFINED
PAD, IM_START, IM_END = range(3)
TOOL_CALL, TOOL_CALL_END = SPECIAL.index('<tool_call>'), SPECIAL.index('</tool_call>')

# GPT-2 writes bytes as visible characters: a space as Ġ, a newline as Ċ, the rest of ASCII as itself.
ALPHABET = ['Ġ', 'Ċ'] + [chr(code) for code in range(33, 127)]


class Tokenizer:
    """Text to ids and back. Characters outside printable ASCII and newline are dropped, as llama.cpp drops them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        engine.pre_tokenizer = _splitting()
        self.size = engine.get_vocab_size()
        tokens = [engine.id_to_token(i) for i in range(self.size)]
        if tokens[: len(SPECIAL)] != SPECIAL:
            raise ValueError(f'not a tokenizer of this project: it begins with {tokens[: len(SPECIAL)]}')
        self.tokens: list[str] = tokens
        self.texts = [t if t in SPECIAL else t.replace('Ġ', ' ').replace('Ċ', '\n') for t in tokens]
        self.lengths = np.array([len(text) for text in self.texts])
        """Characters of each token: as the text is ASCII, their sums are offsets into it."""

    @staticmethod
    def load(path: str | Path) -> Tokenizer:
        if not Path(path).is_file():
            raise FileNotFoundError(f'{path}: no tokenizer here; train one with model/tokenizer.py')
        return Tokenizer(Engine.from_file(str(path)))

    @staticmethod
    def from_json(text: str) -> Tokenizer:
        return Tokenizer(Engine.from_str(text))

    def to_json(self) -> str:
        return self.engine.to_str()

    def encode(self, text: str) -> list[int]:
        return self.engine.encode(text).ids

    def encode_many(self, texts: list[str]) -> list[list[int]]:
        """Uses all cores, or as many as RAYON_NUM_THREADS says."""
        return [encoding.ids for encoding in self.engine.encode_batch_fast(texts)]

    def decode(self, ids: Iterable[int]) -> str:
        return ''.join(self.texts[i] for i in ids)

    def merges(self) -> list[tuple[str, str]]:
        pairs = json.loads(self.engine.to_str())['model']['merges']
        return [tuple(pair) if isinstance(pair, list) else tuple(pair.split(' ')) for pair in pairs]


def _splitting(training: bool = False) -> pre_tokenizers.PreTokenizer:
    """llama.cpp's smollm rule. In training a space also stands apart from a capital, so that no merge joins the two;
    what was never merged in training is never merged afterwards."""
    apart = [pre_tokenizers.Split(Regex(' (?=[A-Z])'), 'isolated')] if training else []
    digits = pre_tokenizers.Split(Regex(r'\p{N}'), 'isolated')
    return pre_tokenizers.Sequence([*apart, digits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])


def train(texts: Iterator[str], vocabulary: int) -> Tokenizer:
    """texts: ChatML, ASCII. vocabulary: how many tokens in all, special ones included."""
    if vocabulary < len(SPECIAL) + len(ALPHABET):
        raise ValueError(f'a vocabulary of {vocabulary} does not hold {len(SPECIAL)} special tokens and ASCII')
    engine = Engine(models.BPE())
    engine.pre_tokenizer = _splitting(training=True)
    engine.decoder = decoders.ByteLevel()
    engine.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in SPECIAL])
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=[AddedToken(token, normalized=False, special=True) for token in SPECIAL],
        initial_alphabet=ALPHABET,
        limit_alphabet=len(ALPHABET),
        show_progress=False,
    )
    engine.train_from_iterator(_between_specials(texts), trainer)
    tokenizer = Tokenizer(engine)
    joined = [(a, b) for a, b in tokenizer.merges() if a.endswith('Ġ') and b[0].isupper()]
    if joined:
        raise AssertionError(f'merges of a space and a capital: {joined[:3]}')
    return tokenizer


def _between_specials(texts: Iterator[str]) -> Iterator[str]:
    """Training does not take special tokens out of its text, so merges would be learnt from their letters."""
    special = re.compile('|'.join(map(re.escape, SPECIAL)))
    for text in texts:
        yield from filter(None, special.split(text))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', required=True, nargs='+', help='corpus files, or patterns of their names')
    parser.add_argument('--out', required=True, type=Path)
    parser.add_argument('--vocabulary', type=int, default=1792)
    parser.add_argument('--views', type=int, default=40_000, help='how many views to learn from')
    options = parser.parse_args()

    tokenizer = train((view.text for view in islice(read_views(options.data), options.views)), options.vocabulary)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(tokenizer.to_json())
    print(f'{options.out}: {tokenizer.size} tokens, {len(tokenizer.merges())} merges')


if __name__ == '__main__':
    main()
