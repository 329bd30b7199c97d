// SPDX-License-Identifier: BSD-2-Clause
// grace_period.cpp and sequence_lock.hpp with threads as CPUs: readers use plain memory that a writer
// destroys after a grace period.
#include "core/cpu/quiescence.hpp"
#include "core/sync/grace_period.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/sync/read_section.hpp"
#include "core/sync/sequence_lock.hpp"
#include "cpus.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::cpu::current;
using core::sync::DeferredCallback;
using core::sync::ReadSection;

constexpr std::uint64_t alive = 0x11fe;

struct Object : DeferredCallback {
    std::uint64_t state = 0; ///< plain
    std::atomic<bool> in_use{false};

    static void destroy(DeferredCallback& callback) {
        auto& self = static_cast<Object&>(callback);
        self.state = 0;
        // Release: pairs with the acquire in take_unused().
        self.in_use.store(false, std::memory_order_release);
    }
};

struct Shared {
    std::array<Object, 8> objects;
    std::atomic<Object*> current{nullptr};

    Object* take_unused() {
        for (Object& object : objects) {
            bool expected = false;
            if (object.in_use.compare_exchange_strong(expected, true, std::memory_order_acquire)) {
                return &object;
            }
        }
        return nullptr;
    }
};

void tick() {
    const core::sync::InterruptsOff off;
    core::cpu::tick();
}

void read(const Shared& shared) {
    const ReadSection section;
    // Acquire: pairs with the release in replace().
    const Object* const object = shared.current.load(std::memory_order_acquire);
    for (int i = 0; object != nullptr && i < 3; ++i) {
        if (object->state != alive) {
            violation("a reader saw an object after its grace period");
        }
        tick(); // interrupts the section, and must not count
        std::this_thread::yield();
    }
}

void sleep(Random& draw) {
    const core::sync::InterruptsOff off;
    core::cpu::go_away();
    for (std::uint64_t i = draw.below(10); i != 0; --i) {
        std::this_thread::yield();
    }
    core::cpu::come_back();
}

/// Puts another object in the place of the one that readers find. Null: all are waiting for grace periods.
Object* replace(Shared& shared) {
    Object* const next = shared.take_unused();
    if (next == nullptr) {
        return nullptr;
    }
    next->state = alive;
    next->function = Object::destroy;
    return shared.current.exchange(next, std::memory_order_acq_rel);
}

TEST_CASE("grace periods: what a reader holds stays, with deferred callbacks") {
    static Shared shared;
    on_each_cpu([](Random& draw) {
        for (int step = 0; step < 30'000 && !violated(); ++step) {
            switch (draw.below(6)) {
            case 0:
                if (Object* const old = replace(shared); old != nullptr) {
                    core::sync::defer(*old);
                }
                break;
            case 1: core::sync::run_deferred(); break;
            case 2: tick(); break;
            case 3: sleep(draw); break;
            default: read(shared); break;
            }
        }
        const core::sync::InterruptsOff off;
        core::cpu::go_away();
    });
    CHECK_FALSE(violated());
    machine::set_cpu_pointer(reinterpret_cast<std::uintptr_t>(&core::cpu::local(CpuId{0})));
    while (core::sync::run_deferred() != 0 || core::sync::deferred_ready()) {
    }
    int left = 0;
    for (const Object& object : shared.objects) {
        left += object.in_use ? 1 : 0;
    }
    CHECK(left <= 1); // the current one
    for (std::uint32_t cpu = 0; cpu < cpu_count; ++cpu) {
        core::cpu::local(CpuId{cpu}).quiescence.away = false;
    }
}

TEST_CASE("grace periods: what a reader holds stays until synchronize returns") {
    static Shared shared;
    static std::atomic<bool> end{false};
    on_each_cpu([](Random& draw) {
        if (current().id == CpuId{0}) {
            for (int round = 0; round < 1500 && !violated(); ++round) {
                if (Object* const old = replace(shared); old != nullptr) {
                    core::sync::synchronize();
                    Object::destroy(*old);
                }
            }
            end.store(true, std::memory_order_relaxed);
            return;
        }
        while (!end.load(std::memory_order_relaxed) && !violated()) {
            read(shared);
            if (draw.below(4) == 0) {
                sleep(draw);
            } else {
                tick();
            }
        }
        const core::sync::InterruptsOff off;
        core::cpu::go_away();
    });
    CHECK_FALSE(violated());
}

TEST_CASE("sequence locks: every read is one write's value") {
    struct Triple {
        std::uint64_t a = 0;
        std::uint64_t b = 0;
        std::uint64_t c = 0;
    };

    static core::sync::SequenceLocked<Triple> value{core::sync::Rank::registry};
    on_each_cpu([](Random& draw) {
        for (int step = 0; step < 4000 && !violated(); ++step) {
            if (draw.below(3) == 0) {
                const std::uint64_t next = draw.next();
                value.write({next, next, next});
            } else {
                const Triple seen = value.read();
                if (seen.a != seen.b || seen.b != seen.c) {
                    violation("a torn read");
                }
            }
        }
    });
    CHECK_FALSE(violated());
}

} // namespace
} // namespace heddle::test
