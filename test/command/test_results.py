# SPDX-License-Identifier: BSD-2-Clause
"""What comes out at the end: JUnit, counts, exit statuses, benchmark verdicts."""

import context  # noqa: F401
import contextlib
import io
import struct
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

from heddle import bench, junit, soak
from heddle.host_tests import doctest_counts
from heddle.protocol import Case
from heddle.testing import MachineResult, _listed, summarise


def verdict(*results):
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(io.StringIO()):
        status = summarise(list(results))
    return status, text.getvalue().splitlines()[-1]


PASS, FAIL, SKIP = (Case("s", "c", result) for result in ("pass", "fail", "skip"))


class Summary(unittest.TestCase):
    def test_both_machines_are_summed(self):
        self.assertEqual(verdict(MachineResult("a", [PASS, PASS]), MachineResult("b", [PASS])), (0, "3 passed, 0 failed"))

    def test_a_failure_fails(self):
        self.assertEqual(verdict(MachineResult("a", [PASS, FAIL])), (1, "1 passed, 1 failed"))

    def test_a_machine_without_cases_fails(self):
        self.assertEqual(verdict(MachineResult("a", [PASS]), MachineResult("b", [SKIP]))[0], 1)

    def test_a_broken_run_counts_as_failed(self):
        self.assertEqual(verdict(MachineResult("a", [PASS], ["no end"])), (1, "1 passed, 1 failed"))


class Report(unittest.TestCase):
    def test_machines_suites_and_full_names(self):
        failed = Case("core/frames", 'a < b & "c" \x1b', "fail", 2, 5_000_000, ["x.cpp:3", "1 == 2"])
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "deep" / "report.xml"
            junit.write(path, [("amd64 iso", [PASS, failed]), ("aarch64 iso", [SKIP])])
            top = xml.parse(path).getroot()
        self.assertEqual([suite.get("name") for suite in top],
                         ["amd64 iso: s", "amd64 iso: core/frames", "aarch64 iso: s"])
        case = top[1][0]
        self.assertEqual(case.get("name"), 'a < b & "c" ?')
        self.assertEqual(case[0].text, "x.cpp:3\n1 == 2")
        self.assertEqual((top[1].get("failures"), top[2].get("skipped")), ("1", "1"))


class Benchmarks(unittest.TestCase):
    def test_one_percent(self):
        baseline = {"amd64": {"slab": 1000}}
        self.assertEqual(bench.compare({"amd64": {"slab": 1010}}, baseline), [])
        self.assertEqual(len(bench.compare({"amd64": {"slab": 1011}}, baseline)), 1)

    def test_missing_names_and_missing_baselines_fail(self):
        self.assertEqual(len(bench.compare({"amd64": {"new": 1}}, {"amd64": {"old": 1}})), 2)

    def test_limits(self):
        figures = {"amd64": {"loaded_bytes": 200 * 1024 + 1}}
        self.assertEqual(len(bench.compare(figures, figures)), 1)

    def test_loaded_bytes_is_the_sum_of_the_loaded_segments(self):
        def segment(kind, size):
            return struct.pack("<IIQQQQQQ", kind, 4, 0, 0, 0, size, size * 2, 4096)
        header = struct.pack("<4sBB10xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 3, 62, 1, 0, 64, 0, 0, 64, 56, 3, 0, 0, 0)
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "elf"
            path.write_bytes(header + segment(1, 1000) + segment(4, 5000) + segment(1, 24))
            self.assertEqual(bench.loaded_bytes(path), 1024)


class Counts(unittest.TestCase):
    def test_the_last_count_is_taken(self):
        self.assertEqual(soak.last_count(["1 passed, 0 failed\n", "7 passed, 2 failed\n", "bye\n"]), (7, 2))
        self.assertEqual(soak.last_count(["nothing"]), (0, 0))

    def test_doctest_summary(self):
        text = "[doctest] test cases:  12 |  11 passed | 1 failed | 0 skipped\n"
        self.assertEqual(doctest_counts(text), (11, 1))

    def test_doctest_listing(self):
        console = ["boot", "[doctest] listing all test case names", "=====", "case one", "case = two", "=====",
                   "[doctest] unskipped test cases passing the current filters: 2"]
        self.assertEqual(_listed(console), ["case one", "case = two"])
