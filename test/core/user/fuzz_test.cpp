// SPDX-License-Identifier: BSD-2-Clause
// ENT-10: programs of garbage, with registers of garbage, on all CPUs at once. The kernel has to stay up with
// every register of its own as it was.
#include "core/boot/command_line.hpp"
#include "core/memory/image.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/time/monotonic.hpp"
#include "core/user/copy.hpp"
#include "test/core/user/fuzzer.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/every_cpu.hpp"
#include "test/floor/floor.hpp"
#include "test/floor/live_counters.hpp"

#include <doctest/doctest.h>
#include <memory>
#include <vector>

namespace heddle::test {
namespace {

HEDDLE_OPTION(fuzz_option){"fuzz",
                           "NUMBER: entries of user mode with garbage, on all CPUs together (ENT-10)"};

/// What the suite takes; the row of `./heddle soak` asks for a million.
constexpr std::uint64_t default_entries = 10'000;

/// Over what no CPU may write: instructions and constants.
std::uint64_t image_checksum() {
    std::uint64_t sum = 0;
    for (const auto part : {core::memory::image_text(), core::memory::image_rodata()}) {
        for (VirtAddr at = part.begin; at < part.end; at = at + 8) {
            sum = (sum ^ *at.as<const std::uint64_t>()) * 0x100'0000'01b3;
        }
    }
    return sum;
}

TEST_SUITE_BEGIN("core/user: fuzz");

TEST_CASE("ENT-10 programs and registers of garbage, on all CPUs at once, leave the kernel as it was") {
    const std::uint64_t entries = env().command_line().number("fuzz").value_or(default_entries);
    const std::uint64_t seed_of_case = random().next();
    const std::uint64_t image = image_checksum();
    const LiveCounters counters;
    {
        const FuzzHandlers handlers;
        std::vector<std::unique_ptr<Fuzzer>> fuzzers(CpuId::limit);
        for (const CpuId cpu : core::cpu::online()) {
            fuzzers[cpu.value] = std::make_unique<Fuzzer>(cpu, seed_of_case);
        }
        const std::uint64_t share = (entries + core::cpu::online_count() - 1) / core::cpu::online_count();
        const std::uint64_t simd = lock_simd();
        const bool all = on_every_cpu([&] {
            const CpuId cpu = core::cpu::current().id;
            fuzzers[cpu.value]->run(share);
        });
        const std::uint64_t simd_after = unlock_simd();
        CHECK(all);
        CHECK(simd_after == simd);
        FuzzCounts total;
        for (const CpuId cpu : core::cpu::online()) {
            const Fuzzer& fuzzer = *fuzzers[cpu.value];
            INFO("CPU ", cpu.value, " after ", fuzzer.counts().entries,
                 " entries: ", std::string{fuzzer.damage()}, " was ", fuzzer.value_before(), ", is ",
                 fuzzer.value_after());
            const bool damaged = !fuzzer.damage().empty();
            CHECK_FALSE(damaged);
            total += fuzzer.counts();
        }
        // The fuzzer reaches what it is about.
        CHECK(total.entries >= entries);
        CHECK(total.exceptions > entries / 2);
        CHECK(total.system_calls > entries / 500);
        CHECK(total.deadlines > 0);
        CHECK(total.copies_done > 0);
        CHECK(total.copies_faulted > 0);
        MESSAGE(total.entries, " entries, ", total.system_calls, " system calls, ", total.exceptions,
                " exceptions, ", total.deadlines, " loops ended");
    }
    CHECK(image_checksum() == image);
    const bool at_baseline = !counters.difference();
    CHECK(at_baseline);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
