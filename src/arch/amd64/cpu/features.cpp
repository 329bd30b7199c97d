// SPDX-License-Identifier: BSD-2-Clause
// CPUID, and what follows from it for control registers and entry code.
#include "cpu/features.hpp"

#include "core/memory/image.hpp"
#include "core/panic.hpp"
#include "cpu/alternative.h"
#include "cpu/registers.hpp"
#include "machine/page_table.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace heddle::amd64 {
namespace {

/// cpu/alternative.h: both places are relative to the word that names them.
struct Alternative {
    std::int32_t usual;
    std::int32_t better;
    std::uint16_t usual_size;
    std::uint8_t better_size;
    std::uint8_t feature;

    unsigned char* usual_code() const {
        return reinterpret_cast<unsigned char*>(reinterpret_cast<std::uintptr_t>(&usual) +
                                                static_cast<std::int64_t>(usual));
    }

    const unsigned char* better_code() const {
        return reinterpret_cast<const unsigned char*>(reinterpret_cast<std::uintptr_t>(&better) +
                                                      static_cast<std::int64_t>(better));
    }
};

static_assert(sizeof(Alternative) == 12);

} // namespace
} // namespace heddle::amd64

extern "C" {
[[gnu::visibility("hidden")]] extern const heddle::amd64::Alternative heddle_alternatives_start[];
[[gnu::visibility("hidden")]] extern const heddle::amd64::Alternative heddle_alternatives_end[];
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
        found.fsgsbase = bit(extended.ebx, 0);
        found.smep = bit(extended.ebx, 7);
        found.smap = bit(extended.ebx, 20);
        found.umip = bit(extended.ecx, 2);
    }
    found.gigabyte_pages = bit(cpuid(0x8000'0001).edx, 26);
    return found;
}

bool has(std::uint8_t alternative_feature) {
    return alternative_feature == ALTERNATIVE_SMAP ? detected.smap : detected.fsgsbase;
}

/// As few no-ops as possible: they are instructions, too (SDM vol. 2B, NOP: the recommended forms).
void fill_with_no_ops(unsigned char* at, std::size_t size) {
    static constexpr std::size_t longest = 9;
    static constexpr unsigned char forms[longest][longest] = {
        {0x90},
        {0x66, 0x90},
        {0x0f, 0x1f, 0x00},
        {0x0f, 0x1f, 0x40, 0x00},
        {0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
        {0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
        {0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
        {0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00}};
    while (size > 0) {
        const std::size_t next = std::min(size, longest);
        std::memcpy(at, forms[next - 1], next);
        at += next;
        size -= next;
    }
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
    // Nothing of what firmware had set on the boot CPU, and not on the others, stays.
    write_cr0(cr0::paging | cr0::protection | cr0::monitor_coprocessor | cr0::extension_type |
              cr0::numeric_error | cr0::write_protect | cr0::alignment_mask | cr0::emulation);
    std::uint64_t control = cr4::physical_address_extension;
    control |= detected.machine_check ? cr4::machine_check : 0;
    control |= detected.smep ? cr4::smep : 0;
    control |= detected.smap ? cr4::smap : 0;
    control |= detected.umip ? cr4::umip : 0;
    control |= detected.fsgsbase ? cr4::fsgsbase : 0;
    write_cr4(control);
    if (detected.page_attributes) {
        write_msr(Msr::page_attributes, page_attributes_after_reset);
    }
}

void patch_entry_paths() {
    for (const Alternative* each = heddle_alternatives_start; each != heddle_alternatives_end; ++each) {
        if (has(each->feature)) {
            HEDDLE_ASSERT(each->better_size <= each->usual_size);
            std::memcpy(each->usual_code(), each->better_code(), each->better_size);
            fill_with_no_ops(each->usual_code() + each->better_size,
                             std::size_t{each->usual_size} - each->better_size);
        }
    }
}

} // namespace heddle::amd64

namespace heddle::machine {

bool PageTable::supports_leaf(unsigned level) {
    return level < 2 || (level == 2 && amd64::features().gigabyte_pages);
}

} // namespace heddle::machine
