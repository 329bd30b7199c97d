// SPDX-License-Identifier: BSD-2-Clause
// A machine's ACPI tables: the root pointer at 0xe0000, tables behind it. The last byte says whether
// checksums are set right first, since the fuzzer would hardly ever guess them.
#include "dev/acpi/describe.hpp"
#include "dev/acpi/sleep_package.hpp"
#include "fuzz.hpp"
#include "test/core/boot/buffer_reader.hpp"

#include <cstring>
#include <vector>

using namespace heddle;
using namespace heddle::test;

namespace {

constexpr PhysAddr base{0xe0000};
using Image = std::vector<std::byte>;

void set_checksum(Image& image, std::size_t at, std::size_t length, std::size_t checksum_at) {
    if (at > image.size() || length > image.size() - at || checksum_at >= image.size()) {
        return;
    }
    image[checksum_at] = std::byte{0};
    unsigned sum = 0;
    for (std::size_t i = 0; i < length; ++i) {
        sum += static_cast<unsigned>(image[at + i]);
    }
    image[checksum_at] = static_cast<std::byte>(0x100 - sum % 0x100);
}

/// A little-endian number of `size` bytes; 0 beyond the end.
std::uint64_t number(const Image& image, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    if (at <= image.size() && size <= image.size() - at) {
        std::memcpy(&value, image.data() + at, size);
    }
    return value;
}

void set_table_checksum(Image& image, std::uint64_t address) {
    const std::size_t at = address - base.value;
    set_checksum(image, at, number(image, at + 4, 4), at + 9);
}

/// Follows the pointers of a sound image, one level, and the FADT to the DSDT.
void set_checksums(Image& image) {
    for (const std::size_t entry_size : {std::size_t{8}, std::size_t{4}}) {
        const std::uint64_t root = number(image, entry_size == 8 ? 24 : 16, entry_size);
        const std::size_t at = root - base.value;
        const std::size_t length = number(image, at + 4, 4);
        for (std::size_t i = 36; i < length && i < 400; i += entry_size) {
            const std::uint64_t table = number(image, at + i, entry_size);
            set_table_checksum(image, number(image, table - base.value + 40, 4));
            set_table_checksum(image, number(image, table - base.value + 140, 8));
            set_table_checksum(image, table);
        }
        set_table_checksum(image, root);
    }
    set_checksum(image, 0, 20, 8);
    set_checksum(image, 0, 36, 32);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = std::as_bytes(std::span{data, size});
    (void)dev::acpi::find_soft_off(input);
    Image image{input.begin(), input.end()};
    if (size != 0 && (data[size - 1] & 1) != 0) {
        set_checksums(image);
    }
    core::boot::BootInfo boot_info;
    (void)boot_info.memory.push_back({base, 128_KiB, core::boot::MemoryKind::reserved});
    const BufferReader memory{base, image};
    boot_info.rsdp = base;
    dev::acpi::describe_memory(memory, boot_info);
    if (dev::acpi::describe_devices(memory, boot_info)) {
        require(!boot_info.cpus.empty(), "an accepted machine has a CPU");
        require(boot_info.is_ram(base, 128_KiB), "the tables' region is RAM");
    }
    require_sound(boot_info, image);
    return 0;
}
