"""A model of a few thousand weights and a tokenizer of its own, made here: no hub is needed to run a real trainer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed

_template = Path(__file__).with_name('template.jinja')
_markers = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']


def make_tiny_model(folder: Path, files: Iterable[Path]) -> Any:
    """Saves model and tokenizer in a folder, as trainers load them; the files are what the tokenizer learns from.

    @return: the tokenizer
    """
    folder.mkdir(parents=True, exist_ok=True)
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    bpe.train_from_iterator(
        _lines(files),
        trainers.BpeTrainer(
            vocab_size=2000, special_tokens=_markers, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
        ),
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token='<|im_end|>', pad_token='<|endoftext|>')
    tokenizer.chat_template = _template.read_text(encoding='utf8')
    tokenizer.save_pretrained(folder)

    set_seed(1)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=8192,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


def _lines(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        with file.open(encoding='utf8') as lines:
            yield from lines
