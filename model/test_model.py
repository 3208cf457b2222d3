"""Run with `pytest model`: a few seconds."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch

import checkpoint
import finetune
import from_gguf
import perplexity
import to_gguf
import train
from batches import by_length, make_batch, plan, repeats
from chat import render
from corpus import CorpusError, View, encode_views, is_validation, load, parse_view
from evaluation import measure, parts_of_call, summary
from initialise import initialise
from tokenizer import IM_END, SPECIAL, Tokenizer
from tokenizer import train as train_tokenizer
from transformer import Shape, Transformer, attend, rotate

torch.set_num_threads(1)  # more only wait for each other on matrices this small
CALL = '<tool_call>\n{"name": "book_hotel", "arguments": {"name": "Amber Gate", "people": 2}}\n</tool_call>'
TOOLS = [{'type': 'function', 'function': {'name': 'find', 'description': '', 'parameters': {'properties': {'name': {}, 'area': {}}}}}]
SMALL = ['--width', '64', '--layers', '2', '--heads', '2', '--feed-forward', '64', '--no-induction']


def view(number: int = 0) -> View:
    user, answer = f'Book the Amber Gate {number} for 2.', CALL + '<|im_end|>'
    text = f'<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n'
    return View(f'd{number}', 'agent', 'travel', text + answer + '\n', [(len(text), len(text) + len(answer))])


def line(view: View, **changes: object) -> str:
    return json.dumps({'id': view.id, 'role': view.role, 'kind': view.kind, 'text': view.text, 'spans': view.spans, **changes})


@pytest.fixture(scope='module')
def tokenizer() -> Tokenizer:
    return train_tokenizer((view(i).text + 'An amber gate. Amber Gates END_CONVERSATION' for i in range(50)), 200)


@pytest.fixture
def files(tmp_path: Path, tokenizer: Tokenizer) -> Path:
    (tmp_path / 'tokenizer.json').write_text(tokenizer.to_json())
    (tmp_path / 'corpus.jsonl').write_text(''.join(line(view(i)) + '\n' for i in range(200)))
    return tmp_path


class TestTokenizer:
    def test_round_trip(self, tokenizer: Tokenizer) -> None:
        text = ''.join(map(chr, range(32, 127))) + '\n\n  a 12:30 ' + view().text + 'END_CONVERSATION'
        assert tokenizer.decode(tokenizer.encode(text)) == text
        assert sum(tokenizer.lengths[tokenizer.encode(text)]) == len(text)

    def test_a_name_has_the_same_tokens_everywhere(self, tokenizer: Tokenizer) -> None:
        said, quoted = tokenizer.encode('the Amber Gate.'), tokenizer.encode('"Amber Gate"')
        name = tokenizer.encode('Amber Gate')
        for tokens in (said, quoted):
            assert any(tokens[i : i + len(name)] == name for i in range(len(tokens)))

    def test_special_tokens_come_first_and_whole(self, tokenizer: Tokenizer) -> None:
        assert [tokenizer.encode(token) for token in SPECIAL] == [[i] for i in range(len(SPECIAL))]

    def test_digits_stand_alone_and_other_characters_vanish(self, tokenizer: Tokenizer) -> None:
        assert [tokenizer.texts[i] for i in tokenizer.encode('2024')] == list('2024')
        assert tokenizer.decode(tokenizer.encode('caf\u00e9\tbar')) == 'cafbar'

    def test_survives_storage(self, tokenizer: Tokenizer) -> None:
        assert Tokenizer.from_json(tokenizer.to_json()).encode(view().text) == tokenizer.encode(view().text)


class TestCorpus:
    def test_mask_covers_the_spans(self, tokenizer: Tokenizer) -> None:
        data = encode_views(tokenizer, [view(), view(1)])
        ids, learn = data.view(1)
        assert tokenizer.decode(ids) == view(1).text
        assert tokenizer.decode(ids[learn]) == CALL + '<|im_end|>'

    @pytest.mark.parametrize(
        'broken, message',
        [
            ('{', 'not a view'),
            (line(view(), role='tool'), 'role'),
            (line(view(), text='caf\u00e9'), 'character 3'),
            (line(view(), spans=[[5, 3]]), 'in order'),
            (line(view(), spans=[[0, 5]]), 'must end after'),
        ],
    )
    def test_says_what_is_wrong(self, broken: str, message: str) -> None:
        with pytest.raises(CorpusError, match=message):
            parse_view(broken)

    def test_names_file_and_line(self, files: Path, tokenizer: Tokenizer) -> None:
        with open(files / 'corpus.jsonl', 'a') as corpus:
            corpus.write('{}\n')
        with pytest.raises(CorpusError, match='corpus.jsonl, line 201'):
            load([str(files / '*.jsonl')], tokenizer)
        with pytest.raises(FileNotFoundError, match=r'corpus\.ts'):
            load([str(files / '*.none')], tokenizer)

    def test_cache_is_made_anew_when_the_file_changed(self, files: Path, tokenizer: Tokenizer) -> None:
        pattern = [str(files / 'corpus.jsonl')]
        assert len(load(pattern, tokenizer)) == len(load(pattern, tokenizer)) == 200
        (files / 'corpus.jsonl').write_text(line(view()) + '\n')
        assert len(load(pattern, tokenizer)) == 1

    def test_batches_hold_every_training_view_once(self, files: Path, tokenizer: Tokenizer) -> None:
        data = load([str(files / 'corpus.jsonl')], tokenizer)
        steps = plan(data, seed=1, tokens=1000, per_step=1)
        training = [i for i in range(200) if not is_validation(f'd{i}')]
        seen: list[int] = []
        while len(seen) < len(training):
            seen += next(steps)[0].tolist()
        assert sorted(seen) == training
        assert all(len(part) * data.lengths[part].max() <= 1000 for part in by_length(data, np.arange(200), 1000))


class TestModel:
    def test_is_causal_and_ignores_padding(self, tokenizer: Tokenizer) -> None:
        model = initialise(Shape(tokenizer.size, layers=2, feed_forward=64))
        data = encode_views(tokenizer, [view(1), view(100)])
        both, alone = make_batch(data, np.array([0, 1])), make_batch(data, np.array([0]))
        length = alone.ids.shape[1]
        assert torch.allclose(model(both.ids)[0, :length], model(alone.ids)[0], atol=1e-5)

    def test_own_attention_equals_torch(self) -> None:
        q, k, v = torch.randn(3, 2, 2, 600, 16, generator=torch.Generator().manual_seed(0))
        ours = attend(q.bfloat16(), k.bfloat16(), v.bfloat16()).float()
        assert torch.allclose(ours, attend(q, k, v), atol=0.05)

    def test_fresh_weights_copy(self) -> None:
        model = initialise(Shape(300))
        batch = repeats(300, [0], rows=32)
        learn = batch.learn[:, 1:]
        logits = model.logits(model(batch.ids[:, :-1])[learn])
        right = (logits.argmax(-1) == batch.ids[:, 1:][learn]).float().mean()
        assert right > 0.9

    def test_measures_calls(self, tokenizer: Tokenizer) -> None:
        assert parts_of_call(CALL) == ('book_hotel', [('name', 58, 68), ('people', 81, 82)])
        model = initialise(Shape(tokenizer.size, layers=2, feed_forward=64))
        means = summary(measure(model, tokenizer, encode_views(tokenizer, [view(3)]), np.array([0])))
        assert {'loss agent travel', 'exact value name', 'exact values book_hotel', 'exact call'} <= means.keys()


class TestTraining:
    def run(self, files: Path, out: str, *more: str) -> Transformer:
        arguments = ['--data', str(files / 'corpus.jsonl'), '--tokenizer', str(files / 'tokenizer.json'), '--out', str(files / out)]
        train.main([*arguments, '--procs', '1', '--batch', '800', '--warm-up', '2', *SMALL, *more])
        return checkpoint.load(files / out / 'last.pt')[0]

    def test_going_on_equals_going_through(self, files: Path) -> None:
        # With a fall of 0 the schedule does not depend on the budget, so a shorter one is a break.
        through = self.run(files, 'through', '--tokens', '12000', '--fall', '0')
        self.run(files, 'broken', '--tokens', '6000', '--fall', '0')
        resumed = self.run(files, 'broken', '--tokens', '12000', '--fall', '0', '--resume', str(files / 'broken' / 'last.pt'))
        for name, tensor in through.state_dict().items():
            assert torch.equal(tensor, resumed.state_dict()[name]), name

    def test_learns(self, files: Path) -> None:
        self.run(files, 'run', '--tokens', '20000', '--log-seconds', '0')
        log = [json.loads(text) for text in (files / 'run' / 'log.jsonl').read_text().splitlines()]
        losses = [entry['loss'] for entry in log if entry['event'] == 'train']
        assert losses[-1] < losses[0] / 2
        assert (files / 'run' / 'stable.pt').exists()

    def test_rate_rises_stays_and_falls(self) -> None:
        assert [train.rate(p, s, 10, 0.5) for p, s in ((0, 0), (0, 9), (0.5, 99), (0.75, 99), (1, 99))] == [0.1, 1, 1, 0.5, 0]


class TestGguf:
    def test_reads_back(self, tmp_path: Path, tokenizer: Tokenizer) -> None:
        model = initialise(Shape(tokenizer.size, layers=2, feed_forward=64))
        to_gguf.write(tmp_path / 'm.gguf', model, tokenizer, 'Test')
        reader = gguf.GGUFReader(tmp_path / 'm.gguf')

        def field(name: str) -> object:
            return reader.get_field(name).contents()

        assert field('llama.context_length') == 2048
        assert field('llama.attention.head_count_kv') == 4
        assert field('llama.attention.layer_norm_rms_epsilon') == pytest.approx(1e-5)
        assert field('tokenizer.ggml.pre') == 'smollm'
        assert field('tokenizer.ggml.token_type') == [3] * 3 + [4] * 5 + [1] * (tokenizer.size - 8)
        assert field('tokenizer.ggml.eos_token_id') == field('tokenizer.ggml.eot_token_id') == IM_END
        assert [field(f'tokenizer.ggml.add_{what}') for what in ('bos_token', 'eos_token', 'space_prefix')] == [False] * 3
        tensors = {tensor.name: tensor.data for tensor in reader.tensors}
        assert len(tensors) == 2 + 2 * 9
        # Neighbouring pairs, rotated as llama.cpp rotates them, give the products that torch's halves give.
        x = torch.randn(7, 256, generator=torch.Generator().manual_seed(0))
        halves = rotate(model.blocks[0].query(x).view(7, 4, 64).transpose(0, 1), model.cos[:7], model.sin[:7])
        pairs = (x @ torch.tensor(tensors['blk.0.attn_q.weight']).T).view(7, 4, 32, 2).transpose(0, 1)
        turned = torch.view_as_complex(pairs.contiguous()) * torch.complex(model.cos[:7], model.sin[:7])
        assert torch.allclose(torch.view_as_real(turned).transpose(-1, -2).reshape(4, 7, 64), halves, atol=1e-4)

    def test_refuses_what_cannot_ship(self, tmp_path: Path, tokenizer: Tokenizer) -> None:
        model = initialise(Shape(tokenizer.size, layers=8, feed_forward=1024))
        with pytest.raises(ValueError, match='MB'):
            to_gguf.write(tmp_path / 'm.gguf', model, tokenizer, 'Test')
        assert not list(tmp_path.iterdir())


    def test_load_undoes_write(self, tmp_path: Path, tokenizer: Tokenizer) -> None:
        model = initialise(Shape(tokenizer.size, layers=2, feed_forward=64, context=1024))
        to_gguf.write(tmp_path / 'm.gguf', model, tokenizer, 'Test')
        loaded, tokens = from_gguf.load(tmp_path / 'm.gguf')
        assert loaded.shape == model.shape
        for name, tensor in model.state_dict().items():
            assert torch.equal(tensor, loaded.state_dict()[name]), name
        assert tokens.to_json() == tokenizer.to_json()
        to_gguf.write(tmp_path / 'again.gguf', loaded, tokens, 'Test')
        assert (tmp_path / 'again.gguf').read_bytes() == (tmp_path / 'm.gguf').read_bytes()

    def test_load_reads_half_precision(self, tmp_path: Path, tokenizer: Tokenizer) -> None:
        model = initialise(Shape(tokenizer.size, layers=2, feed_forward=64))
        to_gguf.write(tmp_path / 'm.gguf', model, tokenizer, 'Test', dtype='f16')
        loaded, _ = from_gguf.load(tmp_path / 'm.gguf')
        assert torch.equal(loaded.blocks[1].key.weight, model.blocks[1].key.weight.half().float())

    @pytest.mark.parametrize(
        'written, instead, message',
        [
            (b'GGUF', b'GGML', 'is no GGUF'),
            (b'llama', b'qwen2', "architecture is 'qwen2'"),
            (b'smollm', b'llama3', "pre is 'llama3'"),
            (b'gpt2', b'bert', "model is 'bert'"),
            (b'END_CONVERSATION', b'END-CONVERSATION', 'its tokens begin with'),
            (b'ChatML with calls', b'ChatML sans calls', 'chat template'),
            (b'blk.1.ffn_up', b'blk.1.ffn_xx', 'blk.1.ffn_up.weight, blk.1.ffn_xx.weight'),
        ],
    )
    def test_load_says_what_is_not_ours(
        self, written: bytes, instead: bytes, message: str, tmp_path: Path, tokenizer: Tokenizer
    ) -> None:
        file = tmp_path / 'm.gguf'
        to_gguf.write(file, initialise(Shape(tokenizer.size, layers=2, feed_forward=64)), tokenizer, 'Test')
        assert written in file.read_bytes()
        file.write_bytes(file.read_bytes().replace(written, instead))
        with pytest.raises(from_gguf.GgufError, match=message) as error:
            from_gguf.load(file)
        assert str(file) in str(error.value)

    def test_load_refuses_quantised_cut_off_and_missing_files(self, tmp_path: Path, tokenizer: Tokenizer) -> None:
        file = tmp_path / 'm.gguf'
        to_gguf.write(file, initialise(Shape(tokenizer.size, layers=2, feed_forward=64)), tokenizer, 'Test')
        whole = file.read_bytes()
        name = b'token_embd.weight'
        type_at = whole.index(name) + len(name) + 4 + 2 * 8  # behind the number of dimensions, and two of them
        file.write_bytes(whole[:type_at] + gguf.GGMLQuantizationType.Q8_0.to_bytes(4, 'little') + whole[type_at + 4 :])
        with pytest.raises(from_gguf.GgufError, match='token_embd.weight holds Q8_0'):
            from_gguf.load(file)
        for length in (0, 100, len(whole) // 2):
            file.write_bytes(whole[:length])
            with pytest.raises(from_gguf.GgufError, match='not a whole one'):
                from_gguf.load(file)
        with pytest.raises(FileNotFoundError, match='embedded.gguf'):
            from_gguf.load(tmp_path / 'none.gguf')


class TestPerplexity:
    def views(self) -> list[View]:
        kinds = [('agent', 'travel'), ('agent', 'travel'), ('agent', 'chat'), ('user', 'chat')]
        return [View(f'd{i}', role, kind, view(i).text, view(i).spans) for i, (role, kind) in enumerate(kinds)]

    def write(self, folder: Path, tokenizer: Tokenizer, *models: Transformer) -> tuple[list[Path], str]:
        files = [folder / f'{number}.gguf' for number in range(len(models))]
        for file, model in zip(files, models):
            to_gguf.write(file, model, tokenizer, 'Test')
        (folder / 'held-out.jsonl').write_text(''.join(line(view) + '\n' for view in self.views()))
        return files, str(folder / 'held-out.jsonl')

    def test_is_the_exponential_of_the_mean_loss(self, tmp_path: Path, tokenizer: Tokenizer) -> None:
        model = initialise(Shape(tokenizer.size, layers=2, feed_forward=64))
        files, data = self.write(tmp_path, tokenizer, model)
        [entry] = perplexity.compare(files, [data])
        encoded = encode_views(tokenizer, self.views())
        said, counts = finetune.said_by_all(model, encoded), [int(encoded.view(i)[1].sum()) for i in range(4)]
        expected = {'agent travel': [0, 1], 'agent chat': [2], 'user chat': [3], 'chat': [2, 3]}
        assert entry['perplexity'] == {
            group: pytest.approx(math.exp(-sum(said[i].item() for i in views) / sum(counts[i] for i in views)), rel=1e-4)
            for group, views in expected.items()
        }

    def test_compares_with_the_first_model(self, tmp_path: Path, tokenizer: Tokenizer, capsys: pytest.CaptureFixture[str]) -> None:
        first, second = (initialise(Shape(tokenizer.size, layers=2, feed_forward=64), seed) for seed in (1, 2))
        files, data = self.write(tmp_path, tokenizer, first, second, first)
        perplexity.main(['--data', data, *map(str, files), '--views', '3', '--json', str(tmp_path / 'out' / 'p.json')])
        entries = json.loads((tmp_path / 'out' / 'p.json').read_text())
        assert [entry['model'] for entry in entries] == [str(file) for file in files]
        before, after, same = (entry['perplexity']['chat'] for entry in entries)
        assert same == before != after
        assert entries[1]['change']['chat'] == pytest.approx(100 * (after - before) / before)
        assert set(entries[0]['change'].values()) == set(entries[2]['change'].values()) == {0}
        assert 'user chat' not in entries[0]['perplexity']  # the fourth view
        assert f'{after:.4f} ({entries[1]["change"]["chat"]:+.1f} %)' in capsys.readouterr().out

    def test_refuses_other_tokens(self, tmp_path: Path, tokenizer: Tokenizer) -> None:
        other = train_tokenizer((view(i).text for i in range(50)), 150)
        files, data = self.write(tmp_path, tokenizer, initialise(Shape(tokenizer.size, layers=2, feed_forward=64)))
        to_gguf.write(tmp_path / 'other.gguf', initialise(Shape(other.size, layers=2, feed_forward=64)), other, 'Test')
        with pytest.raises(ValueError, match='another tokenizer'):
            perplexity.compare([*files, tmp_path / 'other.gguf'], [data])


def call(name: str, /, **arguments: object) -> dict[str, object]:
    return {'id': 'c', 'type': 'function', 'function': {'name': name, 'arguments': arguments}}


class TestTemplate:
    def test_plain_messages(self) -> None:
        messages = [{'role': role, 'content': role[0]} for role in ('system', 'user', 'assistant')]
        assert render(messages) == '<|im_start|>system\ns<|im_end|>\n<|im_start|>user\nu<|im_end|>\n<|im_start|>assistant\na<|im_end|>\n'
        assert render(messages[:1], reply_next=True).endswith('<|im_end|>\n<|im_start|>assistant\n')

    def test_tools(self) -> None:
        section = 'Tools:\nfind(name, area)\nnothing()'
        tools = [*TOOLS, {'type': 'function', 'function': {'name': 'nothing', 'parameters': {}}}]
        assert render([{'role': 'system', 'content': 'S'}], tools) == f'<|im_start|>system\nS\n\n{section}<|im_end|>\n'
        assert render([{'role': 'user', 'content': 'u'}], tools).startswith(f'<|im_start|>system\n{section}<|im_end|>\n<|im_start|>user')

    def test_calls_and_results(self) -> None:
        calls = {'role': 'assistant', 'content': '', 'tool_calls': [call('find', b="it's <1>", a=2), call('x')]}
        written = '<tool_call>\n{"name": "find", "arguments": {"b": "it\'s <1>", "a": 2}}\n</tool_call>\n<tool_call>\n{"name": "x", "arguments": {}}\n</tool_call>'
        assert render([calls]) == f'<|im_start|>assistant\n{written}<|im_end|>\n'
        assert render([{**calls, 'content': 'Wait.'}]) == f'<|im_start|>assistant\nWait.\n{written}<|im_end|>\n'
        results = [{'role': 'tool', 'content': text, 'tool_call_id': 'c', 'name': 'find'} for text in 'ab']
        told = '<tool_response>\na\n</tool_response>\n<tool_response>\nb\n</tool_response>'
        assert render(results) == f'<|im_start|>user\n{told}<|im_end|>\n'


class TestFinetuning:
    messages = [
        {'role': 'system', 'content': 'S'},
        {'role': 'user', 'content': 'Amber Gate?'},
        {'role': 'assistant', 'content': '', 'tool_calls': [call('find', name='Amber Gate')]},
        {'role': 'tool', 'content': '[]', 'tool_call_id': 'c', 'name': 'find'},
        {'role': 'assistant', 'content': 'None.'},
    ]

    def test_only_the_assistant_is_learnt(self, tokenizer: Tokenizer) -> None:
        data = encode_views(tokenizer, [finetune.sft_row({'messages': self.messages, 'tools': TOOLS})])
        ids, learn = data.view(0)
        said = '<tool_call>\n{"name": "find", "arguments": {"name": "Amber Gate"}}\n</tool_call><|im_end|>'
        assert tokenizer.decode(ids[learn]) == said + 'None.<|im_end|>'

    def test_completions_move_behind_other_prompts(self) -> None:
        turn = finetune.kto_row({'prompt': self.messages[:4], 'completion': self.messages[4:], 'label': True})
        moved = turn.after('<|im_start|>assistant\n')
        assert [moved.text[start:end] for start, end in moved.spans] == ['None.<|im_end|>']

    def write_rows(self, folder: Path, method: str) -> Path:
        good, bad = self.messages[4:], [{'role': 'assistant', 'content': 'gate gate'}]
        pairs = [{'prompt': self.messages[:4], 'completion': said, 'label': said is good} for said in (good, bad) * 8]
        rows = pairs if method == 'kto' else [{'messages': self.messages[:4] + good}] * 16
        (folder / f'{method}.jsonl').write_text(''.join(json.dumps(row) + '\n' for row in rows))
        return folder / f'{method}.jsonl'

    @pytest.mark.parametrize('method', ['sft', 'kto'])
    def test_does_what_it_is_for(self, method: str, tmp_path: Path, tokenizer: Tokenizer, capsys: pytest.CaptureFixture[str]) -> None:
        model = initialise(Shape(tokenizer.size, layers=2, feed_forward=64))
        base, new = tmp_path / 'base.gguf', tmp_path / 'new.gguf'
        to_gguf.write(base, model, tokenizer, 'Base')
        paths = ['--model', str(base), '--data', str(self.write_rows(tmp_path, method)), '--out', str(new)]
        finetune.main([method, *paths, '--rows', '4', '--epochs', '4', '--rate', '1e-3', '--threads', '1'])
        tuned, _ = from_gguf.load(new)
        rows = [json.loads(text) for text in self.write_rows(tmp_path, 'kto').read_text().splitlines()[:2]]
        data = encode_views(tokenizer, [finetune.kto_row(row).after(finetune.kto_row(row).prompt) for row in rows])
        before, after = finetune.said_by_all(model, data), finetune.said_by_all(tuned, data)
        assert after[0] - before[0] > (after[1] - before[1] if method == 'kto' else 1)
        assert gguf.GGUFReader(new).get_field('general.name').contents() == f'Joshtree travel, {method.upper()}'
        assert sorted(file.suffix for file in tmp_path.iterdir()) == ['.gguf', '.gguf', *['.jsonl'] * (1 + (method == 'sft'))]
        printed = capsys.readouterr().out.splitlines()
        assert '64 of 64 rows' in printed[-2]
        assert printed[-1].startswith(f'{new}: ')

    def test_parts_change_nothing(self, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
        model = initialise(Shape(tokenizer.size, layers=2, feed_forward=64))
        data = encode_views(tokenizer, [view(10**i) for i in range(6)])
        together = finetune.said_by_all(model, data)
        monkeypatch.setattr(finetune, '_tokens_at_once', 1)
        assert [list(part) for part, _ in finetune.said(model, data, np.array([4, 2]))] == [[2], [4]]
        assert torch.allclose(finetune.said_by_all(model, data), together, atol=1e-3)

    def test_steps_hold_each_row_once_an_epoch(self) -> None:
        steps = finetune.steps(50, rows=16, epochs=2, seed=1)
        assert [len(step) for step in steps] == [13, 13, 12, 12] * 2
        first, second = np.concatenate(steps[:4]), np.concatenate(steps[4:])
        assert sorted(first) == sorted(second) == list(range(50))
        assert list(first) != list(second)

    def test_kto_loss_is_the_papers(self) -> None:
        options = argparse.Namespace(beta=0.1, desirable=1.0, undesirable=2.71)
        losses = finetune.kto_loss(torch.tensor([2.0, 2.0, 12.0]), 2.0, torch.tensor([True, False, True]), options)
        assert losses.tolist() == pytest.approx([0.5, 2.71 / 2, 1 - 1 / (1 + math.exp(-1))])

    def test_kto_compares_each_row_with_itself_before_training(
        self, tmp_path: Path, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        base, rows = tmp_path / 'base.gguf', self.write_rows(tmp_path, 'kto')
        to_gguf.write(base, initialise(Shape(tokenizer.size, layers=2, feed_forward=64)), tokenizer, 'Base')
        seen: list[tuple[float, float]] = []

        def loss(gain: torch.Tensor, drift: float, good: torch.Tensor, options: argparse.Namespace) -> torch.Tensor:
            seen.append((gain.abs().max().item(), drift))
            return gain

        monkeypatch.setattr(finetune, 'kto_loss', loss)
        paths = ['--model', str(base), '--data', str(rows), '--out', str(tmp_path / 'new.gguf')]
        finetune.main(['kto', *paths, '--rows', '4', '--rate', '0', '--threads', '1'])
        assert len(seen) == 4
        assert max(max(pair) for pair in seen) < 1e-3

    def test_stops_when_training_fails(self, tmp_path: Path, tokenizer: Tokenizer) -> None:
        base, rows = tmp_path / 'base.gguf', self.write_rows(tmp_path, 'sft')
        to_gguf.write(base, initialise(Shape(tokenizer.size, layers=2, feed_forward=64)), tokenizer, 'Base')
        paths = ['--model', str(base), '--data', str(rows), '--out', str(tmp_path / 'new.gguf')]
        with pytest.raises(FloatingPointError, match='lower --rate'):
            finetune.main(['sft', *paths, '--rate', '1e30', '--threads', '1'])
        assert not (tmp_path / 'new.gguf').exists()

    def test_refuses_what_it_cannot_do(self, tmp_path: Path, tokenizer: Tokenizer) -> None:
        base, rows = tmp_path / 'base.gguf', self.write_rows(tmp_path, 'sft')
        to_gguf.write(base, initialise(Shape(tokenizer.size, layers=2, feed_forward=64, context=32)), tokenizer, 'Base')
        with pytest.raises(CorpusError, match='16 rows .* 32 tokens'):
            finetune.main(['sft', '--model', str(base), '--data', str(rows), '--out', str(tmp_path / 'new.gguf')])
        assert not (tmp_path / 'new.gguf').exists()

    def test_names_the_line(self, tmp_path: Path) -> None:
        (tmp_path / 'rows.jsonl').write_text('{"messages": []}\n')
        with pytest.raises(CorpusError, match='line 1'):
            finetune.read_rows(tmp_path / 'rows.jsonl', finetune.sft_row)
