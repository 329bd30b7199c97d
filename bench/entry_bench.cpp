// SPDX-License-Identifier: BSD-2-Clause
// What the ways into the kernel and out of it cost with handlers that do nothing: a system call from the
// program's instruction to its next one, an interrupt of kernel code likewise.
#include "bench/benchmark.hpp"
#include "bench/entry.hpp"
#include "core/machine/user.hpp"
#include "core/memory/layout.hpp"
#include "core/user/entry.hpp"
#include "core/user/user_space.hpp"

#include <cstring>

namespace heddle::bench {
namespace {

constexpr std::uint64_t repetitions = 4096;
constexpr VirtAddr programs{0x40'0000};

constinit core::user::UserSpace* space = nullptr;

Result<void> start(core::component::Wiring& wiring) {
    space = &wiring.get<core::user::UserSpace>();
    return {};
}

/// The programs in a page of user memory.
Result<void> map_programs() {
    TRY(space->map(programs, page_size, core::user::Access::read_execute));
    const auto place = TRY(space->translate(programs));
    std::memcpy(core::memory::to_virtual(place.address).as<char>(), heddle_bench_programs,
                static_cast<std::size_t>(heddle_bench_programs_end - heddle_bench_programs));
    machine::synchronise_instructions(programs, page_size);
    return {};
}

/// A program ends its run by an exception.
constexpr core::user::Handlers null_handlers{.system_call = [](machine::TrapFrame&) {},
                                             .exception = [](machine::TrapFrame&) { machine::leave_user(); },
                                             .work = [](machine::TrapFrame&, std::uint32_t) {}};

/// From before enter_user() to after it.
std::uint64_t cycles_of(const char* program, std::uint64_t count) {
    auto frame = machine::user_frame(programs + static_cast<std::uint64_t>(program - heddle_bench_programs),
                                     programs, count);
    const std::uint64_t begin = machine::cycle_count();
    machine::enter_user(frame);
    return machine::cycle_count() - begin;
}

/// User to user, without the program's loop.
Result<std::uint64_t> null_syscall() {
    TRY(map_programs());
    const core::user::Handlers* const before = core::user::set_handlers(&null_handlers);
    cycles_of(heddle_bench_program_calls, 64); // warms up
    const std::uint64_t with = cycles_of(heddle_bench_program_calls, repetitions);
    const std::uint64_t without = cycles_of(heddle_bench_program_nothing, repetitions);
    core::user::set_handlers(before);
    TRY(space->unmap(programs, page_size));
    return (with - without) * machine::instructions_per_cycle_count / repetitions;
}

/// From kernel mode.
Result<std::uint64_t> interrupt_entry_exit() {
    connect_interrupt();
    const std::uint64_t figure = instructions_per_call(take_interrupt, repetitions);
    disconnect_interrupt();
    return figure;
}

HEDDLE_COMPONENT(entry_bench){
    .name = "entry-bench",
    .provides = {},
    .needs = core::component::interfaces<core::user::UserSpace>,
    .start = start,
};

HEDDLE_BENCHMARK(system_call){"null_syscall", null_syscall};
HEDDLE_BENCHMARK(interrupt){"interrupt_entry_exit", interrupt_entry_exit};

} // namespace
} // namespace heddle::bench
