// SPDX-License-Identifier: BSD-2-Clause
// Pages full of random and mutated code, entered at random places with random registers. A tick that finds
// the same entry twice ends it.
#include "test/core/user/fuzzer.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/memory/image.hpp"
#include "core/memory/layout.hpp"
#include "core/sync/interrupts_off.hpp"
#include "core/time/monotonic.hpp"
#include "core/user/copy.hpp"
#include "test/floor/floor.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace heddle::test {
namespace {

using core::memory::Access;
using machine::TrapFrame;

/// Entries for which the pages of code stay as they are, and batches after which the page tables are read.
constexpr std::uint64_t batch = 128;
constexpr std::uint64_t batches_per_tables_check = 16;

/// How often a program may come into the kernel before it is ended.
constexpr unsigned events_per_entry = 6;

constexpr Nanoseconds tick_period{300'000};
constexpr std::uint32_t end_entry = 1;

constexpr VirtAddr region_of(CpuId cpu) {
    return VirtAddr{0x4000'0000 + cpu.value * 16_MiB};
}

/// By CPU: whose handlers find theirs.
constinit std::array<Fuzzer*, CpuId::limit> running{};

/// Of all leaves: where they are and what they permit.
std::uint64_t tables_checksum() {
    std::uint64_t sum = 0;
    const auto add = [&sum](const core::memory::Leaf& leaf) {
        const auto& [address, permissions, level] = leaf.translation;
        for (const std::uint64_t word : {leaf.begin.value, leaf.size, address.value,
                                         static_cast<std::uint64_t>(permissions.access) << 8 |
                                             static_cast<std::uint64_t>(permissions.privilege)}) {
            sum = (sum ^ word) * 0x100'0000'01b3;
        }
    };
    core::memory::kernel_map().for_each_leaf(add);
    if constexpr (machine::PageTable::lower_half_apart) {
        user_space().for_each_leaf(add);
    }
    return sum;
}

} // namespace

/// The handlers' way to the fuzzer of their CPU.
struct FuzzEntries {
    static Fuzzer& own() { return *running[core::cpu::current().id.value]; }

    static constexpr core::user::Handlers handlers{
        [](TrapFrame& frame) { own().handle_system_call(frame); },
        [](TrapFrame& frame) { own().handle_exception(frame); },
        [](TrapFrame&, std::uint32_t) { own().handle_deadline(); }};

    static void tick(void* fuzzer) { static_cast<Fuzzer*>(fuzzer)->tick(); }
};

FuzzCounts& FuzzCounts::operator+=(const FuzzCounts& other) {
    entries += other.entries;
    system_calls += other.system_calls;
    exceptions += other.exceptions;
    deadlines += other.deadlines;
    copies_done += other.copies_done;
    copies_faulted += other.copies_faulted;
    return *this;
}

FuzzHandlers::FuzzHandlers()
    : before_{core::user::set_handlers(&FuzzEntries::handlers)} {}

FuzzHandlers::~FuzzHandlers() {
    core::user::set_handlers(before_);
}

Fuzzer::Fuzzer(CpuId cpu, std::uint64_t seed)
    : random_{seed + cpu.value}
    , code_{region_of(cpu), code_size, Access::read_execute}
    , data_{region_of(cpu) + 1_MiB, data_size, Access::read_write}
    , tick_{FuzzEntries::tick, this} {
    running[cpu.value] = this;
    for (std::size_t i = 0; i < pages_.size(); ++i) {
        pages_[i] = reinterpret_cast<std::byte*>(code_.kernel_view(i * page_size));
    }
    const auto lengths = fuzz_corpus().lengths;
    REQUIRE(lengths.size() <= corpus_offsets_.size());
    std::exclusive_scan(lengths.begin(), lengths.end(), corpus_offsets_.begin(), std::uint16_t{0});
}

std::uint64_t Fuzzer::draw(Random& random) {
    const auto values = fuzz_values();
    const CpuId cpu{static_cast<std::uint32_t>(random.below(8))}; // a neighbour's memory, perhaps
    const std::uint64_t near = random.below(64) - 32;
    switch (random.below(16)) {
    case 0: return 0;
    case 1: return random.below(256);
    case 2:
    case 3: return values[random.below(values.size())];
    case 4: return std::uint64_t{1} << random.below(64);
    case 5: return ~std::uint64_t{0} - random.below(64);
    case 6: return (region_of(cpu) + random.below(code_size)).value;
    case 7: return (region_of(cpu) + 1_MiB + data_size).value + near; // the end of what is there
    case 8:
    case 9: return (region_of(cpu) + 1_MiB + random.below(data_size)).value;
    case 10: return core::user::user_end.value + near;
    case 11: return 0x1234'0000'0000'0000 ^ random.next() >> 8;
    case 12: return (core::memory::image_text().begin + random.below(1_MiB)).value;
    case 13: return (core::memory::direct_map_base + random.below(64_MiB)).value;
    case 14: return VirtAddr::of(&core::cpu::current()).value + random.below(256);
    default: return random.next();
    }
}

/// Puts what fits of `bytes` at `offset`, and moves it on.
void Fuzzer::put(std::span<const std::byte> bytes, std::uint64_t& offset) {
    for (const std::byte byte : bytes) {
        if (offset < code_size) {
            pages_[offset / page_size][offset % page_size] = fuzz_code_byte(byte);
            ++offset;
        }
    }
}

void Fuzzer::write_programs() {
    const Corpus corpus = fuzz_corpus();
    std::array<std::byte, 256> piece;
    for (std::uint64_t offset = 0; offset < code_size;) {
        if (random_.below(3) == 0) {
            const std::size_t size = fuzz_instruction_alignment * random_.between(1, 8);
            for (std::size_t i = 0; i < size; ++i) {
                piece[i] = static_cast<std::byte>(random_.next());
            }
            put({piece.data(), size}, offset);
            continue;
        }
        const std::size_t index = random_.below(corpus.lengths.size());
        const std::size_t size = corpus.lengths[index];
        std::copy_n(corpus.code + corpus_offsets_[index], size, piece.begin());
        for (std::uint64_t mutations = random_.below(4) == 0 ? random_.between(1, 3) : 0; mutations != 0;
             --mutations) {
            piece[random_.below(size)] ^= static_cast<std::byte>(1U << random_.below(8));
        }
        put({piece.data(), size}, offset);
    }
    machine::synchronise_instructions(code_.begin(), code_size);
}

VirtAddr Fuzzer::some_instruction() {
    const std::uint64_t offset = random_.below(code_size / fuzz_instruction_alignment);
    return code_.begin() + offset * fuzz_instruction_alignment;
}

void Fuzzer::make_frame(TrapFrame& frame) {
    const VirtAddr program_counter = random_.below(16) == 0 ? VirtAddr{draw(random_)} : some_instruction();
    const VirtAddr stack_pointer =
        random_.below(2) == 0 ? VirtAddr{draw(random_)} : data_.begin() + random_.below(data_size + 16);
    fuzz_frame(frame, random_, draw, program_counter, stack_pointer);
}

void Fuzzer::enter() {
    TrapFrame frame;
    make_frame(frame);
    ++counts_.entries;
    events_ = 0;
    inside_ = true;
    machine::enter_user(frame);
    inside_ = false;
}

void Fuzzer::check_cpu() {
    const CpuState now = read_cpu_state();
    for (std::size_t i = 0; i < now.count && damage_.empty(); ++i) {
        if (now.registers[i] != expected_.registers[i]) {
            damage_ = now.registers[i].name;
            before_ = expected_.registers[i].value;
            after_ = now.registers[i].value;
        }
    }
}

void Fuzzer::check_tables() {
    const std::uint64_t now = tables_checksum();
    if (now != expected_tables_ && damage_.empty()) {
        damage_ = "the page tables' checksum";
        before_ = expected_tables_;
        after_ = now;
    }
}

/// In interrupt context, as the CPU's own deadline.
void Fuzzer::tick() {
    if (inside_ && entry_at_tick_ == counts_.entries) {
        core::user::request_work(core::cpu::current().id, end_entry);
    }
    entry_at_tick_ = counts_.entries;
    all_deadlines().own().set(tick_, core::time::now() + tick_period);
}

void Fuzzer::run(std::uint64_t entries) {
    expected_ = read_cpu_state();
    expected_tables_ = tables_checksum();
    {
        const core::sync::InterruptsOff off;
        tick();
    }
    while (counts_.entries < entries && damage_.empty()) {
        if (counts_.entries % batch == 0) {
            write_programs();
        }
        enter();
        check_cpu();
        if (counts_.entries % (batch * batches_per_tables_check) == 0) {
            check_tables();
        }
    }
    check_tables();
    // On this CPU, so that it does not run any more when it is out of the queue.
    all_deadlines().own().cancel(tick_);
}

void Fuzzer::handle_system_call(TrapFrame& frame) {
    ++counts_.system_calls;
    if (++events_ >= events_per_entry || random_.below(3) == 0) {
        machine::leave_user();
    }
    machine::set_system_call_result(frame, copy_something(frame));
}

/// What system calls will do with whatever they are given.
std::uint64_t Fuzzer::copy_something(const TrapFrame& frame) {
    const VirtAddr address{machine::system_call_argument(frame, static_cast<unsigned>(random_.below(6)))};
    const std::uint64_t argument =
        machine::system_call_argument(frame, static_cast<unsigned>(random_.below(6)));
    const std::size_t size = argument % (buffer_.size() + 1);
    core::user::CopyResult result;
    switch (random_.below(4)) {
    case 0: result = core::user::copy_from_user(buffer_.data(), address, size); break;
    case 1: result = core::user::copy_to_user(address, buffer_.data(), size); break;
    case 2: result = core::user::clear_user(address, argument); break;
    default: {
        const auto string =
            core::user::copy_string_from_user({reinterpret_cast<char*>(buffer_.data()), size}, address);
        result = {.done = string.length, .faulted = string.faulted};
    }
    }
    result.faulted ? ++counts_.copies_faulted : ++counts_.copies_done;
    return result.done;
}

void Fuzzer::handle_exception(TrapFrame& frame) {
    ++counts_.exceptions;
    if (++events_ >= events_per_entry || random_.below(4) != 0) {
        machine::leave_user();
    }
    make_frame(frame); // the way back has to take whatever it is given
}

void Fuzzer::handle_deadline() {
    ++counts_.deadlines;
    machine::leave_user();
}

} // namespace heddle::test
