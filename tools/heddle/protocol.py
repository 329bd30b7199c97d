# SPDX-License-Identifier: BSD-2-Clause
"""The lines by which a test or benchmark kernel reports on its console; each starts at the first column.

    #test begin <suite>|<case>
    #test end <pass|fail|skip> <assertions> <nanoseconds>|<case>
    #test panic <case>|<expected message>[|<text> …]   a case that has to be run in a boot of its own, and panic there;
                                               each text has to stand in the report as well
    #test done <passed> <failed> <skipped>     the last one; without it the run did not come to its end
    #bench <name> <figure>                     `#bench done` is the last one
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass
class Case:
    """One test case and what became of it. `result` is pass, fail or skip; `detail` is the console text of a failure."""
    suite: str
    name: str
    result: str = ""
    assertions: int = 0
    nanoseconds: int = 0
    detail: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class PanicCase:
    name: str
    message: str


class TestLog:
    """Reads the console of a test kernel line by line."""
    __test__ = False

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.panics: list[PanicCase] = []
        self.done: tuple[int, int, int] | None = None
        self.problems: list[str] = []   # breaches of the protocol
        self._open: Case | None = None

    def line(self, text: str) -> Case | None:
        """Takes one line; returns the case that it ended, if any."""
        if not text.startswith("#test "):
            if self._open is not None:
                self._open.detail.append(text)
            return None
        verb, _, rest = text[len("#test "):].partition(" ")
        if verb == "begin":
            suite, bar, name = rest.partition("|")
            return self._begin(suite, name) if bar else self._problem(text)
        if verb == "end":
            return self._end(rest, text)
        if verb == "panic":
            name, bar, message = rest.partition("|")
            if not bar or not message.strip():
                return self._problem(text)
            self.panics.append(PanicCase(name, message))
            return None
        if verb == "done" and (counts := re.fullmatch(r"(\d+) (\d+) (\d+)", rest.strip())):
            self.done = (int(counts[1]), int(counts[2]), int(counts[3]))
            return None
        return self._problem(text)

    def _begin(self, suite: str, name: str) -> None:
        if self._open is not None:
            self._close_unfinished(f"the next case began before the end of '{self._open.name}'")
        self._open = Case(suite, name)

    def _end(self, rest: str, text: str) -> Case | None:
        match = re.fullmatch(r"(pass|fail|skip) (\d+) (\d+)\|(.*)", rest)
        if match is None:
            return self._problem(text)
        name = match[4]
        case = self._open if self._open is not None and self._open.name == name else Case("", name)
        case.result, case.assertions, case.nanoseconds = match[1], int(match[2]), int(match[3])
        if case is self._open:
            self._open = None
        elif case.result != "skip":
            self.problems.append(f"'{name}' ended without having begun")
        self.cases.append(case)
        return case

    def _problem(self, text: str) -> None:
        self.problems.append(f"cannot be read: {text}")

    def _close_unfinished(self, why: str) -> Case | None:
        case, self._open = self._open, None
        if case is not None:
            case.result = "fail"
            case.detail.append(why)
            self.cases.append(case)
        return case

    def end(self, why: str) -> Case | None:
        """The console is closed: a case that is still open has failed; `why` says what became of the machine."""
        return self._close_unfinished(why)

    def count(self, result: str) -> int:
        return sum(case.result == result for case in self.cases)

    def verdict(self, status: int | None, failure: str) -> list[str]:
        """Everything that keeps the run from being good, apart from failed cases themselves; empty if nothing does."""
        reasons = list(self.problems)
        if failure:
            reasons.append(failure)
        if self.done is None:
            reasons.append("the suite did not come to its end (no '#test done' line)")
        elif self.done != (counted := (self.count("pass"), self.count("fail"), self.count("skip"))):
            reasons.append(f"the kernel counted {self.done} passed, failed and skipped; its lines say {counted}")
        if self.done is not None and status is not None and (status == 0) != (self.done[1] == 0):
            reasons.append(f"the exit status is {status} with {self.done[1]} failed cases")
        return reasons


def check_panic(expected: PanicCase, console: list[str], status: int | None, failure: str) -> Case:
    """The result of a panic case's own boot: it must have panicked with the message, and ended with status 63."""
    case = Case("panic", expected.name, "pass", 1)
    message, *texts = expected.message.split("|")
    panics = [line.split("panic: ", 1)[1] for line in console if "panic: " in line]
    if not any(message in line for line in panics):
        case.detail.append(f"expected a panic with '{message}', got: {panics or 'no panic'}")
    first = next((i for i, line in enumerate(console) if "panic: " in line), len(console))
    case.detail += [f"the report does not say '{text}'" for text in texts if not any(text in line for line in console[first:])]
    if failure:
        case.detail.append(failure)
    elif status != 63:
        case.detail.append(f"expected the status 63 of a panic, got {status}")
    if case.detail:
        case.result = "fail"
        case.detail += ["the console of this boot:", *console[-40:]]
    return case


def bench_figures(console: list[str]) -> tuple[dict[str, int], bool]:
    """The figures of a benchmark run, and whether it came to its end."""
    figures: dict[str, int] = {}
    for line in console:
        if match := re.fullmatch(r"#bench ([a-z0-9_]+) (\d+)", line.strip()):
            figures[match[1]] = int(match[2])
    return figures, "#bench done" in (line.strip() for line in console)


def between(console: list[str], first: str, last: str) -> list[str] | None:
    """The lines between two marker lines, or None if they are not both there."""
    try:
        start = console.index(first)
        return console[start + 1:console.index(last, start)]
    except ValueError:
        return None
