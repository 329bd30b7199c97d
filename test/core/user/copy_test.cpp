// SPDX-License-Identifier: BSD-2-Clause
// Copies from and to programs' memory: every byte count and place around an edge, on all CPUs; ranges that
// are not the programs'; strings.
#include "core/memory/layout.hpp"
#include "core/user/copy.hpp"
#include "test/floor/every_cpu.hpp"
#include "test/floor/floor.hpp"
#include "test/user/program.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using namespace core::user;

/// Where CPU `cpu` has memory: two pages that may be written, one that may only be read, and nothing before
/// and behind.
constexpr VirtAddr region_of(CpuId cpu) {
    return VirtAddr{0x2000'0000 + cpu.value * 1_MiB};
}

constexpr std::uint64_t region_size = 3 * page_size;
constexpr std::uint64_t readable = 2 * page_size; ///< where it begins

/// Both sides of an edge that is looked at, in bytes.
constexpr std::size_t reach = 20;
constexpr std::size_t alignments = 8; ///< of the kernel's buffer

constexpr std::uint8_t pattern(std::uint64_t offset) {
    return static_cast<std::uint8_t>(1 + offset % 251);
}

/// The regions of all CPUs, mapped while it lives.
class Regions {
  public:
    Regions() {
        for (const CpuId cpu : core::cpu::online()) {
            REQUIRE(user_space().map(region_of(cpu), region_size, Access::read_write));
            REQUIRE(user_space().protect(region_of(cpu) + readable, page_size, Access::read));
        }
    }

    ~Regions() {
        for (const CpuId cpu : core::cpu::online()) {
            CHECK(user_space().unmap(region_of(cpu), region_size));
        }
    }

    Regions(const Regions&) = delete;
    Regions& operator=(const Regions&) = delete;
};

/// What a CPU found wrong first.
struct Mistake {
    const char* what = nullptr;
    std::uint64_t offset = 0; ///< in the region
    std::size_t size = 0;
    std::size_t alignment = 0;
};

/// One CPU's checks, which may not use doctest.
class Copier {
  public:
    explicit Copier(CpuId cpu)
        : region_{region_of(cpu)} {}

    /// For every offset and size around each page's edge: copies both ways and clears.
    Mistake check_edges() {
        for (std::uint64_t edge = 0; edge <= region_size; edge += page_size) {
            for (std::uint64_t offset = edge >= reach ? edge - reach : 0; offset <= edge + reach; ++offset) {
                for (std::size_t size = 0; size <= 2 * reach; ++size) {
                    check(offset, size, size % alignments);
                }
            }
        }
        // Every alignment of the one side with every alignment of the other, across an edge without a fault.
        for (std::size_t alignment = 0; alignment < alignments; ++alignment) {
            for (std::uint64_t offset = page_size - alignments; offset < page_size; ++offset) {
                check(offset, 2 * reach, alignment);
            }
        }
        return mistake_;
    }

  private:
    /// The byte at `offset` by the kernel's own mapping.
    std::uint8_t& view(std::uint64_t offset) const {
        return *core::memory::to_virtual(user_space().translate(region_ + offset)->address)
                    .as<std::uint8_t>();
    }

    /// The bytes of the region around what is copied; outside of the region there is nothing to look at.
    template <class Visitor>
    void for_each_around(std::uint64_t offset, std::size_t size, Visitor visit) const {
        for (std::uint64_t at = offset >= 4 ? offset - 4 : 0; at < std::min(offset + size + 4, region_size);
             ++at) {
            visit(at);
        }
    }

    void expect(bool good, const char* what, std::uint64_t offset, std::size_t size, std::size_t alignment) {
        if (!good && mistake_.what == nullptr) {
            mistake_ = {what, offset, size, alignment};
        }
    }

    void check(std::uint64_t offset, std::size_t size, std::size_t alignment) {
        const auto within = [&](std::uint64_t end) {
            return static_cast<std::size_t>(std::min<std::uint64_t>(size, end > offset ? end - offset : 0));
        };
        const std::size_t can_read = within(region_size);
        const std::size_t can_write = within(readable);
        std::array<std::uint8_t, alignments + 2 * reach + 1> buffer;
        std::uint8_t* const bytes = buffer.data() + alignment;
        const auto good = [&](bool is_good, const char* what) {
            expect(is_good, what, offset, size, alignment);
        };

        for_each_around(offset, size, [&](std::uint64_t at) { view(at) = pattern(at); });
        buffer.fill(0);
        good(copy_from_user(bytes, region_ + offset, size) == CopyResult{can_read, can_read != size},
             "copy_from_user's result");
        for (std::size_t i = 0; i < 2 * reach; ++i) {
            good(bytes[i] == (i < can_read ? pattern(offset + i) : 0), "copy_from_user's bytes");
        }

        for (std::size_t i = 0; i < size; ++i) {
            bytes[i] = static_cast<std::uint8_t>(0x80 | i);
        }
        good(copy_to_user(region_ + offset, bytes, size) == CopyResult{can_write, can_write != size},
             "copy_to_user's result");
        for_each_around(offset, size, [&](std::uint64_t at) {
            const bool written = at >= offset && at - offset < can_write;
            good(view(at) == (written ? 0x80 | (at - offset) : pattern(at)), "copy_to_user's bytes");
        });

        good(clear_user(region_ + offset, size) == CopyResult{can_write, can_write != size},
             "clear_user's result");
        for_each_around(offset, size, [&](std::uint64_t at) {
            const bool written = at >= offset && at - offset < can_write;
            good(view(at) == (written ? 0 : pattern(at)), "clear_user's bytes");
        });
    }

    VirtAddr region_;
    Mistake mistake_;
};

/// Counts what was written around it.
struct Guarded {
    std::uint64_t before = 0x1111'1111'1111'1111;
    std::uint64_t value = 0;
    std::uint64_t after = 0x2222'2222'2222'2222;

    bool intact() const { return before == 0x1111'1111'1111'1111 && after == 0x2222'2222'2222'2222; }
};

TEST_SUITE_BEGIN("core/user: copies");

TEST_CASE("ENT-08 copies end at the byte that faults, for every place and count around each page's edge, on "
          "all CPUs") {
    const Regions regions;
    std::array<Mistake, CpuId::limit> mistakes{};
    REQUIRE(on_every_cpu([&] {
        const CpuId cpu = core::cpu::current().id;
        mistakes[cpu.value] = Copier{cpu}.check_edges();
    }));
    for (const CpuId cpu : core::cpu::online()) {
        const Mistake& mistake = mistakes[cpu.value];
        INFO("CPU ", cpu.value, ", offset ", mistake.offset, ", size ", mistake.size, ", alignment ",
             mistake.alignment);
        const char* const what = mistake.what;
        CHECK(what == nullptr);
    }
    CHECK(machine::interrupts_enabled());
}

TEST_CASE("ENT-08 a range that is not wholly the programs' is refused, and nothing is touched") {
    const UserMemory first{user_begin, page_size, Access::read_write};
    const UserMemory last{user_end - page_size, page_size, Access::read_write};
    first.fill(0x11);
    last.fill(0x22);
    std::uint64_t secret = 0x5ec4e7;
    std::uint64_t buffer[2] = {1, 2};
    constexpr std::uint64_t top = ~std::uint64_t{0};

    const struct {
        VirtAddr begin;
        std::size_t size;
    } refused[] = {
        {VirtAddr{0}, 1},
        {VirtAddr{8}, 8},
        {user_begin - 1, 1},
        {user_begin - 8, 16},
        {user_end - 8, 16},
        {user_end, 1},
        {user_end + (page_size - 1), 1},
        {VirtAddr{1ULL << 47}, 8},
        {VirtAddr{0x1234'0000'0000'0000}, 8},
        {VirtAddr::of(&secret), 8},
        {core::memory::direct_map_base + 0x1000, 8},
        {VirtAddr{top - 7}, 8},
        {VirtAddr{top - 7}, 16},
        {user_begin, top},
        {user_begin, top - user_begin.value + 1},
    };

    for (const auto& range : refused) {
        CAPTURE(range.begin);
        CAPTURE(range.size);
        constexpr CopyResult nothing{.done = 0, .faulted = true};
        CHECK(copy_from_user(buffer, range.begin, range.size) == nothing);
        CHECK(copy_to_user(range.begin, buffer, range.size) == nothing);
        CHECK(clear_user(range.begin, range.size) == nothing);
    }
    CHECK(secret == 0x5ec4e7);
    CHECK(buffer[0] == 1);
    CHECK(*first.kernel_view(0) == 0x11);
    CHECK(*last.kernel_view(page_size - 8) == 0x22);
    CHECK(copy_from_user(buffer, VirtAddr{0}, 0) == CopyResult{});
    CHECK(copy_from_user(buffer, user_end - 16, 16) == CopyResult{16, false});
    CHECK(buffer[1] == 0x2222'2222'2222'2222);
    CHECK(clear_user(user_begin, 8) == CopyResult{8, false});
    CHECK(*first.kernel_view(7) == 0);
    CHECK(*first.kernel_view(8) == 0x11);
}

TEST_CASE("ENT-08 values are had whole or not at all") {
    const UserMemory memory{Program::stack, page_size, Access::read_write};
    const VirtAddr last = memory.end() - 8;
    CHECK(write_user(last, std::uint64_t{0x0123'4567'89ab'cdef}));
    CHECK(read_user<std::uint64_t>(last) == 0x0123'4567'89ab'cdefU);
    CHECK(read_user<std::uint16_t>(last + 3) == std::uint16_t{0x6789});
    CHECK(read_user<std::uint64_t>(last + 1).error() == Error::bad_address);
    CHECK(write_user(last + 1, std::uint64_t{0}).error() == Error::bad_address);
    CHECK(read_user<std::uint32_t>(VirtAddr{0}).error() == Error::bad_address);
    CHECK(write_user(VirtAddr::of(&last), 1).error() == Error::bad_address);
}

TEST_CASE(
    "ENT-08 a string is copied with its end, to the buffer's end, or to where the program has nothing") {
    const UserMemory memory{Program::stack, 2 * page_size, Access::read_write};
    memory.fill('x');
    std::array<char, 200> buffer;
    for (const std::size_t length : {0U, 1U, 7U, 62U, 63U, 64U, 65U, 127U, 128U, 130U}) {
        CAPTURE(length);
        for (const VirtAddr end :
             {memory.end(), memory.begin() + page_size + 5}) { // the last byte is its end
            const VirtAddr begin = end - length - 1;
            *memory.kernel_view(end - 1 - memory.begin()) = 0;
            buffer.fill('k');
            CHECK(copy_string_from_user(buffer, begin) == StringResult{length, true, false});
            CHECK(std::string_view{buffer.data()} == std::string(length, 'x'));
            CHECK(buffer[199] == 'k');
            // One byte too few, and just enough.
            CHECK(copy_string_from_user({buffer.data(), length}, begin) ==
                  StringResult{length, false, false});
            CHECK(copy_string_from_user({buffer.data(), length + 1}, begin) ==
                  StringResult{length, true, false});
            *memory.kernel_view(end - 1 - memory.begin()) = 'x';
            if (end == memory.end()) {
                CHECK(copy_string_from_user(buffer, begin) == StringResult{length + 1, false, true});
            }
        }
    }
    CHECK(copy_string_from_user(buffer, VirtAddr{8}) == StringResult{0, false, true});
    CHECK(copy_string_from_user(buffer, VirtAddr::of(&buffer)) == StringResult{0, false, true});
    const UserMemory last{user_end - page_size, page_size, Access::read};
    last.fill('y');
    CHECK(copy_string_from_user(buffer, user_end - 5) == StringResult{5, false, true});
    CHECK(std::string_view{buffer.data(), 5} == "yyyyy");
}

TEST_CASE("ENT-08 a fault leaves the kernel's memory around the buffer alone, with interrupts off too") {
    const UserMemory memory{Program::stack, page_size, Access::read_write};
    memory.fill(0x77);
    const auto interrupts = machine::save_and_disable_interrupts();
    Guarded target;
    const CopyResult copied = copy_from_user(&target.value, memory.end() - 5, 8);
    machine::restore_interrupts(interrupts);
    CHECK(copied == CopyResult{5, true});
    CHECK(target.intact());
    CHECK(target.value == 0x77'7777'7777);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
