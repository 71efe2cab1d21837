#!/usr/bin/env python3
"""Measures KQL in Stance beside DuckDB and ClickHouse (chdb) on the same Parquet files, and prints Markdown.

    cargo build --release --workspace --bin stance --examples
    python3 benches/kql.py [--rows 10000000] [--runs 5] [--peer-folder FOLDER] [--data FOLDER] [--only TEXT] [--filtered FOLDER]

The peers come from PyPI into a virtual environment in --peer-folder. Each engine runs in a process of its own with the
same number of threads, holds no rows in memory of its own making, and answers the queries in turn: one run to warm up,
then --runs runs, engine by engine, so that whatever else the machine does hits all of them alike. The figure is the
fastest run, from the text of the query to the last row. A query is timed only after all engines gave the same rows.
"""

import argparse
import json
import math
import os
import platform
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from kql_queries import QUERIES  # noqa: E402

PEERS = ["chdb==4.4.0", "duckdb==2.0.0", "pyarrow==26.0.1", "numpy==2.4.6", "pytz==2026.6"]
DYNAMIC = {"Events": ["Properties"], "Resources": ["tags", "properties"]}
ENGINES = ["stance", "duckdb", "clickhouse", "clickhouse kql"]


class Worker:
    """An engine in a process of its own."""

    def __init__(self, command, setup):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.send(setup)

    def send(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def cpu_ms(self):
        """Processor time of all threads so far, where the system tells (Linux)."""
        total = 0
        folder = f"/proc/{self.process.pid}/task"
        for thread in os.listdir(folder) if os.path.isdir(folder) else []:
            try:
                with open(f"{folder}/{thread}/schedstat") as file:
                    total += int(file.read().split()[0])
            except OSError:
                pass
        return total / 1e6

    def ask(self, query, kusto=False):
        before = self.cpu_ms()
        self.send({"query": query, "kusto": kusto})
        line = self.process.stdout.readline()
        if not line:
            return {"error": "the process ended"}
        answer = json.loads(line)
        answer["cpu"] = self.cpu_ms() - before
        return answer


def install_peers(folder):
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([os.path.join(folder, "bin", "pip"), "install", "--quiet", *PEERS], check=True)
    return python


DATETIME = re.compile(r"^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?Z?$")


def canonical(value):
    """The same form for the same value of any engine."""
    if isinstance(value, str):
        time = DATETIME.match(value)
        if time:
            return f"{time[1]}T{time[2]}.{(time[3] or '.')[1:7].ljust(6, '0')}"
        return int(value) if re.fullmatch(r"-?\d{1,18}", value) else value
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return tuple(sorted(map(str, value)))
    return "" if value is None else value


def close(left, right, approximate):
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (left, right))
    if not numbers:
        return left == right
    return math.isclose(left, right, rel_tol=0.1 if approximate else 1e-9, abs_tol=1e-9)


def difference(rows, others, approximate):
    """What differs between two results in any order; nothing where they agree."""
    def key(row):
        return [str(value) for index, value in enumerate(row) if index not in approximate and not isinstance(value, float)]

    left, right = ([[canonical(value) for value in row] for row in result] for result in (rows, others))
    if len(left) != len(right):
        return f"{len(left)} rows, not {len(right)}"
    for a, b in zip(sorted(left, key=key), sorted(right, key=key)):
        if len(a) != len(b) or not all(close(x, y, index in approximate) for index, (x, y) in enumerate(zip(a, b))):
            return f"{a}, not {b}"
    return None


def measure(query, workers, runs):
    """The fastest milliseconds and processor milliseconds of each engine, and what went wrong."""
    name, _, kql, duckdb, clickhouse, clickhouse_kql, approximate = query
    texts = {"stance": (kql, False), "duckdb": (duckdb, False), "clickhouse": (clickhouse, False), "clickhouse kql": (kql if clickhouse_kql is None else clickhouse_kql, True)}
    figures, notes, expected = {}, [], None
    asked = [engine for engine in ENGINES if engine in workers and texts[engine][0]]
    for engine in list(asked):
        answer = workers[engine].ask(*texts[engine])
        if "error" in answer:
            notes.append(f"{name}: {engine} fails: {answer['error']}")
        elif expected is None:
            expected = answer["rows"]
            continue
        else:
            differs = difference(answer["rows"], expected, approximate)
            if differs is None:
                continue
            notes.append(f"{name}: {engine} gives {differs}")
        asked.remove(engine)
    for _ in range(runs):
        for engine in asked:
            answer = workers[engine].ask(*texts[engine])
            best = figures.setdefault(engine, [math.inf, math.inf])
            best[0], best[1] = min(best[0], answer.get("ms", math.inf)), min(best[1], answer["cpu"])
    return figures, notes


def mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else math.nan


def report(results, engines):
    """One line for each query, then geometric means over the queries that both engines ran."""
    print("\nMilliseconds of wall time; in brackets the ratio to the fastest of the line.\n")
    print("| query | kind | " + " | ".join(engines) + " |\n|---|---|" + "---|" * len(engines))
    for (name, kind, *_), figures in results:
        best = min((figure[0] for figure in figures.values()), default=math.nan)
        cells = [f"{figures[engine][0]:.0f} ({figures[engine][0] / best:.2f})" if engine in figures else "–" for engine in engines]
        print(f"| {name} | {kind} | " + " | ".join(cells) + " |")
    print("\nGeometric means of the ratio of the peer's time to Stance's, over the queries both ran (above 1: Stance is faster).\n")
    print("| peer | queries | wall time | processor time | Stance is fastest or within 2 times of the peer |\n|---|---|---|---|---|")
    for engine in engines[1:]:
        both = [figures for _, figures in results if engine in figures and "stance" in figures]
        walls = [figures[engine][0] / figures["stance"][0] for figures in both]
        processors = [max(figures[engine][1], 0.1) / max(figures["stance"][1], 0.1) for figures in both]
        within = sum(ratio >= 0.5 for ratio in walls)
        print(f"| {engine} | {len(both)} | {mean(walls):.2f} | {mean(processors):.2f} | {within} of {len(both)} |")


def measure_filtered(binary, setup, filtered, runs):
    """`has` over files with term filters beside them and over the same files without: one process each."""
    terms = [query for query in QUERIES if query[1] == "text" and " has" in query[2]]
    plain = Worker([binary], setup)
    with_filters = Worker([binary], setup | {"tables": setup["tables"] | {"Events": filtered}})
    print("\nThe same files with term filters beside them, milliseconds.\n")
    print("| query | without | with filters | times faster |\n|---|---|---|---|")
    for name, _, kql, *_ in terms:
        answers = [worker.ask(kql) for worker in (plain, with_filters)]
        wrong = [answer["error"] for answer in answers if "error" in answer]
        differs = wrong[0] if wrong else difference(answers[0]["rows"], answers[1]["rows"], [])
        if differs:
            print(f"| {name} | – | – | {differs} |")
            continue
        best = [min(worker.ask(kql)["ms"] for _ in range(runs)) for worker in (plain, with_filters)]
        print(f"| {name} | {best[0]:.0f} | {best[1]:.0f} | {best[0] / best[1]:.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/examples/kql_bench")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peer-folder", default=os.path.join(tempfile.gettempdir(), "stance-kql-peers"))
    parser.add_argument("--data", default=os.path.join(tempfile.gettempdir(), "stance-kql-data"), help="folder of the generated files; about 160 MB for a million rows")
    parser.add_argument("--only", help="queries whose name or kind holds this text")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--filtered", help="folder with the same files of Events and term filters beside them, measured too")
    arguments = parser.parse_args()
    python = install_peers(arguments.peer_folder)
    data = os.path.join(arguments.data, str(arguments.rows))
    subprocess.run([python, os.path.join(HERE, "kql_data.py"), data, str(arguments.rows)], check=True)
    setup = {"threads": arguments.threads, "tables": {name: os.path.join(data, name) for name in DYNAMIC}, "dynamic": DYNAMIC}
    engines = [engine for engine in ENGINES if engine in arguments.engines.split(",")]
    peer = [python, os.path.join(HERE, "kql_peer.py")]
    workers = {}
    for engine in engines:
        if engine == "stance":
            workers[engine] = Worker([arguments.binary], setup)
        elif engine == "duckdb":
            workers[engine] = Worker(peer, setup | {"engine": "duckdb"})
        else:
            shared = [workers[known] for known in workers if known.startswith("clickhouse")]
            workers[engine] = shared[0] if shared else Worker(peer, setup | {"engine": "chdb"})
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{arguments.rows:,} rows of Events, {arguments.rows // 10:,} of Resources; {', '.join(PEERS[:2])}; {arguments.threads} threads; fastest of {arguments.runs} runs.")
    print(f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, Python {platform.python_version()}.", flush=True)
    results, notes = [], []
    for query in QUERIES:
        if arguments.only and arguments.only not in query[0] and arguments.only != query[1]:
            continue
        figures, wrong = measure(query, workers, arguments.runs)
        results.append((query, figures))
        notes += wrong
        shown = ", ".join(f"{engine} {wall:.0f} ms ({cpu:.0f} cpu)" for engine, (wall, cpu) in figures.items())
        print(f"{query[0]}: {shown}", file=sys.stderr, flush=True)
    report(results, engines)
    if arguments.filtered:
        measure_filtered(arguments.binary, setup, arguments.filtered, arguments.runs)
    if notes:
        print("\nLeft out:\n")
        print("\n".join(f"- {note}" for note in notes))


if __name__ == "__main__":
    main()
