# SPDX-License-Identifier: BSD-2-Clause
"""`heddle test`: boots the test suite on the machines, reads its lines, reports. One thread and one QEMU per machine."""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import boot, junit, options, vm
from .command_line import doctest_pattern, split_words
from .machines import DEFAULT_TIMEOUT, Machine
from .output import HeddleError, result, say
from .protocol import Case, PanicCase, TestLog, check_panic

_PANIC_SECONDS = 60.0
_PANIC_CPUS = 3  # at least: some of these cases are about CPUs that wait for each other
_QEMUS = 2  # at once; more would only share the processors of a small host


def add_test(parser: argparse.ArgumentParser) -> None:
    options.add_arch(parser, "both")
    options.add_hardware(parser)
    parser.add_argument("--filter", metavar="GLOB", help="only the cases whose name matches, such as '*frames*'")
    parser.add_argument("--list", action="store_true", help="print the names of the cases and run none")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of everything random in the suite")
    parser.add_argument("--repeat", type=options.positive, default=1, metavar="N", help="boot and run N times")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write JUnit XML")
    parser.add_argument("--icount", action="store_true", help="repeatable time: the guest's clock counts instructions")
    parser.add_argument("--skip-panics", action="store_true",
                        help="leave out the cases that have to panic: each takes a boot of its own")
    parser.add_argument("--timeout", type=options.seconds, default=DEFAULT_TIMEOUT, metavar="SECONDS",
                        help="limit of each boot (default: %(default)g)")
    parser.add_argument("--verbose", action="store_true", help="print the whole console")
    parser.set_defaults(call=test)


@dataclass(frozen=True)
class How:
    """How the suite is run on each machine. `panic_boots` is how many boots of panic cases run side by side."""
    seconds: float
    repeat: int
    panics: bool
    verbose: bool
    panic_boots: int


@dataclass
class MachineResult:
    """What the boots of one machine gave. `problems` are failures that belong to no case."""
    label: str
    cases: list[Case] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def count(self, outcome: str) -> int:
        return sum(case.result == outcome for case in self.cases)


def test(arguments: argparse.Namespace) -> int:
    machines = options.machines(arguments)
    runs = [_plan(arguments, machine) for machine in machines]
    boot.install(machines, direct=arguments.kernel, uefi=arguments.uefi)
    for machine in machines:
        boot.build_for(machine, ("test",))
    archive = boot.make_archive(arguments.files)
    runs = [replace(run, archive=archive) for run in runs]
    if arguments.list:
        return _list(runs[0])
    how = How(arguments.timeout, arguments.repeat, not arguments.skip_panics, arguments.verbose,
              panic_boots=_QEMUS // len(runs))
    results = run_all(runs, how)
    if arguments.report:
        junit.write(arguments.report, [(each.label, report_cases(each)) for each in results])
    return summarise(results)


def _plan(arguments: argparse.Namespace, machine: Machine) -> boot.Run:
    words = split_words(arguments.append)
    if arguments.filter:
        words.append(f"doctest.test-case={arguments.filter}")
    words.append(f"work_limit={max(int(arguments.timeout * 0.8), 1)}")  # before ours ends the run without the kernel's report
    if arguments.seed is not None:
        words += [f"seed={arguments.seed}", f"doctest.rand-seed={arguments.seed}"]
    return boot.Run(options.hardware(arguments, machine, icount=arguments.icount), "test", arguments.kernel, tuple(words))


def run_all(runs: list[boot.Run], how: How) -> list[MachineResult]:
    """Runs the suite on each of `runs`, the machines side by side."""
    with ThreadPoolExecutor(max_workers=_QEMUS) as pool:
        futures = [pool.submit(_machine, run, how) for run in runs]
        try:
            return [future.result() for future in futures]
        except BaseException:
            vm.live.end_all()
            raise


def _machine(run: boot.Run, how: How) -> MachineResult:
    gathered = MachineResult(run.label)
    for turn in range(1, how.repeat + 1):
        suffix = f" (run {turn} of {how.repeat})" if how.repeat > 1 else ""
        one = _once(run, how, f"{run.label}{suffix}")
        gathered.cases += one.cases
        gathered.problems += one.problems
    return gathered


def _once(run: boot.Run, how: How, label: str) -> MachineResult:
    log, reporter = TestLog(), _Reporter(label, how.verbose)
    say(f"{label}: booting the test suite")
    outcome = boot.boot(run, vm.Limits(how.seconds), on_line=lambda line: reporter.line(line, log.line(line)))
    reporter.case(log.end(outcome.failure or f"the machine ended inside this case with status {outcome.status}"))
    this = MachineResult(label, log.cases, log.verdict(outcome.status, outcome.failure))
    if log.done is None and not outcome.failure.startswith(vm.HUNG):
        this.problems.append("the last console lines:\n" + "\n".join(f"    {line}" for line in outcome.console[-vm.LAST_LINES:]))
    if how.panics:
        with ThreadPoolExecutor(max_workers=how.panic_boots) as pool:
            for case in pool.map(lambda expected: _panic(run, expected), log.panics):
                this.cases.append(case)
                reporter.case(case)
    reporter.end(this)
    return this


def _panic(run: boot.Run, expected: PanicCase) -> Case:
    """Boots the kernel for one case that has to panic; directly, whatever `run` does, as GRUB has no part in it."""
    words = tuple(word for word in run.words if not word.startswith(("doctest.test-case=", "work_limit=")))
    cpus = max(run.hardware.smp, _PANIC_CPUS)
    alone = replace(run, direct=True, hardware=replace(run.hardware, uefi=False, smp=cpus),
                    words=(*words, f"doctest.test-case={doctest_pattern(expected.name)}", "panic_case=1"))
    ended = boot.boot(alone, vm.Limits(_PANIC_SECONDS))
    return check_panic(expected, ended.console, ended.status, ended.failure)


class _Reporter:
    """Progress for people: a line when a suite is through, failures in full at once."""

    def __init__(self, label: str, verbose: bool) -> None:
        self._label, self._verbose = label, verbose
        self._suite = ""
        self._counts = {"pass": 0, "fail": 0, "skip": 0}

    def line(self, text: str, ended: Case | None) -> None:
        if self._verbose:
            result(f"{self._label}| {text}")
        self.case(ended)

    def case(self, ended: Case | None) -> None:
        if ended is None:
            return
        if ended.suite != self._suite:
            self._flush()
            self._suite = ended.suite
        self._counts[ended.result] += 1
        if ended.result == "fail":
            result(f"{self._label}: FAILED {ended.suite}: {ended.name}")
            for line in ended.detail:
                result(f"    {line}")

    def _flush(self) -> None:
        if any(self._counts.values()):
            failed = f", {self._counts['fail']} failed" if self._counts["fail"] else ""
            say(f"{self._label}: {self._suite or 'suite'}: {self._counts['pass']} passed{failed}")
        self._counts = {"pass": 0, "fail": 0, "skip": 0}

    def end(self, this: MachineResult) -> None:
        self._flush()
        say(f"{this.label}: {this.count('pass')} passed, {this.count('fail')} failed")
        for problem in this.problems:
            result(f"{this.label}: {problem}")


def report_cases(this: MachineResult) -> list[Case]:
    """The cases for a report; what went wrong outside any case is a failed case of its own."""
    return this.cases + [Case("machine", "the run comes to its end", "fail", detail=problem.splitlines())
                         for problem in this.problems[:1]]


def summarise(results: list[MachineResult]) -> int:
    """Prints the last line; the exit status is 0 only if cases ran and nothing at all failed."""
    passed = sum(each.count("pass") for each in results)
    failed = sum(each.count("fail") for each in results)
    # A run that broke off without a failed case must not read as a success.
    failed += sum(1 for each in results if each.problems and not each.count("fail"))
    ran = all(each.count("pass") + each.count("fail") for each in results)
    if not ran:
        say("no test case ran" + ("" if len(results) == 1 else " on at least one machine"))
    result(f"{passed} passed, {failed} failed")
    return 0 if ran and failed == 0 else 1


def _list(run: boot.Run) -> int:
    listing = replace(run, direct=True, words=(*run.words, "doctest.list-test-cases=1"))
    outcome = boot.boot(listing, vm.Limits(DEFAULT_TIMEOUT))
    names = _listed(outcome.console)
    if not names:
        raise HeddleError(f"the kernel listed no test cases; its console:\n{outcome.text}\n{outcome.failure}", status=1)
    for name in names:
        result(name)
    return 0


def _listed(console: list[str]) -> list[str]:
    """The names in doctest's listing: between its title line and its count, rules of `=` left out."""
    start = next((i for i, line in enumerate(console) if "listing all test case names" in line), None)
    names = []
    for line in console[start + 1:] if start is not None else []:
        if line.startswith("[doctest]"):
            break
        if line.strip("=").strip():
            names.append(line)
    return names
