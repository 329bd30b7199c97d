// SPDX-License-Identifier: BSD-2-Clause
// The buddy allocator, see buddy.hpp. The invariant behind the lazy records: the first frame of every block,
// free or owned, has a valid record, and so has its buddy's first frame at every order at which the two could
// merge.
#include "core/memory/buddy.hpp"

#include "core/memory/layout.hpp"
#include "core/panic.hpp"
#include "lib/bits.hpp"

#include <algorithm>
#include <bit>

namespace heddle::core::memory {

namespace {

constexpr std::uint64_t frame_number(PhysAddr address) {
    return Frame::containing(address).value;
}

/// Cuts `range` into the largest naturally aligned blocks, in the order of addresses.
template <class Visitor>
void for_each_block(PhysRange range, Visitor visit) {
    std::uint64_t frame = frame_number(range.begin);
    const std::uint64_t end = frame_number(range.end);
    while (frame < end) {
        const auto aligned = static_cast<unsigned>(std::countr_zero(frame));
        const auto fitting = static_cast<unsigned>(std::bit_width(end - frame)) - 1;
        const unsigned order = std::min({aligned, fitting, max_order});
        visit(static_cast<std::uint32_t>(frame), order);
        frame += std::uint64_t{1} << order;
    }
}

} // namespace

bool Buddy::has_record(std::uint64_t frame) const {
    const Section& of = sections_[frame >> section_order];
    return frame - of.first < of.count;
}

bool Buddy::has_info(Frame frame) const {
    return frame.address() < MemoryMap::limit && has_record(frame.value);
}

/// Notes which frames of each GiB need records: from the first usable one to the last.
void Buddy::measure(const MemoryMap& map) {
    constexpr std::uint64_t section_frames = std::uint64_t{1} << section_order;
    for (auto range = map.next_usable({}); range; range = map.next_usable(range->end)) {
        const std::uint64_t end = frame_number(range->end);
        for (std::uint64_t at = frame_number(range->begin); at < end;) {
            const std::uint64_t piece_end = std::min(end, align_down(at, section_frames) + section_frames);
            Section& here = section(at);
            if (here.count == 0) {
                here.first = static_cast<std::uint32_t>(at);
            }
            here.count = static_cast<std::uint32_t>(piece_end - here.first);
            sections_end_ = (at >> section_order) + 1;
            at = piece_end;
        }
    }
}

/// Finds room for all records in one piece: the lowest range that holds them, so that whole GiB above stay
/// whole. Leaves the highest GiB out until there is such a range.
Result<PhysRange> Buddy::place_records(const MemoryMap& map) {
    std::uint64_t records = 0;
    for (const Section& each : sections()) {
        records += each.count;
    }
    while (records > 0) {
        const std::uint64_t bytes = align_up<std::uint64_t>(records * sizeof(FrameInfo), page_size);
        for (auto range = map.next_usable({}); range; range = map.next_usable(range->end)) {
            if (range->size() > bytes) {
                return PhysRange{range->begin, range->begin + bytes};
            }
        }
        Section& highest = sections().back();
        records -= highest.count;
        highest.count = 0;
        --sections_end_;
    }
    return fail(Error::out_of_memory);
}

/// Makes sure that freeing a block of `order` at `frame` never takes garbage for a free buddy, at that order
/// and above.
void Buddy::mark_surroundings(std::uint64_t frame, unsigned order) {
    for (; order < max_order; ++order) {
        const std::uint64_t size = std::uint64_t{1} << order;
        const std::uint64_t buddy = align_down(frame, size) ^ size;
        if (has_record(buddy)) {
            record(buddy).set({});
        }
    }
}

Result<void> Buddy::initialise(const MemoryMap& map) {
    MemoryMap rest = map;
    measure(rest);
    const PhysRange place = TRY(place_records(rest));
    TRY(rest.reserve(place.begin, place.size()));
    std::uint64_t next = to_virtual(place.begin).value;
    for (Section& each : sections()) {
        each.records = VirtAddr{next - each.first * sizeof(FrameInfo)}.as<FrameInfo>();
        next += each.count * sizeof(FrameInfo);
    }
    // Two rounds: the first may write to the same records as the second.
    const auto for_each_usable_block = [&](auto visit) {
        for (auto range = rest.next_usable({}); range; range = rest.next_usable(range->end)) {
            for_each_block(*range, [&](std::uint32_t frame, unsigned order) {
                if (section(frame).count != 0) {
                    visit(frame, order);
                }
            });
        }
    };
    for_each_usable_block([&](std::uint32_t frame, unsigned order) { mark_surroundings(frame, order); });
    const sync::SpinlockGuard guard{lock_};
    std::uint64_t total = 0;
    for_each_usable_block([&](std::uint32_t frame, unsigned order) UNCHECKED_LOCKING {
        push(frame, order);
        total += std::uint64_t{1} << order;
    });
    total_frames_ = total;
    free_frames_.store(total, std::memory_order_relaxed);
    return {};
}

void Buddy::push(std::uint32_t frame, unsigned order) {
    FrameInfo& first = record(frame);
    first.set({FrameState::free, order});
    first.next = lists_[order];
    first.previous = 0;
    if (first.next != 0) {
        record(first.next).previous = frame;
    }
    lists_[order] = frame;
    nonempty_ |= 1U << order;
}

void Buddy::remove(std::uint32_t frame, unsigned order) {
    const FrameInfo& first = record(frame);
    if (first.previous != 0) {
        record(first.previous).next = first.next;
    } else {
        lists_[order] = first.next;
        nonempty_ &= first.next != 0 ? ~0U : ~(1U << order);
    }
    if (first.next != 0) {
        record(first.next).previous = first.previous;
    }
}

Result<std::uint32_t> Buddy::take(unsigned order) {
    const std::uint32_t fitting = nonempty_ & (~0U << order);
    if (fitting == 0) {
        return fail(Error::out_of_memory);
    }
    auto from = static_cast<unsigned>(std::countr_zero(fitting));
    const std::uint32_t frame = lists_[from];
    remove(frame, from);
    while (from > order) {
        --from;
        push(frame + (1U << from), from);
    }
    record(frame).set({FrameState::allocated, order});
    if constexpr (config::assertions) {
        mark_interior(frame, order);
    }
    // Relaxed: written under lock_, read as a figure.
    free_frames_.store(free_frames() - (std::uint64_t{1} << order), std::memory_order_relaxed);
    return frame;
}

void Buddy::give(std::uint32_t frame, unsigned order) {
    free_frames_.store(free_frames() + (std::uint64_t{1} << order), std::memory_order_relaxed);
    for (; order < max_order; ++order) {
        const std::uint32_t size = 1U << order;
        const std::uint32_t buddy = frame ^ size;
        if (!has_record(buddy) || record(buddy).get() != FrameWord{FrameState::free, order}) {
            break;
        }
        remove(buddy, order);
        record(frame | size).set({});
        frame &= ~size;
    }
    push(frame, order);
}

/// For test images: frames inside a block must not look like a block's first, whatever their records held
/// before.
void Buddy::mark_interior(std::uint32_t frame, unsigned order) {
    for (std::uint32_t i = 1; i < (1U << order); ++i) {
        record(frame + i).set({});
    }
}

void Buddy::check_allocated(Frame frame, unsigned order) {
    if (!has_info(frame)) {
        panic("frame {:#x} freed, which is none of the allocator's", frame);
    }
    const FrameWord word = info(frame).get();
    if (word == FrameWord{FrameState::allocated, order}) {
        return;
    }
    if (word.state == FrameState::allocated) {
        panic("frame {:#x} freed with order {}, allocated with order {}", frame, order, word.order);
    }
    if (word.state == FrameState::free || word.state == FrameState::cached) {
        panic("frame {:#x} freed twice", frame);
    }
    panic("frame {:#x} freed, which is not the first of an allocated block", frame);
}

Result<Frame> Buddy::allocate(unsigned order) {
    if (order > max_order) {
        return fail(Error::invalid_argument);
    }
    const sync::SpinlockGuard guard{lock_};
    return Frame{TRY(take(order))};
}

void Buddy::free(Frame frame, unsigned order) {
    const sync::SpinlockGuard guard{lock_};
    if constexpr (config::assertions) {
        check_allocated(frame, order);
    }
    give(static_cast<std::uint32_t>(frame.value), order);
}

std::size_t Buddy::allocate_batch(std::span<std::uint32_t> frames) {
    const sync::SpinlockGuard guard{lock_};
    std::size_t taken = 0;
    for (; taken < frames.size(); ++taken) {
        const auto frame = take(0);
        if (!frame) {
            break;
        }
        frames[taken] = *frame;
    }
    return taken;
}

void Buddy::free_batch(std::span<const std::uint32_t> frames) {
    const sync::SpinlockGuard guard{lock_};
    for (const std::uint32_t frame : frames) {
        give(frame, 0);
    }
}

std::size_t Buddy::free_blocks(unsigned order) {
    const sync::SpinlockGuard guard{lock_};
    std::size_t count = 0;
    for (std::uint32_t frame = lists_[order]; frame != 0; frame = record(frame).next) {
        ++count;
    }
    return count;
}

} // namespace heddle::core::memory
