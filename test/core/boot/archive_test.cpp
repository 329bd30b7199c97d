// SPDX-License-Identifier: BSD-2-Clause
// The boot archive: what is read of a sound one, and the words for each way in which one can be wrong.
#include "core/boot/archive.hpp"
#include "test/core/boot/ustar.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using core::boot::Archive;
using core::boot::ArchiveProblem;

std::string_view text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Opens an archive that must be refused; what it says.
ArchiveProblem refused(const Ustar& ustar) {
    ArchiveProblem problem;
    const auto archive = Archive::open(ustar.bytes(), problem);
    REQUIRE_FALSE(archive.has_value());
    CHECK(archive.error() == Error::malformed);
    return problem;
}

TEST_SUITE_BEGIN("core/boot/archive");

TEST_CASE("an archive with only its end has no files") {
    Ustar& ustar = fresh_ustar();
    ustar.end();
    ArchiveProblem problem;
    const auto archive = Archive::open(ustar.bytes(), problem);
    REQUIRE(archive.has_value());
    CHECK(archive->files().empty());
    CHECK(archive->find("a").error() == Error::not_found);
}

TEST_CASE("files are read in place and in order, directories are passed over") {
    Ustar& ustar = fresh_ustar();
    ustar.add("z", "last name, first place");
    ustar.add("directory/", "", '5');
    ustar.add("directory/empty");
    ustar.add("old", "type NUL", '\0');
    ustar.add("contiguous", "type 7", '7');
    ustar.end();
    ArchiveProblem problem;
    const auto archive = Archive::open(ustar.bytes(), problem);
    REQUIRE(archive.has_value());
    REQUIRE(archive->files().size() == 4);
    CHECK(archive->files()[0].path == "z");
    CHECK(archive->files()[1].path == "directory/empty");
    CHECK(archive->files()[1].data.empty());
    CHECK(text(archive->files()[0].data) == "last name, first place");
    CHECK(archive->files()[0].data.data() == ustar.bytes().data() + Ustar::block);
    CHECK(text(archive->find("old")->data) == "type NUL");
    CHECK(text(archive->find("contiguous")->data) == "type 7");
    CHECK(archive->find("directory").error() == Error::not_found);
    CHECK(archive->find("").error() == Error::not_found);
}

TEST_CASE("a path in two parts is put together, a leading ./ is dropped") {
    Ustar& ustar = fresh_ustar();
    ustar.add("./", "", '5');
    ustar.add("./a", "1");
    ustar.add("b", "2", '0', "deep/down");
    ustar.add("c", "3", '0', "./deep");
    ustar.end();
    ArchiveProblem problem;
    const auto archive = Archive::open(ustar.bytes(), problem);
    REQUIRE(archive.has_value());
    CHECK(archive->files()[0].path == "a");
    CHECK(archive->files()[1].path == "deep/down/b");
    CHECK(archive->files()[2].path == "deep/c");
    CHECK(text(archive->find("deep/down/b")->data) == "2");
}

TEST_CASE("names that fill their fields have no NUL and are whole") {
    char name[101];
    std::memset(name, 'n', 100);
    char prefix[155];
    std::memset(prefix, 'p', 154);
    Ustar& ustar = fresh_ustar();
    ustar.add({name, 100}, "x", '0', {prefix, 154});
    ustar.end();
    ArchiveProblem problem;
    const auto archive = Archive::open(ustar.bytes(), problem);
    REQUIRE(archive.has_value());
    CHECK(archive->files()[0].path.size() == 255);
}

TEST_CASE("what follows the end is ignored") {
    Ustar& ustar = fresh_ustar();
    ustar.add("a", "1");
    ustar.end();
    ustar.append("no header at all");
    ArchiveProblem problem;
    REQUIRE(Archive::open(ustar.bytes(), problem).has_value());
}

TEST_CASE("an archive moves, and the one that is left is empty") {
    Ustar& ustar = fresh_ustar();
    ustar.add("a", "1");
    ustar.end();
    ArchiveProblem problem;
    auto first = Archive::open(ustar.bytes(), problem);
    REQUIRE(first.has_value());
    const Archive second{*std::move(first)};
    CHECK(first->files().empty());
    CHECK(second.files().size() == 1);
}

TEST_CASE("a path that leads elsewhere is refused by name") {
    struct Case {
        std::string_view name;
        std::string_view prefix;
        std::string_view reason;
    };

    constexpr Case cases[] = {
        {"/etc/passwd", "", "the path is absolute"},
        {"passwd", "/etc", "the path is absolute"},
        {"../up", "", "the path has a \".\" or \"..\" component"},
        {"a/../../up", "", "the path has a \".\" or \"..\" component"},
        {"a/..", "", "the path has a \".\" or \"..\" component"},
        {"up", "..", "the path has a \".\" or \"..\" component"},
        {"a/./b", "", "the path has a \".\" or \"..\" component"},
        {"a//b", "", "the path has an empty component"},
        {"a/", "", "the path has an empty component"},
        {"", "", "the path is empty"},
        {"", "a", "the path has an empty component"},
    };
    for (const Case& each : cases) {
        Ustar& ustar = fresh_ustar();
        ustar.add("good", "1");
        ustar.add(each.name, "2", '0', each.prefix);
        ustar.end();
        const ArchiveProblem problem = refused(ustar);
        CHECK(problem.member == 2);
        CHECK(problem.name == each.name);
        CHECK(problem.reason == each.reason);
    }
}

TEST_CASE("a path of 256 bytes is overlong") {
    char name[100];
    std::memset(name, 'n', sizeof(name));
    char prefix[155];
    std::memset(prefix, 'p', sizeof(prefix));
    Ustar& ustar = fresh_ustar();
    ustar.add({name, sizeof(name)}, "x", '0', {prefix, sizeof(prefix)});
    ustar.end();
    CHECK(refused(ustar).reason == "the path is longer than 255 bytes");
}

TEST_CASE("the later of two members with one path is named") {
    Ustar& ustar = fresh_ustar();
    ustar.add("a/b", "1");
    ustar.add("a", "", '5');
    ustar.add("c", "2");
    ustar.add("b", "3", '0', "a");
    ustar.end();
    const ArchiveProblem problem = refused(ustar);
    CHECK(problem.member == 4);
    CHECK(problem.name == "b");
    CHECK(problem.reason == "an earlier member has the same path");
}

TEST_CASE("types other than files and directories are named") {
    constexpr struct {
        char type;
        std::string_view reason;
    } cases[] = {
        {'1', "hard links are not supported"},
        {'2', "symbolic links are not supported"},
        {'3', "character devices are not supported"},
        {'4', "block devices are not supported"},
        {'6', "FIFOs are not supported"},
        {'x', "pax extended headers are not supported; write plain ustar"},
        {'g', "pax global headers are not supported; write plain ustar"},
        {'L', "GNU long names are not supported; write plain ustar"},
        {'S', "GNU sparse files are not supported; write plain ustar"},
        {'?', "unknown member type"},
    };

    for (const auto& each : cases) {
        Ustar& ustar = fresh_ustar();
        ustar.add("member", "", each.type);
        ustar.end();
        const ArchiveProblem problem = refused(ustar);
        CHECK(problem.member == 1);
        CHECK(problem.name == "member");
        CHECK(problem.reason == each.reason);
    }
}

TEST_CASE("a header that cannot be trusted is refused without its name") {
    Ustar& ustar = fresh_ustar();
    ustar.add("a", "1");
    ustar.end();
    SUBCASE("checksum") {
        ustar.spoil(0, 0, "b");
        CHECK(refused(ustar).reason == "wrong header checksum");
    }
    SUBCASE("checksum that is no number") {
        ustar.spoil(0, Ustar::checksum_field, "wrong");
        CHECK(refused(ustar).reason == "wrong header checksum");
    }
    SUBCASE("magic") {
        ustar.set(0, Ustar::magic_field, "bstar");
        CHECK(refused(ustar).reason == "not a ustar header");
    }
    SUBCASE("GNU's magic") {
        ustar.set(0, Ustar::magic_field, std::string_view{"ustar  \0", 8});
        CHECK(refused(ustar).reason == "GNU tar format, not POSIX ustar");
    }
    CHECK(refused(ustar).name.empty());
}

TEST_CASE("a size that is not octal is refused") {
    Ustar& ustar = fresh_ustar();
    ustar.add("a", "1");
    ustar.end();
    SUBCASE("base 256") {
        ustar.set(0, Ustar::size_field, std::string_view{"\x80\0\0\0\0\0\0\0\0\0\0\1", 12});
        CHECK(refused(ustar).reason == "the size is in base 256, not octal");
    }
    SUBCASE("a digit that does not exist") {
        ustar.set(0, Ustar::size_field, "00000000008");
        CHECK(refused(ustar).reason == "the size is not an octal number");
    }
    SUBCASE("nothing") {
        ustar.set(0, Ustar::size_field, std::string_view{"\0\0\0\0\0\0\0\0\0\0\0\0", 12});
        CHECK(refused(ustar).reason == "the size is not an octal number");
    }
    SUBCASE("digits after its end") {
        ustar.set(0, Ustar::size_field, "0000001 001");
        CHECK(refused(ustar).reason == "the size is not an octal number");
    }
    CHECK(refused(ustar).name == "a");
}

TEST_CASE("a truncated archive is refused wherever it was cut") {
    Ustar& ustar = fresh_ustar();
    ustar.add("a", "1");
    ustar.add("b", "2");
    ustar.end();
    const auto whole = ustar.bytes();
    ArchiveProblem problem;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto archive = Archive::open(whole.first(size), problem);
        REQUIRE_FALSE(archive.has_value());
        REQUIRE(archive.error() == Error::malformed);
    }
    CHECK_FALSE(Archive::open(whole.first(0), problem).has_value());
    CHECK(problem.reason == "the end of the archive is missing");
    CHECK_FALSE(Archive::open(whole.first(100), problem).has_value());
    CHECK(problem.reason == "truncated inside a header");
    CHECK_FALSE(Archive::open(whole.first(Ustar::block), problem).has_value());
    CHECK(problem.reason == "truncated: the file is longer than the rest of the archive");
    CHECK(problem.name == "a");
    CHECK_FALSE(Archive::open(whole.first(Ustar::block + 5), problem).has_value());
    CHECK(problem.reason == "truncated inside a file's padding");
    CHECK_FALSE(Archive::open(whole.first(2 * Ustar::block), problem).has_value());
    CHECK(problem.reason == "the end of the archive is missing");
    CHECK(problem.member == 2);
}

TEST_CASE("one zero block is not the end") {
    Ustar& ustar = fresh_ustar();
    ustar.add("a", "1");
    ustar.zero_block();
    CHECK(refused(ustar).reason == "the end of the archive is one zero block, not two");
    ustar.add("b", "2");
    ustar.end();
    CHECK(refused(ustar).reason == "the end of the archive is one zero block, not two");
}

TEST_CASE("a size near the top of the address space does not wrap") {
    Ustar& ustar = fresh_ustar();
    ustar.add("a", "1");
    ustar.set(0, Ustar::size_field, "777777777777");
    ustar.end();
    CHECK(refused(ustar).reason == "truncated: the file is longer than the rest of the archive");
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
