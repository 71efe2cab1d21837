#!/usr/bin/env python3
"""Measures what term filters cost and what they save, and prints Markdown.

    cargo build --release --workspace --example kql_bench
    python3 benches/terms.py [--rows 10000000] [--runs 5] [--data FOLDER] [--worker BINARY]

Needs pyarrow and numpy. The rows are those of kql.py (kql_data.py), in Parquet files as the lake lays them out. The
figure is the fastest run, from the text of the query to the last row; the files are in the page cache in all runs.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import kql_data  # noqa: E402

QUERIES = [
    ("rare term", "Events | where Message has 'mimikatz' | project TimeGenerated, Computer, Account"),
    ("one identifier", "Events | where Message has '{identifier}' | project TimeGenerated, Message"),
    ("absent term", "Events | where Message has 'nosuchterm' | count"),
    ("any of two terms", "Events | where Message has_any ('mimikatz', 'nosuchterm') | count"),
    ("seldom term", "Events | where Message has 'replication' | summarize n = count() by Level"),
    ("frequent term", "Events | where Message has 'timeout' | summarize n = count()"),
    ("rare term in a dynamic column", "Events | where Properties.appId == '{application}' | count"),
]


class Worker:
    """The engine in a process of its own; answers line by line."""

    def __init__(self, binary, events):
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        setup = {"threads": 2, "tables": {"Events": events}, "dynamic": {"Events": ["Properties"]}}
        self.send(setup)

    def send(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def ask(self, message):
        self.send(message)
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            sys.exit(f"{message}: {answer['error']}")
        return answer

    def query(self, text, runs):
        """The fastest milliseconds, rows left out, and the answer."""
        answers = [self.ask({"query": text}) for _ in range(runs + 1)]
        best = min(answer["ms"] for answer in answers)
        return best, answers[0]["rows_left_out"], sorted(map(str, answers[0]["rows"]))


def parquet_files(folder):
    return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".parquet"))


def clear(folder):
    for file in parquet_files(folder):
        if os.path.exists(file + ".terms"):
            os.remove(file + ".terms")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--data", default=os.path.join(tempfile.gettempdir(), "stance-terms"))
    parser.add_argument("--worker", default=os.path.join(HERE, "..", "target", "release", "examples", "kql_bench"))
    arguments = parser.parse_args()
    kql_data.generate(arguments.data, arguments.rows)
    events = os.path.join(arguments.data, "Events")
    stored = sum(os.path.getsize(file) for file in parquet_files(events))
    clear(events)
    worker = Worker(arguments.worker, events)
    _, _, sample = worker.query("Events | where EventId == 4700 | take 1 | project Message", 0)
    identifier = re.search(r"id=([0-9a-f]{16})", sample[0])[1]
    words = {"identifier": identifier, "application": kql_data.Names().apps[-1]}
    queries = [(name, text.format(**words)) for name, text in QUERIES]

    without = [worker.query(text, arguments.runs) for _, text in queries]
    print(f"{arguments.rows} rows, {stored / 1e6:.0f} MB of Parquet.\n")
    print("| filters for | s to make | MB | % of the Parquet files |\n|---|---|---|---|")
    for columns in (["Message"], ["Properties"], ["Account"], ["Message", "Properties"]):
        made = worker.ask({"index": events, "columns": columns})
        share = 100 * made["bytes"] / stored
        print(f"| {', '.join(columns)} | {made['ms'] / 1000:.1f} | {made['bytes'] / 1e6:.1f} | {share:.1f} |", flush=True)
    print("\n| query | without, ms | with, ms | times | rows left out, % |\n|---|---|---|---|---|")
    for (name, text), (before, _, expected) in zip(queries, without):
        after, left_out, answer = worker.query(text, arguments.runs)
        if answer != expected:
            sys.exit(f"{name}: the answer with filters is another one")
        print(f"| {name} | {before:.0f} | {after:.1f} | {before / after:.1f} | {100 * left_out / arguments.rows:.1f} |", flush=True)
    clear(events)


if __name__ == "__main__":
    main()
