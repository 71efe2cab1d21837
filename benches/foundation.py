#!/usr/bin/env python3
"""Measures the figures of docs/benchmarks.md and prints them as Markdown tables.

    cargo build --release -p stance
    python3 benches/foundation.py [--binary target/release/stance] [--peer-folder FOLDER] [--sizes 25000,50000,100000]

Checkov, the peer, is installed from PyPI into a virtual environment in --peer-folder; without the option it is
left out. Each figure is the median of several runs of the whole process, with the fastest and the slowest.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import estate  # noqa: E402


def run(command, environment=None):
    """Wall seconds, peak resident MiB and output of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    output, errors = process.communicate()
    seconds = time.perf_counter() - start
    return seconds, process.returncode, output, errors


def peak_of(command):
    """Peak resident MiB of a command, measured in a child of its own."""
    code = "import resource,subprocess,sys;subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL);print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    output = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, check=True).stdout
    return int(output) / 1024


def median(samples):
    return f"{statistics.median(samples):.3f} ({min(samples):.3f}–{max(samples):.3f})"


def bench_exports(binary, sizes, runs, folder):
    print("\n### Resource Graph export: read, judged by the baseline, stored\n")
    print("| resources | file | seconds, median (fastest–slowest) | µs a resource | peak memory |")
    print("|---|---|---|---|---|")
    for size in sizes:
        export = os.path.join(folder, f"export-{size}.json")
        estate.write_export(export, size)
        samples = []
        for number in range(runs):
            data = os.path.join(folder, f"data-{size}-{number}")
            seconds, code, _, errors = run([binary, "scan", export, "--data", data, "--quiet", "--output", os.devnull])
            if code != 0:
                sys.exit(f"scan failed with {code}: {errors.decode()}")
            samples.append(seconds)
        peak = peak_of([binary, "scan", export, "--data", os.path.join(folder, f"peak-{size}"), "--quiet"])
        mib = os.path.getsize(export) / 2**20
        each = statistics.median(samples) / size * 1e6
        print(f"| {size:,} | {mib:.0f} MiB | {median(samples)} | {each:.0f} | {peak:.0f} MiB |", flush=True)


def bench_update(binary, size, folder):
    """One resource in a hundred changes: judged and stored alone, and put into the estate that is stored."""
    export, changed = os.path.join(folder, "whole.json"), os.path.join(folder, "changed.json")
    estate.write_export(export, size)
    with open(changed, "w", encoding="utf-8") as file:
        rows = [estate.resource(number + number // 100 % 100) for number in range(0, size, 100)]
        for row in rows:
            row["tags"]["changed"] = "yes"
        json.dump({"count": len(rows), "data": rows, "skip_token": None}, file)
    stored, alone = os.path.join(folder, "stored"), os.path.join(folder, "alone")
    print("\n### One in a hundred changed\n")
    print("| | seconds |")
    print("|---|---|")
    for title, path, data in (("the whole estate, for comparison", export, stored), ("the changed ones, judged and stored in an empty folder", changed, alone), ("the changed ones, put into the whole estate", changed, stored)):
        seconds, code, _, errors = run([binary, "scan", path, "--data", data, "--quiet", "--output", os.devnull])
        if code != 0:
            sys.exit(f"scan failed with {code}: {errors.decode()}")
        print(f"| {title} | {seconds:.1f} |", flush=True)


def bench_template(binary, runs, folder, checkov):
    template = os.path.join(folder, "template.json")
    estate.write_template(template)
    data = os.path.join(folder, "template-data")
    command = [binary, "scan", template, "--data", data, "--quiet", "--format", "json"]
    first, _, output, _ = run(command)
    samples = [run(command)[0] for _ in range(runs)]
    report = json.loads(output)
    print(f"\n### ARM template of {report['summary']['resources']} resources, whole process, commit included\n")
    print("| program | first run | later runs, median (fastest–slowest) | ratio |")
    print("|---|---|---|---|")
    print(f"| stance | {first:.3f} | {median(samples)} | 1 |")
    if checkov:
        peer = [checkov, "--file", template, "--framework", "arm", "--output", "json", "--quiet", "--skip-download"]
        environment = dict(os.environ, CHECKOV_RUN_SCA_PACKAGE_SCAN_V2="false", LOG_LEVEL="ERROR")
        peer_first, _, peer_output, _ = run(peer, environment)
        peer_samples = [run(peer, environment)[0] for _ in range(3)]
        ratio = statistics.median(peer_samples) / statistics.median(samples)
        print(f"| checkov | {peer_first:.3f} | {median(peer_samples)} | {ratio:.0f} times slower |")
        verdicts(report, json.loads(peer_output))
    else:
        verdicts(report, None)


def verdicts(report, peer):
    print("\nVerdicts of stance on the template:\n")
    print("| state | severity | recommendation | resources |")
    print("|---|---|---|---|")
    counts = {}
    for finding in report["findings"]:
        key = (finding["state"], finding["severity"], finding["title"])
        counts[key] = counts.get(key, 0) + 1
    for (state, severity, title), count in sorted(counts.items(), key=lambda row: (row[0][0] != "Unhealthy", row[0])):
        print(f"| {state} | {severity} | {title} | {count} |")
    if peer is None:
        return
    results = peer["results"] if isinstance(peer, dict) else peer[0]["results"]
    print("\nVerdicts of checkov on the template:\n")
    print("| state | check | resources |")
    print("|---|---|---|")
    counts = {}
    for state, name in (("failed", "failed_checks"), ("passed", "passed_checks")):
        for check in results.get(name, []):
            key = (state, f"{check['check_id']} {check['check_name']}")
            counts[key] = counts.get(key, 0) + 1
    for (state, check), count in sorted(counts.items()):
        print(f"| {state} | {check} | {count} |")


def install_checkov(folder):
    binary = os.path.join(folder, "bin", "checkov")
    if not os.path.exists(binary):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([os.path.join(folder, "bin", "pip"), "install", "--quiet", "checkov"], check=True)
    return binary


def machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, Python {platform.python_version()}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/stance")
    parser.add_argument("--peer-folder", help="folder of a virtual environment for Checkov")
    parser.add_argument("--sizes", default="25000,50000,100000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--update", type=int, metavar="SIZE", help="also change one in a hundred of an estate of this size")
    arguments = parser.parse_args()
    checkov = install_checkov(arguments.peer_folder) if arguments.peer_folder else None
    machine()
    with tempfile.TemporaryDirectory() as folder:
        bench_template(arguments.binary, 15, folder, checkov)
        bench_exports(arguments.binary, [int(size) for size in arguments.sizes.split(",")], arguments.runs, folder)
        if arguments.update:
            bench_update(arguments.binary, arguments.update, folder)


if __name__ == "__main__":
    main()
