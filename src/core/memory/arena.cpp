// SPDX-License-Identifier: BSD-2-Clause
// The arena and the mappings in it, see arena.hpp.
#include "core/memory/arena.hpp"

#include "core/memory/kernel_map.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/slab.hpp"
#include "core/panic.hpp"
#include "lib/bits.hpp"

#include <bit>
#include <iterator>

namespace heddle::core::memory {

namespace {

using Range = detail::ArenaRange;

[[clang::no_destroy]] constinit SlabCache<Range> range_cache{"arena ranges"};
[[clang::no_destroy]] constinit Arena the_arena;

/// Beyond what either machine can address.
constexpr std::uint64_t physical_limit = 1ULL << 52;

/// A range in reserve, given back unless it was used: so that nothing is allocated under the arena's lock.
class SpareRange {
  public:
    static Result<SpareRange> create() { return SpareRange{TRY(range_cache.allocate())}; }

    SpareRange(SpareRange&& other) noexcept
        : range_{other.take()} {}

    SpareRange& operator=(SpareRange&&) = delete;

    ~SpareRange() {
        if (range_ != nullptr) {
            range_cache.free(range_);
        }
    }

    Range* take() { return std::exchange(range_, nullptr); }

    /// For the one who uses it, who leaves null here.
    Range*& pointer() { return range_; }

  private:
    explicit SpareRange(Range* range)
        : range_{range} {}

    Range* range_;
};

} // namespace

Arena& arena() {
    return the_arena;
}

AddressRange::~AddressRange() {
    if (range_ != nullptr) {
        arena_->release(*range_);
    }
}

Result<void> Arena::initialise(VirtAddr begin, std::uint64_t size) {
    Range* const all = TRY(range_cache.allocate());
    all->begin = begin;
    all->size = size;
    all->free = true;
    const sync::SpinlockGuard guard{lock_};
    free_.construct();
    ranges_.construct();
    free_->insert_equal(*all);
    ranges_->push_back(*all);
    begin_ = begin;
    initialised_ = true;
    return {};
}

Arena::~Arena() {
    if (!initialised_) {
        return;
    }
    HEDDLE_ASSERT(fragments() == 1);
    Range* all = nullptr;
    {
        const sync::SpinlockGuard guard{lock_};
        all = &ranges_->front();
        ranges_->clear();
        free_->clear();
        free_.destroy();
        ranges_.destroy();
    }
    range_cache.free(all);
}

/// The smallest free range that holds `size` bytes at a multiple of `alignment`.
Arena::Range* Arena::find(std::uint64_t size, std::uint64_t alignment) {
    Range key;
    key.size = size;
    for (auto at = free_->lower_bound(key); at != free_->end(); ++at) {
        const std::uint64_t lost = align_up(at->begin.value, alignment) - at->begin.value;
        if (lost <= at->size - size) {
            return &*at;
        }
    }
    return nullptr;
}

/// Cuts [begin, begin + size) out of a free range; what is left on either side becomes ranges of its own.
void Arena::carve(Range& range, VirtAddr begin, std::uint64_t size, Range*& before, Range*& after) {
    free_->erase(free_->iterator_to(range));
    const std::uint64_t lead = begin - range.begin;
    const std::uint64_t rest = range.size - lead - size;
    if (lead != 0) {
        Range& left = *std::exchange(before, nullptr);
        left.begin = range.begin;
        left.size = lead;
        left.free = true;
        ranges_->insert(ranges_->iterator_to(range), left);
        free_->insert_equal(left);
    }
    if (rest != 0) {
        Range& right = *std::exchange(after, nullptr);
        right.begin = begin + size;
        right.size = rest;
        right.free = true;
        ranges_->insert(std::next(ranges_->iterator_to(range)), right);
        free_->insert_equal(right);
    }
    range.begin = begin;
    range.size = size;
    range.free = false;
}

Result<AddressRange> Arena::reserve(std::uint64_t size, std::uint64_t alignment) {
    if (size == 0 || size > physical_limit || !std::has_single_bit(alignment) || alignment < page_size) {
        return fail(Error::invalid_argument);
    }
    SpareRange before = TRY(SpareRange::create());
    SpareRange after = TRY(SpareRange::create());
    const std::uint64_t pages = align_up<std::uint64_t>(size, page_size);
    const sync::SpinlockGuard guard{lock_};
    Range* const range = find(pages + page_size, alignment);
    if (range == nullptr) {
        return fail(Error::out_of_memory);
    }
    carve(*range, VirtAddr{align_up(range->begin.value, alignment)}, pages + page_size, before.pointer(),
          after.pointer());
    return AddressRange{*this, *range, pages};
}

/// Joins the free range behind `range` to it; that one is no longer needed then. Null when there is none.
Arena::Range* Arena::absorb_next(Range& range) {
    const auto next = std::next(ranges_->iterator_to(range));
    if (next == ranges_->end() || !next->free) {
        return nullptr;
    }
    Range* const absorbed = &*next;
    free_->erase(free_->iterator_to(*absorbed));
    ranges_->erase(next);
    range.size += absorbed->size;
    return absorbed;
}

void Arena::release(Range& range) {
    Range* unneeded[2]{};
    {
        const sync::SpinlockGuard guard{lock_};
        Range* whole = &range;
        unneeded[0] = absorb_next(range);
        const auto at = ranges_->iterator_to(range);
        if (at != ranges_->begin() && std::prev(at)->free) {
            whole = &*std::prev(at);
            free_->erase(free_->iterator_to(*whole));
            whole->size += range.size;
            ranges_->erase(at);
            unneeded[1] = &range;
        }
        whole->free = true;
        free_->insert_equal(*whole);
    }
    for (Range* const each : unneeded) {
        if (each != nullptr) {
            range_cache.free(each);
        }
    }
}

std::uint64_t Arena::available() const {
    const sync::SpinlockGuard guard{lock_};
    std::uint64_t sum = 0;
    for (const Range& range : *free_) {
        sum += range.size;
    }
    return sum;
}

std::size_t Arena::fragments() const {
    const sync::SpinlockGuard guard{lock_};
    return free_->size();
}

Result<Mapping> map_physical(PhysAddr address, std::size_t size, Permissions permissions) {
    if (size == 0 || address.value >= physical_limit || size > physical_limit - address.value) {
        return fail(Error::invalid_argument);
    }
    const std::uint64_t begin = align_down<std::uint64_t>(address.value, page_size);
    const std::uint64_t end = align_up<std::uint64_t>(address.value + size, page_size);
    // Large windows get addresses that allow large leaves.
    const std::uint64_t alignment =
        end - begin >= 2_MiB && is_aligned<std::uint64_t>(begin, 2_MiB) ? 2_MiB : page_size;
    AddressRange range = TRY(arena().reserve(end - begin, alignment));
    TRY(kernel_map().map(range.begin(), PhysAddr{begin}, end - begin, permissions));
    return Mapping{std::move(range), address.value - begin, size};
}

Mapping::~Mapping() {
    if (range_ && !kernel_map().unmap(range_.begin(), range_.size())) {
        panic("a mapping at {} is not there any more", range_.begin());
    }
}

VirtAddr Mapping::leak() && {
    const VirtAddr at = address();
    range_.abandon();
    return at;
}

} // namespace heddle::core::memory
