// SPDX-License-Identifier: BSD-2-Clause
// Several CPUs, each a thread of the host with its own CpuLocal, on the same allocators: for ThreadSanitizer.
#include "core/cpu/cpu_local.hpp"
#include "core/memory/arena.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/heap.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/reclaim.hpp"
#include "core/memory/slab.hpp"
#include "test/host/memory/host.hpp"

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace heddle::test {
namespace {

using namespace core::memory;

constexpr std::uint32_t cpus = 4;

/// Runs `function(cpu number, random numbers)` on every CPU at once. The last CPU is this thread, which goes
/// on being CPU 0.
template <class Function>
void on_all_cpus(Function function) {
    std::vector<std::thread> threads;
    for (std::uint32_t id = 1; id < cpus; ++id) {
        threads.emplace_back([id, &function] {
            machine::set_cpu_pointer(VirtAddr::of(&core::cpu::local(CpuId{id})).value);
            Random numbers{id};
            function(id, numbers);
            (void)counters::snapshot(); // gives back what this CPU keeps at hand
        });
    }
    Random numbers{99};
    function(0U, numbers);
    for (std::thread& thread : threads) {
        thread.join();
    }
}

struct Message {
    std::uint64_t owner = 0;
    std::uint64_t check = 0;
};

TEST_SUITE("core/memory: several CPUs") {
    TEST_CASE("frames of all orders: nobody's contents change under them") {
        std::atomic<bool> intact{true};
        on_all_cpus([&](std::uint32_t id, Random& numbers) {
            struct Block {
                Frame frame;
                unsigned order = 0;
            };
            std::array<Block, 100> blocks{};
            for (int step = 0; step < 20'000; ++step) {
                Block& block = blocks[numbers.below(blocks.size())];
                if (block.frame == Frame{}) {
                    block.order = numbers.below(4) == 0 ? static_cast<unsigned>(numbers.below(4)) : 0;
                    if (const auto frame = frames().allocate(block.order)) {
                        block.frame = *frame;
                        *to_virtual(frame->address()).as<std::uint64_t>() = id;
                    }
                } else {
                    if (*to_virtual(block.frame.address()).as<std::uint64_t>() != id) {
                        intact = false;
                    }
                    frames().free(block.frame, block.order);
                    block.frame = {};
                }
            }
            for (const Block& block : blocks) {
                if (block.frame != Frame{}) {
                    frames().free(block.frame, block.order);
                }
            }
        });
        CHECK(intact);
    }

    TEST_CASE(
        "objects made on one CPU and freed on another; the cache dies with magazines left on all of them") {
        std::atomic<bool> intact{true};
        SlabCache<Message> cache{"messages"};
        std::array<std::atomic<Message*>, 64> mailbox{};
        on_all_cpus([&](std::uint32_t id, Random& numbers) {
            for (int step = 0; step < 30'000; ++step) {
                Message* mine = nullptr;
                if (const auto made = cache.allocate(id, ~std::uint64_t{id})) {
                    mine = *made;
                }
                Message* const other = mailbox[numbers.below(mailbox.size())].exchange(mine);
                if (other != nullptr) {
                    if (other->check != ~other->owner) {
                        intact = false;
                    }
                    cache.free(other);
                }
            }
        });
        CHECK(intact);
        std::uint64_t left = 0;
        for (auto& slot : mailbox) {
            left += slot.load() != nullptr ? 1 : 0;
        }
        CHECK(cache.live() == left);
        for (auto& slot : mailbox) {
            if (Message* const message = slot.load()) {
                cache.free(message);
            }
        }
    }

    TEST_CASE("heap memory and mappings come and go on all CPUs") {
        on_all_cpus([&](std::uint32_t, Random& numbers) {
            for (int step = 0; step < 1'000; ++step) {
                const auto memory = heap::allocate(numbers.below(6000));
                const auto mapping = map_device(PhysAddr{0x10'0000'0000 + numbers.below(1'000'000)},
                                                numbers.between(1, 100'000));
                if (memory) {
                    heap::free(*memory);
                }
            }
        });
        CHECK(arena().fragments() == 1);
    }

    TEST_CASE("caches are made and destroyed on all CPUs") {
        on_all_cpus([&](std::uint32_t, Random& numbers) {
            for (int step = 0; step < 300; ++step) {
                SlabCache<Message> cache{"short-lived"};
                const auto message = cache.allocate();
                if (message) {
                    cache.free(*message);
                }
                if (numbers.below(4) == 0) {
                    reclaim(); // also of those that others are just destroying
                }
            }
        });
    }
}

} // namespace
} // namespace heddle::test
