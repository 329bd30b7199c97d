// SPDX-License-Identifier: BSD-2-Clause
// The parts of UEFI that the boot stub uses (UEFI specification 2.10; sections at each type). Members that it
// does not use keep their places by name or by count.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heddle::aarch64::efi {

using Handle = void*;
using Status = std::uint64_t;

constexpr Status success = 0;
constexpr Status error_bit = 1ULL << 63;
constexpr Status load_error = error_bit | 1;
constexpr Status invalid_parameter = error_bit | 2;
constexpr Status buffer_too_small = error_bit | 5;

struct Guid {
    std::uint32_t data1;
    std::uint16_t data2;
    std::uint16_t data3;
    std::uint8_t data4[8];

    constexpr bool operator==(const Guid&) const = default;
};

/// 9.1.1.
constexpr Guid loaded_image_protocol{
    0x5b1b31a1, 0x9562, 0x11d2, {0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};
/// 4.6.1.1.
constexpr Guid acpi_table{0x8868e871, 0xe4f1, 0x11d3, {0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81}};
/// 4.6.1.3.
constexpr Guid device_tree_table{
    0xb1b621d5, 0xf19c, 0x41a5, {0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0}};

/// 37.5.
constexpr Guid random_protocol{0x3152bca5, 0xeade, 0x433d, {0x86, 0x2e, 0xc0, 0x1c, 0xdc, 0x29, 0x1f, 0x44}};

/// 4.2.
struct TableHeader {
    std::uint64_t signature;
    std::uint32_t revision;
    std::uint32_t size;
    std::uint32_t checksum;
    std::uint32_t reserved;
};

/// 12.4.1.
struct TextOutput {
    void* reset;
    Status (*output_string)(TextOutput*, const char16_t*);
};

/// 7.2.3, GetMemoryMap(). The array's stride is what the call says, not this size.
struct MemoryDescriptor {
    std::uint32_t type;
    std::uint64_t physical_start;
    std::uint64_t virtual_start;
    std::uint64_t pages; ///< of 4 KiB
    std::uint64_t attribute;
};

static_assert(sizeof(MemoryDescriptor) == 40);

/// 7.2.1, EFI_MEMORY_TYPE: those that are RAM for an operating system.
enum class MemoryType : std::uint32_t {
    loader_code = 1,
    loader_data = 2,
    boot_services_code = 3,
    boot_services_data = 4,
    conventional = 7,
    acpi_reclaim = 9,
    acpi_non_volatile = 10,
};

constexpr std::uint64_t memory_write_back = 1U << 3;        ///< may be cached write-back
constexpr std::uint64_t memory_specific_purpose = 1U << 18; ///< meant for some driver, not for everybody

/// 4.4.
struct BootServices {
    TableHeader header;
    void* task_priority[2];
    void* allocate_pages;
    void* free_pages;
    Status (*get_memory_map)(std::size_t* size, void* map, std::size_t* key, std::size_t* stride,
                             std::uint32_t* version);
    Status (*allocate_pool)(MemoryType type, std::size_t size, void** buffer);
    Status (*free_pool)(void* buffer);
    void* events[6];
    void* protocols[3];
    Status (*handle_protocol)(Handle handle, const Guid* protocol, void** interface);
    void* more_protocols[5];
    void* images[4];
    Status (*exit_boot_services)(Handle image, std::size_t key);
    void* miscellaneous[3];
    void* connections[2];
    void* open_protocols[3];
    void* libraries[2];
    Status (*locate_protocol)(const Guid* protocol, void* registration, void** interface);
};

static_assert(offsetof(BootServices, get_memory_map) == 24 + 4 * 8);
static_assert(offsetof(BootServices, handle_protocol) == 24 + 16 * 8);
static_assert(offsetof(BootServices, exit_boot_services) == 24 + 26 * 8);
static_assert(offsetof(BootServices, locate_protocol) == 24 + 37 * 8);

/// 37.5.
struct RandomProtocol {
    void* get_info;
    Status (*get)(RandomProtocol*, const Guid* algorithm, std::size_t size, void* value);
};

/// 8.3.1, GetTime().
struct Time {
    std::uint16_t year;
    std::uint8_t month;
    std::uint8_t day;
    std::uint8_t hour;
    std::uint8_t minute;
    std::uint8_t second;
    std::uint8_t pad1;
    std::uint32_t nanosecond;
    std::int16_t time_zone; ///< minutes by which UTC is later, or `unspecified_time_zone`
    std::uint8_t daylight;
    std::uint8_t pad2;
};

static_assert(sizeof(Time) == 16);

constexpr std::int16_t unspecified_time_zone = 2047;

/// 4.5.
struct RuntimeServices {
    TableHeader header;
    Status (*get_time)(Time* time, void* capabilities);
};

/// 4.6.
struct ConfigurationTable {
    Guid guid;
    void* table;
};

/// 4.3.
struct SystemTable {
    TableHeader header;
    const char16_t* firmware_vendor;
    std::uint32_t firmware_revision;
    Handle console_in_handle;
    void* console_in;
    Handle console_out_handle;
    TextOutput* console_out;
    Handle standard_error_handle;
    TextOutput* standard_error;
    RuntimeServices* runtime_services;
    BootServices* boot_services;
    std::size_t table_count;
    const ConfigurationTable* tables;
};

static_assert(offsetof(SystemTable, console_out) == 64);
static_assert(offsetof(SystemTable, boot_services) == 96);
static_assert(offsetof(SystemTable, tables) == 112);

/// 9.1.1.
struct LoadedImage {
    std::uint32_t revision;
    Handle parent;
    SystemTable* system_table;
    Handle device;
    void* file_path;
    void* reserved;
    std::uint32_t load_options_size; ///< bytes
    const char16_t* load_options;
};

static_assert(offsetof(LoadedImage, load_options) == 56);

} // namespace heddle::aarch64::efi
