"""Records searches of the published JOSH in the form of josh-traces.json, at beams that file does not reach.

	git clone https://github.com/asappresearch/josh-llm-simulation-training
	python3 record_traces.py josh-llm-simulation-training/josh_train wide-beam-traces.json    (needs numpy)

It first records the cases of josh-traces.json again and stops if one differs, so that the recorder itself is checked.
"""

import json
import random
import sys
from pathlib import Path

HERE = Path(__file__).parent
WORD = 0xFFFFFFFF
ERROR_MESSAGE = {"role": "assistant", "content": "Error: Agent ran out of retries."}


class SynthError(Exception):
	"""What the synthetic agent and user raise."""


def mix(x):
	x &= WORD
	x ^= x >> 16
	x = x * 0x21F0AAAD & WORD
	x ^= x >> 15
	x = x * 0x735A2D97 & WORD
	return x ^ x >> 15


def draw(seed, stream, index, slot):
	x = mix(seed + 0x9E3779B9)
	for part in (stream, index, slot):
		x = mix(x + part)
	return x


def flatten(message):
	return message["role"][0] + ":" + message["content"]


def digest(messages):
	value = 0x811C9DC5
	for byte in "\n".join(map(flatten, messages)).encode():
		value = (value ^ byte) * 0x01000193 & WORD
	return value


def path_of(node, is_wanted, path=""):
	if node is None:
		return None
	if is_wanted(node):
		return path
	left = path_of(node.left, is_wanted, path + "L")
	return path_of(node.right, is_wanted, path + "R") if left is None else left


def dump(node):
	if node is None:
		return 0
	flags = "o" * node.conversation_over + "s" * node.is_successful + "g" * node.is_golden_path
	agent = node.agent
	public, internal = agent.messages, agent.messages_internal
	return [
		flags, len(public), len(internal), digest(public), digest(internal), ",".join(agent.recent_actions),
		dump(node.left), dump(node.right),
	]


class Participants:
	"""The synthetic agent and user, and the log of their calls."""

	def __init__(self, config):
		self.config = config
		self.agent_calls = self.user_calls = 0
		self.log = []
		self.search = None

	def note(self, what, agent, outcome=None):
		path = path_of(self.search.root, lambda node: node.agent is agent) or "-"
		self.log.append(" ".join(part for part in (what, path, outcome) if part is not None))

	def label(self, stream, index):
		content = self.config["content"]
		if content == "unique":
			return str(index)
		return "c" if content == "constant" else f"v{draw(self.config['seed'], stream, index, 7) % 2}"

	def agent_step(self, agent, **_):
		config, index = self.config, self.agent_calls
		self.agent_calls += 1
		drawn = lambda slot: draw(config["seed"], 1, index, slot)
		raises, is_late = drawn(0) % 1000 < config["agent_raise_pm"], drawn(1) % 2 == 1
		if raises and not is_late:
			self.note(f"A{index}", agent, "raise-early")
			raise SynthError
		count = drawn(2) % (config["max_actions"] + 1)
		actions = [f"a{drawn(10 + j) % config['alphabet']}" for j in range(count)]
		agent.recent_actions = actions
		listed = ",".join(actions)
		text = f"{self.label(1, index)} {listed}"
		if raises:
			agent.add_message({"role": "assistant", "content": "broken " + text})
			self.note(f"A{index}", agent, f"raise-late [{listed}]")
			raise SynthError
		if drawn(3) % 1000 < config["agent_none_pm"]:
			agent.add_message({"role": "assistant", "content": "quit " + text})
			self.note(f"A{index}", agent, f"none [{listed}]")
			return agent, None
		if drawn(4) % 1000 < config["tool_pm"]:
			agent.messages_internal.append({"role": "assistant", "content": "call " + text})
			agent.messages_internal.append({"role": "user", "content": "ret " + self.label(1, index)})
			self.note(f"A{index}", agent, f"tool [{listed}]")
			return agent, False
		agent.add_message({"role": "assistant", "content": "say " + text})
		self.note(f"A{index}", agent, f"say [{listed}]")
		return agent, True

	def user_step(self, _user, agent):
		config, index = self.config, self.user_calls
		self.user_calls += 1
		drawn = lambda slot: draw(config["seed"], 2, index, slot)
		if drawn(0) % 1000 < config["user_raise_pm"]:
			self.note(f"U{index}", agent, "raise")
			raise SynthError
		count = 1 if config["max_user_msgs"] == 1 else drawn(1) % (config["max_user_msgs"] + 1)
		for j in range(count):
			agent.add_message({"role": "user", "content": f"u{self.label(2, index)}.{j}"})
		is_over = drawn(2) % 1000 < config["user_end_pm"]
		self.note(f"U{index}", agent, f"{'end' if is_over else 'go'} {count}")
		return agent, is_over

	def add_error_message(self, agent):
		self.note("E", agent)
		agent.messages.append(ERROR_MESSAGE)
		if self.config["error_mode"] != "messages_only":
			agent.messages_internal.append(ERROR_MESSAGE)
		if self.config["error_mode"] == "both_reset":
			agent.recent_actions = ["err"]
		return agent


def record(josh, config):
	participants = Participants(config)
	opening = [{"role": "user", "content": text} for text in config["opening"]]
	search = participants.search = josh.JOSH(
		josh.BaseRewards(list(config["rewards"])),
		participants.agent_step,
		participants.user_step,
		participants.add_error_message,
		josh.BaseJOSHAgent(opening),
		None,
		beam_size=config["beam"],
		max_turn_tries=config["tries"],
	)
	steps, reward, error = [], 0.0, None
	for _ in range(config["max_steps"]):
		participants.log.clear()
		root, left = search.root, len(search.rewards)
		try:
			reward, done = search.step()
			step = {"reward": reward, "done": done}
		except (SynthError, ValueError) as raised:
			error = type(raised).__name__
			step = {"error": error}
		jumped = len(search.rewards) < left and error != "ValueError"
		golden = search.golden_agent
		step |= {
			"calls": list(participants.log),
			"collapsed": path_of(root, lambda node: node is search.root) if jumped else None,
			"left": list(search.rewards.rewards),
			"examples": len(search.training_examples),
			"golden_agent": digest(golden.messages_internal) if golden else None,
			"tree": dump(search.root),
		}
		steps.append(step)
		if error or done:
			break
	strings = {}
	examples = [
		[[strings.setdefault(flatten(message), len(strings)) for message in messages], successful, golden]
		for messages, successful, golden in search.training_examples
	]
	return {
		"steps": steps, "agent_calls": participants.agent_calls, "user_calls": participants.user_calls,
		"final_reward": reward, "error": error, "strings": list(strings), "training_examples": examples, "tags": [],
	}


def random_config(source):
	pick = source.choice
	goals = pick([2, 4, 8])
	return {
		"seed": source.randrange(2**32),
		"beam": pick([4, 5, 6, 7, 8, 8, 8, 16]),
		"tries": pick([1, 2, 3, 10]),
		"max_steps": pick([3, 8, 15]),
		"rewards": [f"a{source.randrange(goals)}" for _ in range(pick([1, 2, 3, 5]))],
		"alphabet": pick([6, 20, 40, 80]),
		"max_actions": pick([1, 1, 2, 3]),
		"agent_raise_pm": pick([0, 0, 50, 200]),
		"agent_none_pm": pick([0, 0, 50]),
		"tool_pm": pick([0, 150, 400]),
		"user_raise_pm": pick([0, 0, 0, 20]),
		"user_end_pm": pick([0, 100, 300]),
		"max_user_msgs": pick([0, 1, 1, 2]),
		"opening": pick([["hi"], ["hi"], [], ["hi", "there"]]),
		"content": pick(["unique", "coarse", "constant"]),
		"error_mode": pick(["messages_only", "both", "both_reset"]),
	}


def main(folder, out):
	sys.path.insert(0, folder)
	import josh

	traces = json.loads((HERE / "josh-traces.json").read_text())
	for case in traces["cases"]:
		if record(josh, case["config"]) != case["expect"] | {"tags": []}:
			sys.exit(f"the recorder differs from case {case['id']}")
	source = random.Random(8)
	configs = [random_config(source) for _ in range(48)]
	traces["cases"] = [
		{"id": f"wide-{number}", "group": "wide_beam", "config": config, "expect": record(josh, config)}
		for number, config in enumerate(configs)
	]
	Path(out).write_text(json.dumps(traces, separators=(",", ":")) + "\n")


if __name__ == "__main__":
	main(*sys.argv[1:])
