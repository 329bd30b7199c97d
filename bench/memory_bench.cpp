// SPDX-License-Identifier: BSD-2-Clause
// What a frame and a slab object cost, taken and given back, on the fast path.
#include "bench/benchmark.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/slab.hpp"

namespace heddle::bench {
namespace {

struct Object {
    std::uint64_t words[12];
};

Result<std::uint64_t> frame_alloc_free() {
    return instructions_per_call([] {
        if (auto frame = core::memory::frames().allocate()) {
            core::memory::frames().free(*frame);
        }
    });
}

Result<std::uint64_t> slab_alloc_free() {
    core::memory::SlabCache<Object> cache{"bench"};
    return instructions_per_call([&cache] {
        if (auto object = cache.allocate()) {
            cache.free(*object);
        }
    });
}

HEDDLE_BENCHMARK(frame){"frame_alloc_free", frame_alloc_free};
HEDDLE_BENCHMARK(slab){"slab_alloc_free", slab_alloc_free};

} // namespace
} // namespace heddle::bench
