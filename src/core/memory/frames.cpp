// SPDX-License-Identifier: BSD-2-Clause
// The kernel's frames, see frames.hpp: this CPU's cache first, the buddy allocator in batches behind it.
#include "core/memory/frames.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/memory/counters.hpp"
#include "core/memory/fault_injection.hpp"
#include "core/memory/reclaim.hpp"
#include "core/sync/interrupts_off.hpp"

namespace heddle::core::memory {

namespace {

constinit Frames kernel_frames;

class FrameCounter final : public counters::Counter {
  public:
    using Counter::Counter;

    std::uint64_t live() const override { return kernel_frames.total() - kernel_frames.available(); }
};

constinit FrameCounter frame_counter{"frames"};

/// Test images tell frames in caches from owned ones, so that freeing one twice is noticed.
void mark(Frames& frames, std::uint32_t frame, FrameState state) {
    if constexpr (config::assertions) {
        frames.info(Frame{frame}).set({state, 0});
    }
}

} // namespace

Frames& frames() {
    return kernel_frames;
}

Result<void> Frames::initialise(const MemoryMap& map) {
    TRY(buddy_.initialise(map));
    counters::add(frame_counter);
    return {};
}

Result<Frame> Frames::allocate(unsigned order) {
    if (fault_injection::should_fail()) {
        return fail(Error::out_of_memory);
    }
    if (order == 0) [[likely]] {
        const sync::InterruptsOff off;
        FrameCache& cache = cpu::current().frames;
        std::uint32_t count = cache.count.load(std::memory_order_relaxed);
        if (count == 0) [[unlikely]] {
            count = refill(cache);
        }
        if (count != 0) [[likely]] {
            cache.count.store(count - 1, std::memory_order_relaxed);
            const std::uint32_t frame = cache.frames[count - 1];
            mark(*this, frame, FrameState::allocated);
            return Frame{frame};
        }
    }
    return allocate_block(order);
}

void Frames::free(Frame frame, unsigned order) {
    if (order != 0) {
        buddy_.free(frame, order);
        return;
    }
    if constexpr (config::assertions) {
        buddy_.check_allocated(frame, 0);
    }
    const auto number = static_cast<std::uint32_t>(frame.value);
    mark(*this, number, FrameState::cached);
    const sync::InterruptsOff off;
    FrameCache& cache = cpu::current().frames;
    std::uint32_t count = cache.count.load(std::memory_order_relaxed);
    if (count == FrameCache::capacity) [[unlikely]] {
        count = drain_batch(cache);
    }
    cache.frames[count] = number;
    cache.count.store(count + 1, std::memory_order_relaxed);
}

/// Interrupts off, `cache` empty. How many frames it holds now.
std::uint32_t Frames::refill(FrameCache& cache) {
    const auto taken =
        static_cast<std::uint32_t>(buddy_.allocate_batch({cache.frames.data(), FrameCache::batch}));
    for (std::uint32_t i = 0; i < taken; ++i) {
        mark(*this, cache.frames[i], FrameState::cached);
    }
    return taken;
}

/// Interrupts off, `cache` full. How many frames it holds now.
std::uint32_t Frames::drain_batch(FrameCache& cache) {
    constexpr std::uint32_t kept = FrameCache::capacity - FrameCache::batch;
    buddy_.free_batch({cache.frames.data() + kept, FrameCache::batch});
    return kept;
}

/// A block may be missing only because its frames are kept at hand. With interrupts off locks may be held, so
/// then only this cache is looked into.
Result<Frame> Frames::allocate_block(unsigned order) {
    const auto frame = buddy_.allocate(order);
    if (frame || frame.error() != Error::out_of_memory) {
        return frame;
    }
    if (machine::interrupts_enabled()) {
        reclaim();
    } else {
        drain_cache();
    }
    return buddy_.allocate(order);
}

void Frames::drain_cache() {
    const sync::InterruptsOff off;
    FrameCache& cache = cpu::current().frames;
    buddy_.free_batch({cache.frames.data(), cache.count.load(std::memory_order_relaxed)});
    cache.count.store(0, std::memory_order_relaxed);
}

std::uint64_t Frames::available() const {
    std::uint64_t count = buddy_.free_frames();
    for (std::uint32_t id = 0; id < CpuId::limit; ++id) {
        count += cpu::local(CpuId{id}).frames.count.load(std::memory_order_relaxed);
    }
    return count;
}

} // namespace heddle::core::memory
