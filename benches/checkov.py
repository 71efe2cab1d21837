#!/usr/bin/env python3
"""Compares Stance with Checkov on the templates of benches/templates and prints Markdown tables.

    cargo build --release --workspace --bin stance
    python3 benches/checkov.py --peer-folder FOLDER [--binary target/release/stance] [--strict]

Checkov comes from PyPI into a virtual environment in the peer folder. Its AI checks are those of
content/peers/checkov-3.3.json; what a check of Stance stands beside is said in the check itself (`peers`). A finding of
Checkov counts as found by Stance where a check that names it fails on a resource within the same lines. With
--strict, one that is not found is an error.
"""

import argparse
import glob
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import venv

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VERSION = "3.3.30"
TEMPLATES = [
    ("Azure, Terraform", "azure-terraform", "terraform"),
    ("AWS, Terraform", "aws-terraform", "terraform"),
    ("Google Cloud, Terraform", "google-terraform", "terraform"),
    ("AWS, CloudFormation", "cloudformation", "cloudformation"),
    ("Foundry standard agent, ARM", "foundry-arm", "arm"),
]


def peers():
    """Names of our checks by the Checkov id they stand beside."""
    known = {}
    for path in glob.glob(os.path.join(ROOT, "content/policies/*.json")):
        with open(path, encoding="utf-8") as file:
            definition = json.load(file)
        stance = definition["properties"]["metadata"].get("stance", {})
        for identifier in stance.get("peers", {}).get("checkov", []):
            known.setdefault(identifier, set()).add(definition["name"])
    for path in glob.glob(os.path.join(ROOT, "content/checks/*/*.yaml")):
        name = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for identifier in re.findall(r"CKV2?_[A-Z]+_\d+", text.split("\nexamples:")[0]):
            known.setdefault(identifier, set()).add(name)
    return known


def ai_checks():
    """Checkov's AI checks, and those that ours leave out with the reason."""
    with open(os.path.join(ROOT, "content/peers/checkov-3.3.json"), encoding="utf-8") as file:
        checks = json.load(file)["checks"]
    return {check["id"]: check for check in checks if check["genAi"]}


def timed(command, runs, environment=None):
    samples = []
    for _ in range(runs):
        start = time.perf_counter()
        process = subprocess.run(command, capture_output=True, env=environment, check=False)
        samples.append(time.perf_counter() - start)
    return process.stdout, statistics.median(samples)


def run_checkov(checkov, folder, framework, runs):
    command = [checkov, "--directory", folder, "--framework", framework, "--output", "json", "--quiet", "--skip-download"]
    environment = dict(os.environ, CHECKOV_RUN_SCA_PACKAGE_SCAN_V2="false", LOG_LEVEL="ERROR")
    output, seconds = timed(command, runs, environment)
    report = json.loads(output)
    report = report[0] if isinstance(report, list) else report
    return report.get("results", {}).get("failed_checks", []), seconds


def run_stance(binary, folder, runs):
    with tempfile.TemporaryDirectory() as data:
        command = [binary, "scan", folder, "--data", data, "--quiet", "--format", "json"]
        output, seconds = timed(command, runs)
    report = json.loads(output)
    return [finding for finding in report["findings"] if finding["state"] == "Unhealthy"], seconds


def is_beside(finding, failed, names):
    place = finding["source"]
    first, last = failed["file_line_range"]
    same_file = os.path.basename(place["file"]) == os.path.basename(failed["file_path"])
    return finding["recommendation"] in names and same_file and first <= place["line"] <= last


def compare(title, folder, framework, arguments, checkov, known, wanted):
    path = os.path.join(ROOT, "benches/templates", folder)
    theirs, their_seconds = run_checkov(checkov, path, framework, arguments.runs)
    ours, our_seconds = run_stance(arguments.binary, path, arguments.runs)
    ai = [failed for failed in theirs if failed["check_id"] in wanted]
    judged = [failed for failed in ai if "reason" not in wanted[failed["check_id"]]]
    missed = [failed for failed in judged if not any(is_beside(finding, failed, known.get(failed["check_id"], ())) for finding in ours)]
    print(f"| {title} | {len(ai)} | {len(ai) - len(judged)} | {len(judged) - len(missed)} of {len(judged)} | {len(ours)} | {our_seconds:.2f} | {their_seconds:.2f} |", flush=True)
    return [(title, failed["check_id"], failed["resource"]) for failed in missed]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "release/stance"))
    parser.add_argument("--peer-folder", required=True)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--strict", action="store_true")
    arguments = parser.parse_args()
    checkov = os.path.join(arguments.peer_folder, "bin/checkov")
    if not os.path.exists(checkov):
        venv.create(arguments.peer_folder, with_pip=True)
        subprocess.run([os.path.join(arguments.peer_folder, "bin/pip"), "install", "--quiet", f"checkov=={VERSION}"], check=True)
    known, wanted = peers(), ai_checks()
    print(f"### Findings beside Checkov {VERSION} on the same templates\n")
    print("| template | Checkov's AI findings | left out with a reason | found by Stance too | Stance's findings | Stance, s | Checkov, s |")
    print("|---|---|---|---|---|---|---|")
    missed = []
    for title, folder, framework in TEMPLATES:
        missed += compare(title, folder, framework, arguments, checkov, known, wanted)
    if missed:
        print("\nFound by Checkov alone:\n\n| template | check | resource |\n|---|---|---|")
        for row in missed:
            print("| " + " | ".join(row) + " |")
    if missed and arguments.strict:
        sys.exit(f"{len(missed)} findings of Checkov are not found by Stance")


if __name__ == "__main__":
    main()
