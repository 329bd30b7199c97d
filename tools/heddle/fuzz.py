# SPDX-License-Identifier: BSD-2-Clause
"""`heddle fuzz NAME`: libFuzzer on one parser of boot data, for a limited time; new crashes become part of the corpus."""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import build, options, packages
from .output import HeddleError, result, say
from .paths import BUILD, CORPORA, ROOT, relative

_MINIMISE_SECONDS = 20


def add_fuzz(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="what to fuzz; see --list")
    parser.add_argument("--list", action="store_true", help="print the names")
    parser.add_argument("--all", action="store_true", help="every target, one after the other")
    parser.add_argument("--seconds", type=options.seconds, default=30, metavar="N", help="how long (default: %(default)s)")
    parser.set_defaults(call=fuzz)


def targets() -> list[str]:
    return sorted(path.stem.removeprefix("fuzz_") for path in (ROOT / "test/host").glob("fuzz_*.cpp"))


def fuzz(arguments: argparse.Namespace) -> int:
    known = targets()
    if arguments.list:
        for name in known:
            result(name)
        return 0
    names = known if arguments.all else [arguments.name]
    if arguments.name and arguments.name not in known or not arguments.all and not arguments.name:
        raise HeddleError("fuzz what? " + (f"There are: {', '.join(known)}" if known else "There are no targets"))
    packages.ensure(packages.for_build() + packages.for_host_tests())
    build.build(build.host(), tuple(f"test/host/fuzz_{name}" for name in names))
    failed = sum(not _one(name, int(arguments.seconds)) for name in names)
    result(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _one(name: str, seconds: int) -> bool:
    """Fuzzes one target; True if nothing was found. What is found is minimised and stored under test/fuzz/NAME."""
    binary, corpus = _binary(name), CORPORA / name
    corpus.mkdir(parents=True, exist_ok=True)
    say(f"fuzzing {name} for {seconds} s")
    with tempfile.TemporaryDirectory(prefix="heddle-fuzz-", dir=BUILD) as scratch:
        grown = Path(scratch) / "corpus"   # what the fuzzer adds while it runs stays out of the tree
        crashes = Path(scratch) / "crashes"
        grown.mkdir()
        crashes.mkdir()
        status, output = _fuzzer(binary, [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
                                          f"-artifact_prefix={crashes}/", str(grown), str(corpus)], seconds + 60)
        if status == 0:
            say(f"{name}: nothing found, {_executions(output)} inputs tried")
            return True
        result(f"fuzz {name}: the fuzzer ended with {status}:\n{_tail(output)}")
        for crash in sorted(crashes.iterdir()):
            kept = _keep(binary, crash, corpus, Path(scratch))
            result(f"fuzz {name}: kept as {relative(kept)}")
    return False


def _binary(name: str) -> Path:
    found = sorted((BUILD / "host").rglob(f"fuzz_{name}"))
    if not found:
        raise HeddleError(f"the build made no fuzz_{name}")
    return found[0]


def _fuzzer(binary: Path, arguments: list[str], limit: float) -> tuple[int, str]:
    try:
        done = subprocess.run([str(binary), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=limit)
    except subprocess.TimeoutExpired:
        return 124, f"{binary.name} did not end within {limit:g} s"
    return done.returncode, done.stdout


def _keep(binary: Path, crash: Path, corpus: Path, scratch: Path) -> Path:
    """Makes a crash smaller where that works, and stores it under the hash of its content."""
    smaller = scratch / "smaller"
    _fuzzer(binary, ["-minimize_crash=1", f"-max_total_time={_MINIMISE_SECONDS}", f"-exact_artifact_path={smaller}",
                     str(crash)], _MINIMISE_SECONDS + 30)
    best = smaller if smaller.is_file() and smaller.stat().st_size else crash
    kept = corpus / f"crash-{hashlib.sha256(best.read_bytes()).hexdigest()[:16]}"
    shutil.copy(best, kept)
    return kept


def _executions(output: str) -> str:
    counts = re.findall(r"^#(\d+)\s", output, re.MULTILINE)
    return counts[-1] if counts else "?"


def _tail(output: str, lines: int = 40) -> str:
    return "\n".join(output.splitlines()[-lines:])
