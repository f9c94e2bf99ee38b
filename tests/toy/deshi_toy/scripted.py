"""A paid teacher far away, in miniature: its faults come from a script, its books are a file.

`[teacher.scripted.env] script` names a JSON file: `rates` of outcomes, `texts` (what a text holds, to
a list of outcomes for its first attempts, `ok` among them), `latency` and `retry-after` in seconds,
`limits` as `[bucket, limit, remaining, reset]`; `submit`, `find` and `collect` are the outcomes of what
is done with batches, where they do not succeed; `crashes-at-once` says that it cannot be made. `books` names the file that gets a line for each
answer that the server finished and billed, whether or not it arrived. `batches` is a folder.
"""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from deshi.api import AttemptError, Help, RateLimit, Reply, Usage
from deshi_toy.parts import EMOJI

WORST, PRICE, IN_BATCH = 2000, 700, 350
"""Nano-USD: what an answer can cost at most, what it costs, what it costs inside a batch."""
LOST = ("bad-body", "connection", "timeout")


@dataclass(frozen=True, kw_only=True)
class ScriptedParams:
    url: Annotated[str, Help("Where it is asked.")] = "https://teacher.example/v1"
    shift: Annotated[int, Help("Moves the answer.")] = 0


class Scripted:
    def __init__(self, params: ScriptedParams, env) -> None:
        self.params = params
        self.env = env
        self.script = json.loads(Path(env.settings["script"]).read_text(encoding="utf-8"))
        self.chance = random.Random()
        self.attempts: dict[str, int] = {}
        if self.script.get("crashes-at-once"):
            message = f"no luck with {env.secrets}"
            raise RuntimeError(message)

    def worst_case(self, request):
        return WORST

    def price(self, usage):
        return usage.output_tokens

    def worst_case_in_batch(self, request):
        return WORST // 2

    def price_in_batch(self, usage):
        return usage.output_tokens // 2

    async def answer(self, request):
        if latency := self.script.get("latency"):
            await asyncio.sleep(self.chance.uniform(0.5, 1.5) * latency)
        outcome = self.outcome(request)
        if outcome == "crash":
            message = f"no luck with {self.env.secrets}"
            raise RuntimeError(message)
        if outcome not in ("ok", "empty", "refusal", *LOST):
            raise self.error(outcome)
        self.bill(request, PRICE)
        if outcome in LOST:
            raise self.error(outcome)
        return self.reply(request, "stop" if outcome == "ok" else outcome)

    def outcome(self, request):
        at = self.attempts[request.text] = self.attempts.get(request.text, 0) + 1
        for held, outcomes in self.script.get("texts", {}).items():
            if held in request.text:
                return outcomes[min(at, len(outcomes)) - 1]
        drawn = self.chance.random()
        for outcome, rate in self.script.get("rates", {}).items():
            drawn -= rate
            if drawn < 0:
                return outcome
        return "ok"

    def error(self, outcome):
        key = self.env.secrets.get("DESHI_TOY_KEY", "")
        after = self.script.get("retry-after") if outcome in ("throttled", "overloaded") else None
        status = {"throttled": 429, "overloaded": 529, "server": 500, "rejected": 400}.get(outcome)
        what = f"the script says {outcome} {key}"
        return AttemptError(
            what, outcome=outcome, status=status, retry_after=after, limits=self.limits()
        )

    def limits(self):
        told = self.script.get("limits", ())
        return tuple(RateLimit(bucket=b, limit=n, remaining=r, reset=s) for b, n, r, s in told)

    def reply(self, request, finish="stop"):
        at = sum(map(ord, request.text)) + self.params.shift + request.sample
        polite = request.text.replace("です", "だよ")
        content = polite if request.task == "rewrite" else f"{EMOJI[at % 5]} {EMOJI[at % 3]}"
        usage = Usage(input_tokens=100, output_tokens=PRICE)
        return Reply(
            content="" if finish == "empty" else content,
            finish=finish,
            model="scripted-1",
            usage=usage,
            limits=self.limits(),
        )

    def bill(self, request, amount):
        line = json.dumps([request.task, request.sample, request.text, amount], ensure_ascii=False)
        with Path(self.env.settings["books"]).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    async def submit(self, requests, tag):
        if outcome := self.script.get("submit"):
            raise self.error(outcome)
        name = uuid.uuid4().hex
        folder = Path(self.env.settings["batches"])
        asked = {k: [r.task, r.sample, r.text] for k, r in requests.items()}
        content = {"tag": tag, "polls": self.script.get("polls", 1), "requests": asked}
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        for request in requests.values():
            self.bill(request, IN_BATCH)
        if self.script.get("lose-id"):
            raise AttemptError("the line went dead", outcome="connection")
        return name

    async def find(self, requests, tag, since, taken):
        """Look for a batch of just these requests that is nobody's: a server knows no tag."""
        if outcome := self.script.get("find"):
            raise self.error(outcome)
        for path in Path(self.env.settings["batches"]).glob("*.json"):
            content = json.loads(path.read_text(encoding="utf-8"))
            if path.stem not in taken and content["requests"].keys() == requests.keys():
                return path.stem
        return None

    async def collect(self, batch):
        from deshi.api import Request

        if outcome := self.script.get("collect"):
            raise self.error(outcome)
        path = Path(self.env.settings["batches"]) / f"{batch}.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        content["polls"] -= 1
        aside = path.with_suffix(".new")
        aside.write_text(json.dumps(content), encoding="utf-8")
        aside.replace(path)
        if content["polls"] > 0:
            return None
        asked = {
            k: Request(task=task, sample=sample, text=text)
            for k, (task, sample, text) in content["requests"].items()
        }
        outcomes = {key: self.outcome(request) for key, request in asked.items()}
        return {
            key: self.reply(request) if outcomes[key] == "ok" else self.error(outcomes[key])
            for key, request in asked.items()
        }
