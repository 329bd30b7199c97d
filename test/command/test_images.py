# SPDX-License-Identifier: BSD-2-Clause
"""What is booted and how: archive, grub.cfg, QEMU's line, bad input, consoles of hung machines."""

import context
import tarfile
import tempfile
import unittest
from pathlib import Path

from heddle import archive, badinput, iso, matrix, packages, qemu, symbols, vm
from heddle.cli import parser
from heddle.machines import AARCH64, AMD64, MACHINES
from heddle.qemu import DirectBoot, Hardware, IsoBoot


class Archive(unittest.TestCase):
    def test_same_files_same_bytes_and_ustar(self):
        with tempfile.TemporaryDirectory() as scratch:
            top = Path(scratch) / "files"
            (top / "b").mkdir(parents=True)
            (top / "b" / "x").write_text("x")
            (top / "a").write_text("a")
            first, second = Path(scratch) / "1.tar", Path(scratch) / "2.tar"
            self.assertEqual(archive.write(top, first), 2)
            (top / "a").touch()
            archive.write(top, second)
            self.assertEqual(first.read_bytes(), second.read_bytes())
            self.assertEqual(first.read_bytes()[257:265], b"ustar\x0000")
            with tarfile.open(first) as made:
                self.assertEqual(made.getnames(), ["a", "b", "b/x"])

    def test_bad_members_have_good_checksums(self):
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "bad.tar"
            path.write_bytes(badinput.member(b"../secret") + badinput.END)
            with tarfile.open(path) as made:
                self.assertEqual(made.getnames(), ["../secret"])


class Menu(unittest.TestCase):
    def test_every_blank_is_filled(self):
        for machine in MACHINES:
            text = iso.grub_cfg(iso.Recipe(machine, Path("archive.tar"), "test", ("a=1", "b=x y"), wait=5))
            self.assertIn("set default=1\nset timeout=5\n", text)
            self.assertEqual(text.count("'a=1' 'b=x y'"), 3)
            self.assertNotIn("$words", text)


class Line(unittest.TestCase):
    def test_icount_is_single_threaded(self):
        line = qemu.command(Hardware(AMD64, smp=2, icount=True), DirectBoot(Path("k"), ("a=x y",)))
        self.assertEqual(line[line.index("-accel") + 1], "tcg")
        self.assertEqual(line[line.index("-append") + 1], 'a="x y"')
        self.assertIn("shift=0,sleep=off", line)

    def test_several_cpus_run_in_parallel(self):
        line = qemu.command(Hardware(AARCH64, smp=4, acpi=False, virtualization=True, gic=2), DirectBoot(Path("k"), ()))
        self.assertEqual(line[line.index("-accel") + 1], "tcg,thread=multi")
        self.assertEqual(line[line.index("-machine") + 1], "virt,gic-version=2,acpi=off,virtualization=on")

    def test_bios_takes_no_firmware(self):
        self.assertNotIn("pflash", " ".join(qemu.command(Hardware(AMD64), IsoBoot(Path("x.iso")))))


class Console(unittest.TestCase):
    def test_control_sequences_go(self):
        self.assertEqual(vm.plain("\x1b[2J\x1b[01;01H\x1b[=3hHello\x1b[0m\r"), "Hello")

    def test_program_counters(self):
        self.assertEqual(symbols.program_counters("CPU#0\nRAX=1 RIP=ffffffff80001000 RFL=2\nCPU#1\nRIP=0000000000000010", "RIP"),
                         [0xffffffff80001000, 0x10])
        self.assertEqual(symbols.program_counters(" PC=ffffffff80001000 X00=0", "PC"), [0xffffffff80001000])


class Slide(unittest.TestCase):
    HEAD = bytes(range(32))
    BASE = 0xffffe00012400000

    def test_the_image_is_found_below_a_program_counter(self):
        names = symbols.Symbols(None)
        names._base, names._head = 0xffffffff80000000, self.HEAD
        names._starts, names._names = [0xffffffff80001000], ["boot"]
        names.find_slide([0x10000, self.BASE + 0x201010],
                         lambda address, size: self.HEAD[:size] if address == self.BASE else b"")
        self.assertEqual(names.slide, self.BASE - 0xffffffff80000000)
        self.assertEqual(names.name(self.BASE + 0x1010), "boot+0x10")

    def test_memory_as_the_monitor_shows_it(self):
        self.assertEqual(symbols.memory_words("ffffe00012400000: 0x03020100 0x07060504\r\nffffe00012400008: 0x0b0a0908\r\n"),
                         bytes(range(12)))
        self.assertEqual(symbols.memory_words("Cannot access memory\r\n"), b"")


class Rows(unittest.TestCase):
    def test_every_row_is_a_command_line_of_ours(self):
        for row in matrix.ROWS + matrix.FULL_ONLY:
            for words in (row.reduced, row.full):
                parser().parse_args(words)

    def test_names_are_unique(self):
        names = [row.name for row in matrix.ROWS + matrix.FULL_ONLY]
        self.assertEqual(len(names), len(set(names)))


class Packages(unittest.TestCase):
    def test_lists_are_stale_when_missing_or_old(self):
        with tempfile.TemporaryDirectory() as scratch:
            lists = Path(scratch)
            self.assertTrue(packages.lists_are_stale(lists))
            file = lists / "mirror_main_binary-amd64_Packages.lz4"
            file.touch()
            made = file.stat().st_mtime
            self.assertFalse(packages.lists_are_stale(lists, made + 3600))
            self.assertTrue(packages.lists_are_stale(lists, made + 3 * 24 * 3600))

    def test_every_package_says_why(self):
        self.assertTrue(all(package.why for package in packages.everything()))


class Tree(unittest.TestCase):
    def test_only_the_standard_library(self):
        import ast
        import sys
        for path in (context.ROOT / "tools/heddle").glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [each.name for each in node.names] if isinstance(node, ast.Import) else \
                    [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
                for name in names:
                    self.assertIn(name.split(".")[0], sys.stdlib_module_names, path)


class BadInput(unittest.TestCase):
    BAD = badinput.BadInput("x", "archive.*twice")

    def test_a_message_and_a_defined_end(self):
        self.assertEqual(badinput.judge(self.BAD, vm.Outcome(["boot archive: 'twice' again"], 63)), "")

    def test_less_is_a_failure(self):
        good = ["boot archive: 'twice' again"]
        for outcome in (vm.Outcome(good, 0), vm.Outcome(["panic"], 63), vm.Outcome(good, None, "machine failure: hang")):
            self.assertTrue(badinput.judge(self.BAD, outcome))

    def test_a_warning_only_lets_the_run_go_on(self):
        warned = badinput.BadInput("x", "exti", end="well")
        self.assertEqual(badinput.judge(warned, vm.Outcome(["unknown option exti"], 0)), "")
        self.assertTrue(badinput.judge(warned, vm.Outcome(["unknown option exti"], 63)))
