// SPDX-License-Identifier: BSD-2-Clause
// PROTOCOLS.md B as limbo.pml has it, with the kernel's limbo.cpp and quiescence.cpp in the middle: pages of
// stacks, CPUs with translations that come at any moment, owners that retire and take back, and a reaper
// everywhere. What is checked: an access goes to the entry's frame (I1); a frame that is freed is translated
// by no CPU that is not away (I2, I3); limbo drains. ThreadSanitizer checks the orders: frames' contents and
// the traces of translations are plain memory.
#include "core/memory/limbo.hpp"
#include "core/test_hooks/sync_point.hpp"
#include "cpus.hpp"
#include "machine/page_table.hpp"

#include <doctest/doctest.h>
#include <mutex>

namespace heddle::test {
namespace {

using namespace core::memory;
using core::cpu::current;

constexpr std::uint32_t pages = 3;
constexpr std::uint32_t none = 0;
constexpr int steps = 120'000;

/// One page of one stack.
struct Page {
    std::atomic<bool> owned{false}; ///< the residency word, reduced to its owner
    /// The page-table entry: a frame's number. Put there with release, because whoever walks to it finds the
    /// frame as it was put there; cleared relaxed: what orders that is the epoch.
    std::atomic<std::uint32_t> entry{none};
    std::uint32_t note = none; ///< the last frame, the owner's
};

struct Cpu {
    /// Translations, one for each page. Atomic only because the checks look at them.
    std::array<std::atomic<std::uint32_t>, pages> translations{};
    /// For each of these, how often its frame had been freed when it was loaded.
    std::array<std::uint64_t, pages> generations{};
    /// Asleep, or on the way back from there: not held to anything.
    std::atomic<bool> excused{false};
    /// Left at each use of a translation: a use that is not ordered before the frame is freed is a race.
    std::array<std::uint64_t, Frames::count> traces{};
};

std::array<Page, pages> page_table;
std::array<Cpu, cpu_count> cpus;
std::array<std::uint64_t, Frames::count> contents{};                 ///< of the frames, plain
std::array<std::atomic<std::uint64_t>, Frames::count> generations{}; ///< how often each was freed

struct Pool {
    std::mutex mutex;
    std::vector<std::uint32_t> frames;
} pool;

Cpu& this_cpu() {
    return cpus[current().id.value];
}

/// A page walk, which the hardware may do whenever it likes, asleep or not.
std::uint32_t walk(std::uint32_t page) {
    Cpu& cpu = this_cpu();
    std::uint32_t frame = cpu.translations[page].load(std::memory_order_relaxed);
    if (frame == none) {
        frame = page_table[page].entry.load(std::memory_order_acquire);
        cpu.generations[page] = generations[frame].load(std::memory_order_relaxed);
        cpu.translations[page].store(frame, std::memory_order_relaxed);
    }
    return frame;
}

/// Code that runs, not asleep, uses a translation.
std::uint32_t translate(std::uint32_t page) {
    Cpu& cpu = this_cpu();
    const std::uint32_t frame = walk(page);
    if (frame != none) {
        cpu.traces[frame] += 1;
    }
    return frame;
}

/// Of a CPU that is not asleep.
void check_translations() {
    const Cpu& cpu = this_cpu();
    for (std::uint32_t page = 0; page < pages; ++page) {
        const std::uint32_t frame = cpu.translations[page].load(std::memory_order_relaxed);
        if (frame != none && cpu.generations[page] != generations[frame].load(std::memory_order_relaxed)) {
            violation("a CPU that is back translates to a frame that was freed (I3)");
        }
    }
}

std::uint32_t allocate() {
    const std::lock_guard guard{pool.mutex};
    if (pool.frames.empty()) {
        return none;
    }
    const std::uint32_t frame = pool.frames.back();
    pool.frames.pop_back();
    return frame;
}

LimboOwner owner_of(std::uint32_t page) {
    return {.owner = page + 1, .unit = 0};
}

/// By the owner, who gave the page's frame away: the same one if it is in limbo still, else any.
void fill(std::uint32_t page) {
    Page& its = page_table[page];
    if (its.note == none || !reinstate_frame(Frame{its.note}, owner_of(page))) {
        its.note = allocate();
    }
    its.entry.store(its.note, std::memory_order_release);
}

void access(std::uint32_t page) {
    const std::uint32_t frame = translate(page);
    if (frame != page_table[page].entry.load(std::memory_order_relaxed)) {
        violation("an access through an old translation (I1)");
    }
    contents[frame] += 1;
}

void retire(std::uint32_t page) {
    Page& its = page_table[page];
    const std::uint32_t frame = its.entry.load(std::memory_order_relaxed);
#ifdef MISTAKE_STAMP_EARLY
    retire_frame(Frame{frame}, owner_of(page));
    core::test_hooks::sync_point("retired, not cleared");
    its.entry.store(none, std::memory_order_relaxed);
#else
    its.entry.store(none, std::memory_order_relaxed);
    retire_frame(Frame{frame}, owner_of(page));
#endif
}

/// A thread runs on its stack for a while, or an evictor takes the page from it.
void own(std::uint32_t page, Random& draw) {
    bool expected = false;
    if (!page_table[page].owned.compare_exchange_strong(expected, true, std::memory_order_acquire)) {
        return;
    }
    core::cpu::quiesce(); // after the claim, before the stack is used
    if (page_table[page].entry.load(std::memory_order_relaxed) == none) {
        fill(page);
    }
    if (page_table[page].entry.load(std::memory_order_relaxed) != none) {
        access(page);
        if (draw.below(2) == 0) {
            retire(page);
            if (draw.below(3) == 0) {
                fill(page); // at once, as on the way in from user mode
                if (page_table[page].entry.load(std::memory_order_relaxed) != none) {
                    access(page);
                }
            }
        }
    }
    page_table[page].owned.store(false, std::memory_order_release);
}

void sleep(Random& draw) {
    Cpu& cpu = this_cpu();
    cpu.excused.store(true, std::memory_order_relaxed);
    core::cpu::go_away();
    for (std::uint64_t i = draw.below(20); i != 0; --i) {
        std::this_thread::yield();
    }
    core::cpu::come_back();
    check_translations();
    // Release: pairs with the acquire in Frames::free() below.
    cpu.excused.store(false, std::memory_order_release);
}

void one_step(Random& draw) {
    check_translations();
    switch (draw.below(8)) {
    case 0: sleep(draw); break;
    case 1: core::cpu::quiesce(); break;
    case 2: reap_limbo(1 + draw.below(4)); break;
    case 3:
    case 4: translate(static_cast<std::uint32_t>(draw.below(pages))); break;
    default: own(static_cast<std::uint32_t>(draw.below(pages)), draw); break;
    }
}

} // namespace
} // namespace heddle::test

namespace heddle {

void machine::PageTable::invalidate_all() {
    for (auto& translation : test::this_cpu().translations) {
        translation.store(test::none, std::memory_order_relaxed);
    }
}

void test::at_sync_point(std::uint32_t visit) {
    test::walk(visit % test::pages);
}

core::memory::Frames& core::memory::frames() {
    static constinit Frames the_frames;
    return the_frames;
}

void core::memory::Frames::free(Frame frame) {
    const auto number = static_cast<std::uint32_t>(frame.value);
    for (const test::Cpu& cpu : test::cpus) {
        if (cpu.excused.load(std::memory_order_acquire)) {
            continue;
        }
        for (const auto& translation : cpu.translations) {
            if (translation.load(std::memory_order_relaxed) == number) {
                test::violation("a free frame is translated by a CPU that is not away (I2)");
            }
        }
    }
    for (test::Page& page : test::page_table) {
        if (page.entry.load(std::memory_order_relaxed) == number) {
            test::violation("a free frame is mapped");
        }
    }
    std::uint64_t uses = 0;
    for (const test::Cpu& cpu : test::cpus) {
        uses += cpu.traces[number];
    }
    test::contents[number] = uses;
    test::generations[number].fetch_add(1, std::memory_order_relaxed);
    const std::lock_guard guard{test::pool.mutex};
    test::pool.frames.push_back(number);
}

} // namespace heddle

namespace heddle::test {
namespace {

TEST_CASE("limbo: no frame is free while a CPU that is not away translates to it") {
    for (std::uint32_t frame = 1; frame < Frames::count; ++frame) {
        frames().info(Frame{frame}).set({FrameState::allocated, 0});
        pool.frames.push_back(frame);
    }
    on_each_cpu([](Random& draw) {
        machine::disable_interrupts();
        for (int step = 0; step < steps && !violated(); ++step) {
            one_step(draw);
        }
        this_cpu().excused.store(true, std::memory_order_relaxed);
        core::cpu::go_away();
        machine::enable_interrupts();
    });
    CHECK_FALSE(violated());
    if (violated()) {
        return;
    }
    // All are away: what is in limbo passes.
    machine::set_cpu_pointer(reinterpret_cast<std::uintptr_t>(&core::cpu::local(CpuId{0})));
    while (reap_limbo() != 0) {
    }
    CHECK(limbo_level() == 0);
    std::uint32_t mapped = 0;
    for (const Page& page : page_table) {
        mapped += page.entry.load() != none ? 1 : 0;
    }
    CHECK(pool.frames.size() + mapped == Frames::count - 1);
}

} // namespace
} // namespace heddle::test
