// SPDX-License-Identifier: BSD-2-Clause
// Copies while other CPUs take the memory away or interrupt them.
#include "core/cpu/cross_call.hpp"
#include "core/machine/probe.hpp"
#include "core/memory/layout.hpp"
#include "core/user/copy.hpp"
#include "machine/cpu.hpp"
#include "test/floor/every_cpu.hpp"
#include "test/floor/floor.hpp"
#include "test/user/program.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using namespace core::user;

constexpr VirtAddr stays{0x3000'0000};
constexpr VirtAddr goes = stays + page_size;
constexpr std::size_t both = 2 * page_size;
constexpr std::uint8_t mark = 0xc3;

constinit std::array<std::array<std::uint8_t, both>, CpuId::limit> buffers{};

/// What a copying CPU saw.
struct Seen {
    std::atomic<unsigned> whole{0};
    std::atomic<unsigned> cut{0};
    std::atomic<unsigned> wrong{0};

    void note(CopyResult result) {
        if (!result.faulted && result.done == both) {
            ++whole;
        } else if (result.faulted && result.done >= page_size && result.done < both) {
            ++cut;
        } else {
            ++wrong;
        }
    }
};

TEST_SUITE_BEGIN("core/user: copies");

TEST_CASE("ENT-08 copies on all CPUs while one unmaps the page: whole or cut short, and never to a freed "
          "frame") {
    if (!have_cpus(2)) {
        return;
    }
    const UserMemory first{stays, page_size, Access::read_write};
    const CpuId self = core::cpu::current().id;
    std::atomic<bool> stop{false};
    Seen seen;
    unsigned spoilt = 0;
    unsigned refused = 0;
    unsigned rounds = 0;
    const bool all = on_every_cpu([&] {
        const CpuId cpu = core::cpu::current().id;
        if (cpu != self) {
            auto& buffer = buffers[cpu.value];
            buffer.fill(mark);
            while (!stop) {
                seen.note(copy_to_user(stays, buffer.data(), both));
                seen.note(copy_from_user(buffer.data(), stays, both));
                seen.note(clear_user(stays, both));
                machine::pause(); // under `-icount` CPUs take turns, and this ends one
            }
            return;
        }
        // Each round takes a turn of every CPU, which a busy host lets wait for each other.
        const Nanoseconds end = core::time::now() + 3_s;
        for (; rounds < 300 && (rounds < 10 || core::time::now() < end); ++rounds) {
            refused += user_space().map(goes, page_size, Access::read_write) ? 0 : 1;
            const unsigned before = seen.whole;
            eventually([&] { return seen.whole > before; });
            refused += user_space().unmap(goes, page_size) ? 0 : 1;
            // The frame that was freed last is the one that is had next; nobody may write to it any more.
            const auto frame = core::memory::frames().allocate();
            if (frame) {
                auto* const bytes = core::memory::to_virtual(frame->address()).as<std::uint8_t>();
                std::memset(bytes, 0x5a, page_size);
                const unsigned cuts = seen.cut;
                eventually([&] { return seen.cut > cuts; });
                spoilt +=
                    std::all_of(bytes, bytes + page_size, [](std::uint8_t b) { return b == 0x5a; }) ? 0 : 1;
                core::memory::frames().free(*frame);
            }
        }
        stop = true;
    });
    CHECK(all);
    CHECK(refused == 0);
    CHECK(spoilt == 0);
    CHECK(seen.wrong == 0);
    CHECK(seen.whole >= rounds);
    CHECK(seen.cut >= rounds);
}

TEST_CASE("ENT-08 programs' memory is closed to an interrupt's handler in the midst of a copy, and after one "
          "that faulted") {
    if (!have_cpus(2)) {
        return;
    }
    const UserMemory memory{stays, both, Access::read_write};
    const bool closed = !machine::probe_read(stays).has_value(); // without SMAP or PAN it never is
    std::atomic<bool> stop{false};
    std::atomic<unsigned> open{0};
    unsigned open_after = 0;
    unsigned calls = 0;
    {
        std::atomic<bool> begun{false};
        std::atomic<std::uint32_t> copier{0};
        const Background copies{[&] {
            auto& buffer = buffers[core::cpu::current().id.value];
            copier = core::cpu::current().id.value;
            begun = true;
            while (!stop) {
                const CopyResult whole = copy_to_user(stays, buffer.data(), both);
                const CopyResult cut = copy_from_user(buffer.data(), goes, both);
                const bool is_open = machine::probe_read(stays).has_value();
                open_after +=
                    whole.faulted || !cut.faulted || cut.done != page_size || is_open == closed ? 1 : 0;
            }
        }};
        if (eventually([&] { return begun.load(); })) {
            for (; calls < 100; ++calls) {
                core::cpu::call(
                    CpuSet::of(CpuId{copier}),
                    [](void* count) {
                        *static_cast<std::atomic<unsigned>*>(count) +=
                            machine::probe_read(stays).has_value() ? 1U : 0U;
                    },
                    &open);
            }
        }
        stop = true;
    }
    CHECK(calls != 0);
    CHECK(open == (closed ? 0U : calls));
    CHECK(open_after == 0);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
