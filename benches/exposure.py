#!/usr/bin/env python3
"""Attack paths in a large graph: time and memory of all rules, of a change, and LadybugDB on the same patterns.

    cargo build --release --workspace --bin stance
    cargo bench -p stance-exposure --bench incremental --no-run
    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install ladybug==0.22.0 pyarrow numpy pyyaml
    /tmp/peer/bin/python benches/exposure.py --incremental target/release/deps/incremental-… [--sizes 10000,100000,1000000]

The graph is made by exposure_graph.py: five edges a node. Stance reads two Parquet files, builds its index, searches all
rules and writes every path with its story as JSON, all in one process of GNU time. LadybugDB (the graph database that
goes on from Kuzu) loads the same nodes and edges by COPY from Parquet into one table of nodes and one of each label, with
rights as bits and categories as columns, which is less to read than what Stance gets; then it answers the same rules as
Cypher, 30 seconds each as in Stance, in a process that ends after five minutes. Pairs of entry and target are compared.
Only a part of the rules goes to it in the largest graph. `--update` writes the tables into docs/benchmarks.md.
"""

import argparse
import glob
import json
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile

import pyarrow.compute as compute
import pyarrow.parquet as parquet
import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import exposure_graph  # noqa: E402

ROOT = os.path.dirname(HERE)
CONTENT = os.path.join(ROOT, "content")
DOCUMENT = os.path.join(ROOT, "docs", "benchmarks.md")
BEGIN, END = "<!-- exposure: made by benches/exposure.py -->", "<!-- exposure: end -->"
LONGEST = 300  # Seconds of one run.
MOST_MEMORY = 12 << 30
# Short and long ones, with and without repeats, side chains and rights; all of them where the graph is smaller.
CHOSEN = [
    "foundry-project-vault-secrets", "downloaded-key-ai-identity", "indirect-prompt-injection-privileged-action",
    "indirect-prompt-injection-sensitive-data", "agent-code-interpreter-secrets", "connected-agent-escalation",
    "internet-openai-sensitive-store", "public-agent-sensitive-grounding", "user-without-mfa-privileged-ai",
    "internet-compute-grounding-write",
]
CHOSEN_ABOVE = 100_000


def measured(command, **more):
    """Output, what went to standard error, wall and processor seconds, and peak MiB, out of GNU time."""
    with tempfile.NamedTemporaryFile("r") as times:
        limits = ["prlimit", f"--data={MOST_MEMORY}"]
        run = subprocess.run(["/usr/bin/time", "-v", "-o", times.name, *limits, *command], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, timeout=LONGEST, check=False, **more)
        told = times.read()
    if run.returncode != 0:
        sys.exit(f"{command[0]} failed: {run.stderr[-2000:]}")
    value = lambda name: re.search(name + r".*?: ([0-9:.]+)$", told, re.MULTILINE).group(1)
    wall = 0.0
    for part in value("Elapsed").split(":"):
        wall = wall * 60 + float(part)
    processor = float(value("User time")) + float(value("System time"))
    return run.stdout, run.stderr, wall, processor, int(value("Maximum resident set size")) / 1024


def rule_names():
    """Display name -> name."""
    rules = []
    for path in glob.glob(os.path.join(CONTENT, "attack-paths", "*.yaml")):
        with open(path, encoding="utf-8") as file:
            rules.append(yaml.safe_load(file))
    return {rule["displayName"]: rule["name"] for rule in rules}


def stance(binary, folder):
    """Pairs by rule, seconds by rule, and what the run took."""
    output = os.path.join(folder, "paths.json")
    _, stats, wall, processor, peak = measured([
        binary, "paths", "evaluate", "--data", os.path.join(folder, "data"), "--nodes", f"{folder}/nodes.parquet",
        "--edges", f"{folder}/edges.parquet", "--format", "json", "--output", output, "--stats"])
    phases = dict(re.findall(r"(load|search|paths) ([0-9.]+) s", stats.splitlines()[0]))
    rules = {name: (float(seconds), int(paths)) for name, seconds, paths in re.findall(r"^([a-z0-9-]+): ([0-9.]+) s, (\d+) paths$", stats, re.MULTILINE)}
    with open(output, encoding="utf-8") as file:
        paths = json.load(file)["paths"]
    pairs, names = {}, rule_names()
    for path in paths:
        pairs.setdefault(names[path["name"]], set()).add((path["entry"]["id"], path["target"]["id"]))
    return {"wall": wall, "processor": processor, "peak": peak, "phases": phases, "rules": rules, "pairs": pairs}


def peer(folder, wanted):
    command = [sys.executable, os.path.join(HERE, "exposure_peer.py"), folder, CONTENT, *wanted]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    signal.signal(signal.SIGALRM, lambda *_: process.kill())
    signal.alarm(LONGEST)
    lines = [json.loads(line) for line in process.stdout if line.endswith("\n")]
    process.wait()
    signal.alarm(0)
    load = next((line["load"] for line in lines if "load" in line), None)
    peak = next((line["peak"] for line in lines if "peak" in line), None)
    return load, {line["rule"]: line for line in lines if "rule" in line}, peak


def write_rows(folder):
    """The files of the bench that keeps a graph in memory."""
    columns = {"nodes": ["NodeId", "NodeLabel", "NodeName", "NodeProperties"],
               "edges": ["EdgeLabel", "SourceNodeId", "TargetNodeId", "EdgeProperties"]}
    for name, wanted in columns.items():
        with open(f"{folder}/{name}.tsv", "wb") as out:
            for batch in parquet.ParquetFile(f"{folder}/{name}.parquet").iter_batches(65536, columns=wanted):
                lines = compute.binary_join_element_wise(*[batch[column] for column in wanted], "\t")
                out.write(("\n".join(lines.to_pylist()) + "\n").encode())


def incremental(binary, folder):
    """The search of the whole graph, and after each of three changes what replacing and searching again took."""
    write_rows(folder)
    output, *_ = measured([binary, f"{folder}/nodes.tsv", f"{folder}/edges.tsv", f"{folder}/pairs.tsv"])
    phases = [json.loads(line) for line in output.splitlines()]
    for name in ("nodes", "edges"):
        os.remove(f"{folder}/{name}.tsv")
    pairs = {}
    with open(f"{folder}/pairs.tsv", encoding="utf-8") as file:
        for line in file:
            rule, entry, target = line.rstrip("\n").split("\t")
            pairs.setdefault(rule, set()).add((entry, target))
    return phases, pairs


def seconds_of(phases, name):
    return [phase["seconds"] for phase in phases if phase["phase"] == name]


def peer_table(rules, pairs, answers):
    out = ["| rule | paths | stance, s | ladybug, s (processor) | ratio | same pairs |", "|---|---|---|---|---|---|"]
    for name, answer in answers.items():
        own, count = rules[name]
        if "problem" in answer:
            out.append(f"| {name} | {count} | {own:.3f} | {answer['wall']:.1f}: {answer['problem'][:60]} | over {answer['wall'] / own:.0f} | – |")
            continue
        theirs = {tuple(pair) for pair in answer["pairs"]}
        same = "yes" if theirs == pairs.get(name, set()) else f"no: {len(theirs)}"
        out.append(f"| {name} | {count} | {own:.3f} | {answer['wall']:.3f} ({answer['processor']:.3f}) | {answer['wall'] / own:.1f} | {same} |")
    return out


def one_size(size, arguments):
    out = []
    with tempfile.TemporaryDirectory() as folder:
        graph = exposure_graph.Graph(size, CONTENT)
        exposure_graph.write(graph, folder, CONTENT)
        del graph
        out.append(f"\n#### {size:,} nodes, {size * exposure_graph.EDGES_A_NODE:,} edges\n")
        rules, pairs = {}, {}
        if arguments.binary:
            found = stance(arguments.binary, folder)
            rules, pairs, phases = found["rules"], found["pairs"], found["phases"]
            out.append(f"All {len(rules)} rules, whole process from Parquet to {sum(map(len, pairs.values())):,} written paths: "
                       f"**{found['wall']:.1f} s** ({found['processor']:.1f} s of processor), peak {found['peak']:,.0f} MiB; of it loading "
                       f"{phases['load']} s, search {phases['search']} s, paths with story and risk {phases['paths']} s.\n")
        if arguments.incremental:
            phases, own = incremental(arguments.incremental, folder)
            whole = next(phase for phase in phases if phase["phase"] == "search")
            again = seconds_of(phases, "incremental")
            changed = [phase["resources"] for phase in phases if phase["phase"] == "incremental"]
            out.append(f"In memory: all rules {whole['seconds']:.2f} s; after {changed[0]} changed resources "
                       f"**{', '.join(f'{one:.2f}' for one in again)} s** (three changes one after another; of it putting them into the graph "
                       f"{', '.join(f'{one:.2f}' for one in seconds_of(phases, 'replace'))} s), the same paths as a search of the whole; "
                       f"peak {phases[-1]['peak']:,} MiB.\n")
            rules = rules or {name: (rule["seconds"], rule["paths"]) for name, rule in whole["rules"].items()}
            pairs = pairs or own
        load, answers, peak = peer(folder, CHOSEN if size > CHOSEN_ABOVE else [])
        if load is None:
            out.append(f"LadybugDB did not finish loading within {LONGEST} s.\n")
            return out
        own, other = sum(rules[name][0] for name in answers), sum(answer["wall"] for answer in answers.values())
        peaks = f"; its process peaked at {peak:,.0f} MiB" if peak else f"; it was stopped after {LONGEST} s"
        out.append(f"LadybugDB loaded in {load[0]:.1f} s ({load[1]:.1f} s of processor) and took {other:.1f} s for {len(answers)} rules that take "
                   f"Stance {own:.2f} s: **{other / own:.0f} times as long**{peaks}.\n")
        out += peer_table(rules, pairs, answers)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", help="the release build of stance")
    parser.add_argument("--incremental", help="the bench of stance-exposure")
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--update", action="store_true", help="write into docs/benchmarks.md")
    arguments = parser.parse_args()
    if not (arguments.binary or arguments.incremental):
        parser.error("--binary, --incremental or both")
    out = [f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}; "
           f"load of the machine before: {os.getloadavg()[0]:.1f}."]
    for size in map(int, arguments.sizes.split(",")):
        lines = one_size(size, arguments)
        print("\n".join(lines), flush=True)
        out += lines
    if arguments.update:
        with open(DOCUMENT, encoding="utf-8") as file:
            text = file.read()
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        with open(DOCUMENT, "w", encoding="utf-8") as file:
            file.write(before + BEGIN + "\n" + "\n".join(out) + "\n" + END + after)


if __name__ == "__main__":
    sys.exit(main())
