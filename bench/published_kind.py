"""A JOSH search of the published kind, timed with models that answer at once.

Each node of the tree owns an agent, each agent the whole environment state; a fork makes a deep copy of the agent for either
child. Leaves are found by walking the tree and are taken one after the other.

Takes a JSON object as argument or on standard input; all but `pack`, a file with `tables`, may be left out:
    {"pack": "travel.json", "beams": [8, 16], "goals": [false, true], "repetitions": 3, "bytes": 1300000}
The tables are the state, their rows repeated under new keys until they have `bytes` of JSON. Prints one line of JSON.
"""

import copy
import gc
import json
import random
import statistics
import sys
import time

MAX_STEPS = 15
TURNED = {"user": "assistant", "assistant": "user"}
GOAL_ROWS = [7, 107, 207, 307]  # one goal more than 15 steps can earn
AGENT_PROMPT = {"role": "system", "content": "You help customers."}
USER_PROMPT = {"role": "system", "content": "You want:\nYou want several orders changed.\nThen say STOP."}


def size(value):
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def state_of(tables, least):
    """{table: {key: row}}, with `least` bytes of JSON or more."""
    state = {name: {str(row[table["key"]]): row for row in table["rows"]} for name, table in tables.items()}
    written, again = size(state), 1
    while written < least and any(state.values()):
        again += 1
        for name, table in tables.items():
            for row in table["rows"]:
                key = f"{row[table['key']]}~{again}"
                if written < least:
                    state[name][key] = copy.deepcopy(row) | {table["key"]: key}
                    written += size({key: state[name][key]}) - 1
    return {**state, "changes": {}}


def change(key):
    return {"name": "change_order", "arguments": {"order": key, "note": "changed"}}


class Agent:
    def __init__(self, state):
        self.public, self.internal, self.recent, self.state = [], [], [], state

    def hear(self, message):
        self.public.append(dict(message))
        self.internal.append(message)

    def carry_out(self, call):
        key, changes = call["arguments"]["order"], self.state["changes"]
        row = next(table[key] for table in self.state.values() if key in table)
        result = {"ref": f"R{len(changes):04}", "status": row.get("status", "pending")}
        changes[result["ref"]] = {"order": key, **result}
        self.recent.append(call)
        return json.dumps(result)


class Node:
    def __init__(self, agent, parent=None):
        self.agent, self.parent, self.left, self.right = agent, parent, None, None
        self.over = self.successful = self.golden = False

    def walk(self):
        yield self
        for child in (self.left, self.right):
            if child:
                yield from child.walk()

    def leaves(self):
        return [node for node in self.walk() if not node.left and not node.over]

    def upwards(self):
        yield self
        if self.parent:
            yield from self.parent.upwards()


class Search:
    def __init__(self, state, beam, with_goals, seed):
        keys = list(max(state.values(), key=len))
        self.others = keys[1000:4000] or keys
        self.goals = [change(keys[row % len(keys)]) for row in GOAL_ROWS]
        self.left, self.examples = list(self.goals), []
        self.beam, self.with_goals, self.random = beam, with_goals, random.Random(seed)
        self.root = Node(Agent(copy.deepcopy(state)))
        self.agent_steps = self.copies = self.collapses = 0

    def run(self):
        self.user_phase()  # the user speaks first
        for step in range(1, MAX_STEPS + 1):
            self.expand()
            if self.agent_phase() or self.user_phase():
                break
        return step

    def expand(self):
        leaves = self.root.leaves()
        if 2 * len(leaves) <= self.beam:
            for leaf in leaves:
                leaf.left, leaf.right = (Node(copy.deepcopy(leaf.agent), leaf) for _ in range(2))
                self.copies += 2

    def agent_phase(self):
        leaves = self.root.leaves()
        for leaf in leaves:
            self.agent_step(leaf.agent)
        if hits := [leaf for leaf in leaves if self.earned(leaf)]:
            self.collapse(hits[0], hits)
        return not self.left

    def earned(self, leaf):
        return [action for action in leaf.agent.recent if action in self.left]

    def collapse(self, target, hits):
        for node in (node for leaf in hits for node in leaf.upwards()):
            node.successful = True
        for action in self.earned(target):
            self.left.remove(action)
        for node in target.upwards():
            node.golden = True
        for node in self.root.walk():
            messages = list(node.agent.internal)
            while len(messages) > 1 and messages[-1]["role"] == "user":
                messages.pop()
            example = (messages, node.successful, node.golden)
            if example not in self.examples:
                self.examples.append(example)
        target.parent, target.successful, self.root = None, False, target
        self.collapses += 1

    def user_phase(self):
        for leaf in self.root.leaves():
            history = [{**message, "role": TURNED[message["role"]]} for message in leaf.agent.public]
            leaf.agent.hear(self.user_model([USER_PROMPT, *history, USER_PROMPT]))
            leaf.over = "STOP" in leaf.agent.public[-1]["content"]
        return not self.root.leaves()

    def agent_step(self, agent):
        """A whole turn, so it needs one try: model calls until one is text."""
        self.agent_steps += 1
        agent.recent = []
        while "tool_calls" in (reply := self.agent_model([AGENT_PROMPT, *agent.internal])):
            [call] = reply["tool_calls"]
            answer = agent.carry_out(call["function"])
            agent.internal += reply, {"role": "tool", "tool_call_id": call["id"], "content": answer}
        agent.hear(reply)

    def agent_model(self, messages):
        number = self.random.getrandbits(32)
        if messages[-1]["role"] == "tool":
            return {"role": "assistant", "content": f"Done, what else? ({number})"}
        step = sum(message["role"] == "user" for message in messages) - 1
        wanted = self.with_goals and step % 4 == 3
        call = self.goals[step // 4] if wanted else change(self.others[number % len(self.others)])
        call = {"id": f"call_{len(messages) - 1}", "type": "function", "function": copy.deepcopy(call)}
        return {"role": "assistant", "content": "", "tool_calls": [call]}

    def user_model(self, messages):
        return {"role": "user", "content": f"Please go on with {self.random.getrandbits(32)}."}


def measure(state, beam, goals, repetitions):
    runs = []
    for seed in range(repetitions):
        search = Search(state, beam, goals, seed)
        gc.collect()
        began = time.perf_counter()
        steps = search.run()
        runs.append(round(time.perf_counter() - began, 4))
    counts = {"agentSteps": search.agent_steps, "steps": steps, "copies": search.copies, "collapses": search.collapses}
    return {"beam": beam, "goals": goals, "seconds": statistics.median(runs), **counts, "runs": runs}


if __name__ == "__main__":
    job = json.loads(sys.argv[1] if len(sys.argv) > 1 else sys.stdin.read())
    with open(job["pack"], encoding="utf-8") as file:
        start = state_of(json.load(file)["tables"], job.get("bytes", 1_300_000))
    asked = [(beam, goals) for beam in job.get("beams", [8, 16]) for goals in job.get("goals", [False, True])]
    cases = [measure(start, *case, job.get("repetitions", 3)) for case in asked]
    print(json.dumps({"python": sys.version.split()[0], "bytes": size(start), "cases": cases}))
