// SPDX-License-Identifier: BSD-2-Clause
// The heap, see heap.hpp. A pointer's frame record tells whether it is of a size class or a block of its own.
#include "core/memory/heap.hpp"

#include "core/memory/counters.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/object_cache.hpp"
#include "core/panic.hpp"
#include "lib/bits.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace heddle::core::memory::heap {

namespace {

constexpr std::size_t granule = 16;
constexpr std::size_t largest_class = 2048;
/// Beyond, natural alignment of the classes ends.
constexpr std::size_t largest_class_alignment = 64;

/// A class's objects are aligned to the largest power of two that divides its size, up to the bound: so a
/// size rounded up to a multiple of an alignment finds a class with that alignment.
constexpr ObjectCache::Layout layout(std::uint32_t size) {
    const std::uint32_t natural = size & (~size + 1);
    return {.size = size, .alignment = std::min<std::uint32_t>(natural, largest_class_alignment)};
}

[[clang::no_destroy]] constinit std::array<ObjectCache, 14> classes{
    ObjectCache{"heap 16", layout(16)},     ObjectCache{"heap 32", layout(32)},
    ObjectCache{"heap 48", layout(48)},     ObjectCache{"heap 64", layout(64)},
    ObjectCache{"heap 96", layout(96)},     ObjectCache{"heap 128", layout(128)},
    ObjectCache{"heap 192", layout(192)},   ObjectCache{"heap 256", layout(256)},
    ObjectCache{"heap 384", layout(384)},   ObjectCache{"heap 512", layout(512)},
    ObjectCache{"heap 768", layout(768)},   ObjectCache{"heap 1024", layout(1024)},
    ObjectCache{"heap 1536", layout(1536)}, ObjectCache{"heap 2048", layout(2048)},
};
constexpr std::array<std::uint32_t, 14> class_sizes{16,  32,  48,  64,  96,   128,  192,
                                                    256, 384, 512, 768, 1024, 1536, 2048};

/// The class for a number of granules.
constexpr auto class_of_granules = [] {
    std::array<std::uint8_t, largest_class / granule + 1> table{};
    for (std::size_t granules = 0, index = 0; granules < table.size(); ++granules) {
        index += granules * granule > class_sizes[index] ? 1 : 0;
        table[granules] = static_cast<std::uint8_t>(index);
    }
    return table;
}();

constinit counters::LiveCounter blocks{"heap blocks"};
constinit std::atomic<bool> blocks_listed{false};

Result<void*> allocate_block(std::size_t bytes) {
    const unsigned order = order_for(bytes);
    if (order > max_order) {
        return fail(Error::out_of_memory);
    }
    const Frame frame = TRY(frames().allocate(order));
    // Relaxed: whoever sets it first lists the counter, the others need not wait for that.
    if (!blocks_listed.load(std::memory_order_relaxed) &&
        !blocks_listed.exchange(true, std::memory_order_relaxed)) {
        counters::add(blocks);
    }
    blocks.increment();
    return to_virtual(frame.address()).as();
}

/// The frame that a pointer into the direct map lies in; test images insist that it is one of the
/// allocator's.
Frame frame_of(void* memory) {
    const Frame frame = Frame::containing(to_physical(VirtAddr::of(memory)));
    if constexpr (config::assertions) {
        if (!frames().buddy().has_info(frame)) {
            panic("heap: {} is not from the heap", memory);
        }
    }
    return frame;
}

void free_block(void* memory, Frame frame, unsigned order) {
    if constexpr (config::assertions) {
        if (!is_aligned<std::uint64_t>(VirtAddr::of(memory).value, page_size)) {
            panic("heap: {} freed, which is inside a block", memory);
        }
        frames().buddy().check_allocated(frame, order);
        std::memset(memory, 0xdf, block_size(order));
    }
    blocks.decrement();
    frames().free(frame, order);
}

} // namespace

Result<void*> allocate(std::size_t bytes, std::size_t alignment) {
    if (!std::has_single_bit(alignment)) {
        return fail(Error::invalid_argument);
    }
    if (alignment > largest_class_alignment) {
        return allocate_block(std::max(bytes, alignment));
    }
    if (bytes > largest_class) {
        return allocate_block(bytes);
    }
    const std::size_t rounded = align_up(align_up(std::max<std::size_t>(bytes, 1), alignment), granule);
    return classes[class_of_granules[rounded / granule]].allocate();
}

void free(void* memory) {
    if (memory == nullptr) {
        return;
    }
    const Frame frame = frame_of(memory);
    const FrameWord word = frames().info(frame).get();
    if (word.state == FrameState::slab) {
        ObjectCache::of(memory, word.order).free(memory);
    } else {
        free_block(memory, frame, word.order);
    }
}

std::size_t usable_size(void* memory) {
    const FrameWord word = frames().info(frame_of(memory)).get();
    return word.state == FrameState::slab ? ObjectCache::of(memory, word.order).layout().size
                                          : block_size(word.order);
}

std::uint64_t live_blocks() {
    return blocks.live();
}

} // namespace heddle::core::memory::heap
