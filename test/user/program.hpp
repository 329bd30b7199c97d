// SPDX-License-Identifier: BSD-2-Clause
// Programs for tests: memory in user space, the fragments in it, and running them on any CPU, or on all.
#pragma once

#include "core/machine/user.hpp"
#include "core/user/entry.hpp"
#include "test/user/access.hpp"
#include "test/user/fragments.hpp"

#include <cstddef>
#include <initializer_list>
#include <span>

namespace heddle::test {

/// Pages of user space for a block. Made and destroyed on the runner's thread.
class UserMemory {
  public:
    UserMemory(VirtAddr begin, std::uint64_t size, core::user::Access access);
    ~UserMemory();

    UserMemory(const UserMemory&) = delete;
    UserMemory& operator=(const UserMemory&) = delete;

    VirtAddr begin() const { return begin_; }

    VirtAddr end() const { return begin_ + size_; }

    std::uint64_t size() const { return size_; }

    /// The byte at `offset` as the kernel has it; what follows, up to the page's end, is behind it.
    std::uint8_t* kernel_view(std::uint64_t offset) const;

    /// Sets every byte, whatever the program may do with it.
    void fill(std::uint8_t value) const;

    /// Puts `bytes` at the beginning, as code that may be run.
    void load(std::span<const std::byte> bytes) const;

  private:
    VirtAddr begin_;
    std::uint64_t size_;
};

/// What a program did that it may not.
struct Fault {
    enum class Kind : std::uint8_t {
        none,
        read,
        write,
        execute,
        illegal_instruction,
        privilege, ///< something that only the kernel may
        other,
    };
    Kind kind = Kind::none;
    VirtAddr address; ///< of the first three

    bool operator==(const Fault&) const = default;
};

/// In an exception handler, interrupts still off: what `frame` says.
Fault fault_of(const machine::TrapFrame& frame);

/// Whether this machine's CPUs keep the kernel from executing programs' memory: all but amd64's oldest.
bool kernel_never_executes_user_memory();

/// Why a program ended.
struct Outcome {
    enum class Why : std::uint8_t { system_call, exception, work };
    Why why = Why::work;
    std::uint32_t work = 0;
    Fault fault;
    machine::TrapFrame frame{}; ///< its registers then
};

/// A program of the fragments, or of other code, at an address of its own, while it lives: one at a time.
/// Handlers end it at whatever it does first.
class Program {
  public:
    static constexpr VirtAddr code{0x40'0000};
    static constexpr VirtAddr stack{0x50'0000};

    /// The fragments.
    Program();
    explicit Program(std::span<const std::byte> instructions);

    Program(std::initializer_list<std::uint32_t> instructions)
        : Program{std::as_bytes(std::span{instructions.begin(), instructions.size()})} {}

    ~Program();

    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    static VirtAddr address_of(const char* fragment) {
        return code + static_cast<std::uint64_t>(fragment - heddle_fragment_begin);
    }

    static machine::TrapFrame frame(const char* fragment, VirtAddr argument = {}) {
        return machine::user_frame(address_of(fragment), stack + page_size, argument.value);
    }

    /// Runs on the calling CPU, in thread context, interrupts on.
    static Outcome run(machine::TrapFrame frame);

    static Outcome run(const char* fragment, VirtAddr argument = {}) {
        return run(frame(fragment, argument));
    }

  private:
    UserMemory code_page_;
    UserMemory stack_page_;
    const core::user::Handlers* before_;
};

} // namespace heddle::test
