# SPDX-License-Identifier: BSD-2-Clause
"""The lines of a test kernel, good and broken."""

import context  # noqa: F401
import unittest

from heddle.protocol import PanicCase, TestLog, bench_figures, between, check_panic


def read(*lines):
    log = TestLog()
    for line in lines:
        log.line(line)
    return log


GOOD = ("#test begin core/frames|FRM-01 alloc | free", "#test end pass 3 1500|FRM-01 alloc | free")


class Lines(unittest.TestCase):
    def test_a_passed_case(self):
        log = read("noise", *GOOD, "#test done 1 0 0")
        case = log.cases[0]
        self.assertEqual((case.suite, case.name, case.result, case.assertions, case.nanoseconds),
                         ("core/frames", "FRM-01 alloc | free", "pass", 3, 1500))
        self.assertEqual(log.verdict(0, ""), [])

    def test_a_failure_keeps_the_console_between_its_lines(self):
        log = read("before", "#test begin s|c", "x.cpp:1: ERROR", "  values: 1 == 2", "#test end fail 1 9|c", "after",
                   "#test done 0 1 0")
        self.assertEqual(log.cases[0].detail, ["x.cpp:1: ERROR", "  values: 1 == 2"])
        self.assertEqual(log.verdict(1, ""), [])

    def test_a_marker_inside_a_line_is_text(self):
        self.assertEqual(read(" #test done 1 0 0").done, None)

    def test_a_skip_needs_no_begin(self):
        log = read("#test end skip 0 0|c", "#test done 0 0 1")
        self.assertEqual((log.count("skip"), log.verdict(0, "")), (1, []))


class Verdicts(unittest.TestCase):
    def test_no_done_line_is_bad(self):
        self.assertTrue(read(*GOOD).verdict(0, ""))

    def test_counts_must_agree(self):
        self.assertTrue(read(*GOOD, "#test done 2 0 0").verdict(0, ""))

    def test_status_must_agree(self):
        self.assertTrue(read(*GOOD, "#test done 1 0 0").verdict(1, ""))
        failed = read("#test begin s|c", "#test end fail 1 1|c", "#test done 0 1 0")
        self.assertTrue(failed.verdict(0, ""))

    def test_a_failed_machine_is_bad(self):
        self.assertEqual(read(*GOOD, "#test done 1 0 0").verdict(None, "machine failure: x"), ["machine failure: x"])

    def test_an_open_case_fails_when_the_machine_is_gone(self):
        log = read("#test begin s|c", "last words")
        case = log.end("the machine ended")
        self.assertEqual((case.name, case.result, case.detail), ("c", "fail", ["last words", "the machine ended"]))

    def test_a_line_that_cannot_be_read_is_bad(self):
        for line in ("#test begin nobar", "#test end maybe 1 1|c", "#test done 1 0", "#test panic c|", "#test what"):
            with self.subTest(line):
                self.assertTrue(read(*GOOD, line, "#test done 1 0 0").problems)

    def test_an_end_without_a_begin_is_bad(self):
        self.assertTrue(read("#test end pass 1 1|c", "#test done 1 0 0").problems)


class Panics(unittest.TestCase):
    EXPECTED = PanicCase("c", "lock order")

    def test_the_list(self):
        self.assertEqual(read("#test panic c|lock order").panics, [self.EXPECTED])

    def test_the_right_panic_passes(self):
        self.assertEqual(check_panic(self.EXPECTED, ["[0.1] panic: lock order inverted"], 63, "").result, "pass")

    def test_further_texts_have_to_stand_in_the_report(self):
        expected = PanicCase("c", "hung|CPU 1, backtrace:|held by")
        console = ["held by", "panic: CPU 1 has hung", "CPU 1, backtrace:", "  waits, held by CPU 2"]
        self.assertEqual(check_panic(expected, console, 63, "").result, "pass")
        self.assertIn("'held by'", check_panic(expected, console[:3], 63, "").detail[0])

    def test_everything_else_fails(self):
        good = ["panic: lock order inverted"]
        for console, status, failure in ((["panic: other"], 63, ""), (["lock order"], 63, ""), (good, 0, ""),
                                         (good, None, "machine failure: no end")):
            self.assertEqual(check_panic(self.EXPECTED, console, status, failure).result, "fail")


class Others(unittest.TestCase):
    def test_bench_lines(self):
        self.assertEqual(bench_figures(["x", "#bench boot_to_appliance 812345", "#bench done"]),
                         ({"boot_to_appliance": 812345}, True))
        self.assertEqual(bench_figures(["#bench a 1"]), ({"a": 1}, False))

    def test_between(self):
        self.assertEqual(between(["x", "#b", "1", "2", "#e", "y"], "#b", "#e"), ["1", "2"])
        self.assertIsNone(between(["#e", "#b"], "#b", "#e"))
