// SPDX-License-Identifier: BSD-2-Clause
// What CPUs cost each other: calls, quiescent points, read sections, a frame's way through limbo.
#include "bench/benchmark.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/cpu/quiescence.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/limbo.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/sync/read_section.hpp"

namespace heddle::bench {
namespace {

using namespace core;

/// From post() to done(), through the interrupt. With several CPUs to the last one, which sleeps; else to the
/// own one.
Result<std::uint64_t> cross_call_round_trip() {
    CpuId target;
    for (const CpuId cpu : cpu::online()) {
        target = cpu;
    }
    cpu::CrossCall call{[](void*) {}, nullptr};
    return instructions_per_call(
        [&] {
            cpu::post(target, call);
            while (!call.done()) {
                machine::pause();
            }
        },
        256);
}

/// A quiescent point when nothing is pending: what a switch or a return to user mode pays for limbo.
Result<std::uint64_t> quiesce_unchanged() {
    const sync::InterruptsOff off;
    cpu::quiesce();
    return instructions_per_call([] { cpu::quiesce(); });
}

Result<std::uint64_t> read_section() {
    return instructions_per_call([] { const sync::ReadSection section; });
}

/// A frame out of a mapping and back into it at once, as a stack's page that is needed again.
Result<std::uint64_t> limbo_retire_reinstate() {
    const Frame frame = TRY(memory::frames().allocate());
    constexpr memory::LimboOwner owner{.owner = 1, .unit = 0};
    const sync::InterruptsOff off;
    std::uint64_t lost = 0;
    const std::uint64_t figure = instructions_per_call([&] {
        memory::retire_frame(frame, owner);
        lost += memory::reinstate_frame(frame, owner) ? 0 : 1;
    });
    memory::retire_frame(frame, owner);
    return lost == 0 ? Result<std::uint64_t>{figure} : fail(Error::io_error);
}

HEDDLE_BENCHMARK(cross_call_benchmark){"cross_call_round_trip", cross_call_round_trip};
HEDDLE_BENCHMARK(quiesce_benchmark){"quiesce_unchanged", quiesce_unchanged};
HEDDLE_BENCHMARK(read_section_benchmark){"read_section", read_section};
HEDDLE_BENCHMARK(limbo_benchmark){"limbo_retire_reinstate", limbo_retire_reinstate};

} // namespace
} // namespace heddle::bench
