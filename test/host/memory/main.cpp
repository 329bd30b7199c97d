// SPDX-License-Identifier: BSD-2-Clause
// A host process as the machine that core/memory runs on: 20 GiB of address space as physical memory, 64 MiB
// of it the kernel's; a panic is an exception, so that a test can want one.
#define DOCTEST_CONFIG_IMPLEMENT
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/memory/arena.hpp"
#include "core/memory/counters.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/shootdown.hpp"
#include "core/panic.hpp"
#include "core/symbols/symbols.hpp"
#include "core/sync/lock_order.hpp"
#include "test/host/memory/host.hpp"

#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>

namespace heddle::core {

void detail::panic(const machine::TrapFrame*, std::uint64_t, std::string_view format,
                   std::span<const heddle::detail::FormatArgument> arguments) {
    char text[256];
    BufferWriter writer{text};
    heddle::detail::format_arguments(writer, format, arguments);
    throw test::Panic{std::string{writer.text()}};
}

void detail::assertion_failed(const char* expression, std::source_location where) {
    throw test::Panic{std::string{"assertion failed: "} + expression + " in " + where.function_name()};
}

} // namespace heddle::core

namespace heddle::core::cpu {

/// The calling thread is the only CPU online.
void call(CpuSet targets, void (*function)(void*), void* argument) {
    if (targets.contains(current().id)) {
        function(argument);
    }
}

} // namespace heddle::core::cpu

namespace heddle::core::memory {

/// No CPU of the host has a translation.
void shoot_down(VirtAddr, std::uint64_t) {}

} // namespace heddle::core::memory

namespace heddle::core::symbols {

void write_address(Writer& writer, VirtAddr address) {
    format_to(writer, "{}", address);
}

} // namespace heddle::core::symbols

namespace heddle::test {

namespace {

Random the_random{1};

void bring_up() {
    using namespace core::memory;
    machine::set_cpu_pointer(VirtAddr::of(&core::cpu::local(CpuId{0})).value);
    void* const wanted = direct_map_base.as();
    if (mmap(wanted, host_memory, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) != wanted) {
        std::perror("mmap of the direct map");
        std::exit(2);
    }
    const core::boot::MemoryRegion regions[]{
        {PhysAddr{0}, 0x9'fc00, core::boot::MemoryKind::usable},
        {PhysAddr{0x10'0000}, 0x3f0'0000, core::boot::MemoryKind::usable},
    };
    MemoryMap map{regions};
    const PhysRange tables{PhysAddr{0x20'0000}, PhysAddr{0x22'0000}};
    bool up = kernel_map().create(tables).has_value();
    up = up &&
         kernel_map().map(to_virtual(PhysAddr{0}), PhysAddr{0}, 64_MiB, {Access::read_write}).has_value();
    const PhysRange used = kernel_map().use_frames();
    up = up && map.reserve(used.begin, used.size()).has_value();
    up = up && frames().initialise(map).has_value();
    up = up && arena().initialise(arena_base, arena_size).has_value();
    if (!up) {
        std::puts("core/memory does not come up on the host");
        std::exit(2);
    }
}

/// Around every case: the counters return to their baseline, no lock is held, interrupts are on.
struct Baseline final : doctest::IReporter {
    explicit Baseline(const doctest::ContextOptions&) {}

    void report_query(const doctest::QueryData&) override {}

    void test_run_start() override {}

    void test_run_end(const doctest::TestRunStats&) override {}

    void test_case_start(const doctest::TestCaseData&) override { begin(); }

    void test_case_reenter(const doctest::TestCaseData&) override {
        compare();
        begin();
    }

    void test_case_end(const doctest::CurrentTestCaseStats&) override { compare(); }

    void test_case_exception(const doctest::TestCaseException&) override {}

    void subcase_start(const doctest::SubcaseSignature&) override {}

    void subcase_end() override {}

    void log_assert(const doctest::AssertData&) override {}

    void log_message(const doctest::MessageData&) override {}

    void test_case_skipped(const doctest::TestCaseData&) override {}

    void begin() {
        the_random = Random{1};
        snapshot_ = core::memory::counters::snapshot();
    }

    void compare() {
        const auto difference = core::memory::counters::first_difference(snapshot_);
        if (difference || !machine::interrupts_enabled()) {
            std::printf("a case left something behind: %.*s, %llu before, %llu now\n",
                        difference ? static_cast<int>(difference->name.size()) : 0,
                        difference ? difference->name.data() : "",
                        static_cast<unsigned long long>(difference ? difference->before : 0),
                        static_cast<unsigned long long>(difference ? difference->now : 0));
            std::abort();
        }
    }

    core::memory::counters::Snapshot snapshot_;
};

DOCTEST_REGISTER_LISTENER("baseline", 1, Baseline);

} // namespace

Random& random() {
    return the_random;
}

} // namespace heddle::test

int main(int argc, char** argv) {
    heddle::test::bring_up();
    return doctest::Context{argc, argv}.run();
}
