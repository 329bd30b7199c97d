// SPDX-License-Identifier: BSD-2-Clause
// The asking CPU A and the boot CPU B:
//
//     A1 before = TSC                          B1 question    (acquire)
//     A2 question + 1     (release)            B2 answer = TSC
//     A3 answered = question? (acquire)        B3 answered = question (release)
//     A4 after = TSC
//
// An answer that comes too late for its question is not taken for the next one's: B1 would have seen the next
// one, and then B2 lies between A1 and A4 of that.
#include "time/skew.hpp"

#include "core/cpu/cpu_local.hpp"
#include "interrupt/local_apic.hpp"
#include "interrupt/vectors.hpp"
#include "machine/cpu.hpp"
#include "trap/trap.hpp"

#include <atomic>
#include <cstdlib>

namespace heddle::amd64 {
namespace {

constexpr unsigned rounds = 4;

constinit std::atomic<bool> asking{false};
constinit std::atomic<std::uint64_t> question{0};
constinit std::atomic<std::uint64_t> answer{0};
constinit std::atomic<std::uint64_t> answered{0};

/// The TSC, not before what comes before and not after what comes after (SDM vol. 2B, RDTSC).
std::uint64_t ordered_cycle_count() {
    asm volatile("lfence" : : : "memory");
    const std::uint64_t count = machine::cycle_count();
    asm volatile("lfence" : : : "memory");
    return count;
}

void give_answer(std::uint8_t) {
    const std::uint64_t asked = question.load(std::memory_order_acquire);
    answer.store(ordered_cycle_count(), std::memory_order_relaxed);
    answered.store(asked, std::memory_order_release);
    local_apic().end_of_interrupt();
}

Result<SkewSample> take_sample(std::uint64_t patience) {
    SkewSample sample{};
    // Relaxed: only who holds `asking` changes it.
    const std::uint64_t asked = question.load(std::memory_order_relaxed) + 1;
    sample.before = ordered_cycle_count();
    question.store(asked, std::memory_order_release);
    TRY(local_apic().send(core::cpu::local(CpuId{0}).machine.apic_id, clock_question_vector));
    while (answered.load(std::memory_order_acquire) != asked) {
        if (machine::cycle_count() - sample.before > patience) {
            return fail(Error::timed_out);
        }
        machine::pause();
    }
    sample.other = answer.load(std::memory_order_relaxed);
    sample.after = ordered_cycle_count();
    return sample;
}

Result<std::int64_t> greatest_skew(std::uint64_t patience) {
    std::int64_t greatest = 0;
    for (unsigned i = 0; i < rounds; ++i) {
        const auto sample = take_sample(patience);
        if (!sample && i == 0) {
            return fail(sample.error());
        }
        const std::int64_t skew = sample ? sample->skew() : 0;
        greatest = std::abs(skew) > std::abs(greatest) ? skew : greatest;
        if (!sample) {
            break; // what there is must do
        }
    }
    return greatest;
}

} // namespace

void set_clock_question_handler() {
    set_vector_handler(clock_question_vector, give_answer);
}

Result<std::int64_t> measure_skew(std::uint64_t patience) {
    // Acquire and release: one CPU's questions after the other's.
    if (asking.exchange(true, std::memory_order_acquire)) {
        return fail(Error::busy);
    }
    const auto skew = greatest_skew(patience);
    asking.store(false, std::memory_order_release);
    return skew;
}

} // namespace heddle::amd64
