// SPDX-License-Identifier: BSD-2-Clause
// One CPU's fuzzer of user mode. All that it does follows from its seed, but for when other CPUs and the
// timer come by.
#pragma once

#include "core/time/deadline_queue.hpp"
#include "test/user/fuzz_machine.hpp"
#include "test/user/program.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace heddle::test {

struct FuzzCounts {
    std::uint64_t entries = 0;
    std::uint64_t system_calls = 0;
    std::uint64_t exceptions = 0;
    std::uint64_t deadlines = 0; ///< entries that did not end by themselves
    std::uint64_t copies_done = 0;
    std::uint64_t copies_faulted = 0;

    FuzzCounts& operator+=(const FuzzCounts& other);
};

/// Makes the fuzzers' handlers those of user mode while it lives.
class FuzzHandlers {
  public:
    FuzzHandlers();
    ~FuzzHandlers();
    FuzzHandlers(const FuzzHandlers&) = delete;
    FuzzHandlers& operator=(const FuzzHandlers&) = delete;

  private:
    const core::user::Handlers* before_;
};

/// Made and destroyed on the runner's thread; run() by the CPU that it is for.
class Fuzzer {
  public:
    Fuzzer(CpuId cpu, std::uint64_t seed);

    Fuzzer(const Fuzzer&) = delete;
    Fuzzer& operator=(const Fuzzer&) = delete;

    /// Enters user mode `entries` times, or until something of the kernel's is not as it was.
    void run(std::uint64_t entries);

    const FuzzCounts& counts() const { return counts_; }

    /// What was not as it was; empty: all is well.
    std::string_view damage() const { return damage_; }

    std::uint64_t value_before() const { return before_; }

    std::uint64_t value_after() const { return after_; }

  private:
    friend struct FuzzEntries;

    static constexpr std::uint64_t code_size = 4 * page_size;
    static constexpr std::uint64_t data_size = 2 * page_size;

    /// An address or a number: mostly one that means something to this machine or this program.
    static std::uint64_t draw(Random& random);

    void write_programs();
    void put(std::span<const std::byte> bytes, std::uint64_t& offset);
    VirtAddr some_instruction();
    void make_frame(machine::TrapFrame& frame);
    void enter();
    void check_cpu();
    void check_tables();
    void tick();

    // From its own CPU's handlers.
    void handle_system_call(machine::TrapFrame& frame);
    void handle_exception(machine::TrapFrame& frame);
    [[noreturn]] void handle_deadline();
    std::uint64_t copy_something(const machine::TrapFrame& frame);

    Random random_;
    UserMemory code_;
    UserMemory data_;
    std::array<std::byte*, code_size / page_size> pages_{}; ///< of the code, as the kernel has them
    std::array<std::uint16_t, 512> corpus_offsets_{};
    core::time::Deadline tick_;
    CpuState expected_{};
    std::uint64_t expected_tables_ = 0;
    FuzzCounts counts_;
    bool inside_ = false;             ///< in user mode, or in a handler of an entry from there
    std::uint64_t entry_at_tick_ = 0; ///< which the last tick found, to end it if it is there still
    unsigned events_ = 0;             ///< of this entry
    std::string_view damage_;
    std::uint64_t before_ = 0;
    std::uint64_t after_ = 0;
    std::array<std::byte, 512> buffer_{};
};

} // namespace heddle::test
