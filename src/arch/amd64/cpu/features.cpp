// SPDX-License-Identifier: BSD-2-Clause
// CPUID, and what follows from it for control registers and entry code.
#include "cpu/features.hpp"

#include "core/memory/image.hpp"
#include "cpu/registers.hpp"
#include "machine/page_table.hpp"

#include <cstdint>
#include <cstring>

extern "C" {
// Offsets from each table word to a CLEAR_AC of trap/vectors.S.
[[gnu::visibility("hidden")]] extern const std::int32_t heddle_smap_sites_start[];
[[gnu::visibility("hidden")]] extern const std::int32_t heddle_smap_sites_end[];
}

namespace heddle::amd64 {
namespace {

READ_ONLY_AFTER_INIT constinit Features detected;

constexpr bool bit(std::uint32_t word, unsigned number) {
    return (word >> number & 1) != 0;
}

Features ask_cpu() {
    Features found;
    const CpuidResult base = cpuid(0x1);
    found.machine_check = bit(base.edx, 7);
    found.page_attributes = bit(base.edx, 16);
    found.rdrand = bit(base.ecx, 30);
    found.hypervisor = bit(base.ecx, 31);
    if (cpuid(0x0).eax >= 0x7) {
        const CpuidResult extended = cpuid(0x7);
        found.smep = bit(extended.ebx, 7);
        found.smap = bit(extended.ebx, 20);
        found.umip = bit(extended.ecx, 2);
    }
    found.gigabyte_pages = bit(cpuid(0x8000'0001).edx, 26);
    return found;
}

} // namespace

void detect_features() {
    detected = ask_cpu();
}

const Features& features() {
    return detected;
}

bool has_features_of_boot_cpu() {
    return ask_cpu() == detected;
}

void enable_protections() {
    // SDM vol. 3A, 12.12.4: what machine/page_table.hpp counts on, should firmware have changed it.
    constexpr std::uint64_t page_attributes_after_reset = 0x0007'0406'0007'0406;
    write_cr0(read_cr0() | cr0::write_protect | cr0::emulation);
    std::uint64_t control = read_cr4() & ~(cr4::os_fxsr | cr4::os_xmm_exceptions);
    control |= detected.machine_check ? cr4::machine_check : 0;
    control |= detected.smep ? cr4::smep : 0;
    control |= detected.smap ? cr4::smap : 0;
    control |= detected.umip ? cr4::umip : 0;
    write_cr4(control);
    if (detected.page_attributes) {
        write_msr(Msr::page_attributes, page_attributes_after_reset);
    }
}

void patch_entry_paths() {
    // CLAC and one no-op of six bytes, in place of PUSHFQ, ANDL, POPFQ.
    static constexpr unsigned char with_smap[] = {0x0f, 0x01, 0xca, 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00};
    if (!detected.smap) {
        return;
    }
    for (const std::int32_t* site = heddle_smap_sites_start; site != heddle_smap_sites_end; ++site) {
        std::memcpy(reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(site) +
                                            static_cast<std::int64_t>(*site)),
                    with_smap, sizeof(with_smap));
    }
}

} // namespace heddle::amd64

namespace heddle::machine {

bool PageTable::supports_leaf(unsigned level) {
    return level < 2 || (level == 2 && amd64::features().gigabyte_pages);
}

} // namespace heddle::machine
