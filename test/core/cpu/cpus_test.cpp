// SPDX-License-Identifier: BSD-2-Clause
// Who is online after boot.
#include "core/cpu/cpu_local.hpp"
#include "core/cpu/cpus.hpp"
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/machine/processors.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/floor.hpp"

#include <algorithm>
#include <array>

namespace heddle::test {
namespace {

using namespace core::cpu;

TEST_CASE("the boot CPU is online and is CPU 0") {
    CHECK(current().id == CpuId{0});
    CHECK(online().contains(CpuId{0}));
    CHECK(&current() == &local(CpuId{0}));
}

TEST_CASE("all CPUs are online, as many as the option says if there is one, up to the limit") {
    const auto option = env().command_line().number("cpus");
    const std::uint64_t wanted = std::min<std::uint64_t>(option.value_or(CpuId::limit), CpuId::limit);
    CHECK(online_count() == std::min<std::uint64_t>(env().boot_info().cpus.size(), wanted));
    CHECK(online().bits() ==
          (online_count() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << online_count()) - 1));
}

TEST_CASE("each CPU has its own id, data and hardware id") {
    struct Found {
        std::array<CpuLocal*, CpuId::limit> data{};
        std::array<std::uint64_t, CpuId::limit> hardware{};
    } found;

    call(
        online(),
        [](void* argument) {
            Found& f = *static_cast<Found*>(argument);
            const std::uint32_t id = current().id.value;
            f.data[id] = &current();
            f.hardware[id] = machine::own_hardware_id();
        },
        &found);
    for (const CpuId cpu : online()) {
        CAPTURE(cpu);
        CHECK(found.data[cpu.value] == &local(cpu));
        CHECK(local(cpu).id == cpu);
        const auto described = std::ranges::count(env().boot_info().cpus, found.hardware[cpu.value],
                                                  &core::boot::CpuDescription::hardware_id);
        CHECK(described == 1);
        for (const CpuId other : online()) {
            CHECK((other == cpu || found.hardware[other.value] != found.hardware[cpu.value]));
        }
    }
}

TEST_CASE("what other CPUs write has cache lines of its own") {
    const CpuLocal& cpu = current();
    const auto line = [](const void* member) { return reinterpret_cast<std::uintptr_t>(member) / 64; };
    CHECK(line(&cpu.quiescence) != line(&cpu.inbox));
    CHECK(line(&cpu.inbox) != line(&cpu.broadcast));
    CHECK(line(&cpu.quiescence) > line(&cpu.notifications));
    CHECK(reinterpret_cast<std::uintptr_t>(&cpu) % 64 == 0);
    CHECK(line(&cpu.broadcast) < line(&cpu + 1));
}

} // namespace
} // namespace heddle::test
