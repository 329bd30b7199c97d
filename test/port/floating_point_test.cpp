// SPDX-License-Identifier: BSD-2-Clause
// The floating-point half of the port, tested with floating point: printing, <cmath>, hash tables (whose load
// factor is one).
#include <cmath>
#include <doctest/doctest.h>
#include <iomanip>
#include <sstream>
#include <unordered_set>

namespace heddle::test {
namespace {

template <class T>
std::string printed(T value, int precision = 6, bool fixed = false) {
    std::ostringstream stream;
    stream << std::setprecision(precision);
    if (fixed) {
        stream << std::fixed;
    }
    stream << value;
    return stream.str();
}

TEST_CASE("floating point prints as %g and %f do") {
    CHECK(printed(0.0) == "0");
    CHECK(printed(-0.0) == "-0");
    CHECK(printed(1.5) == "1.5");
    CHECK(printed(-2.25F) == "-2.25");
    CHECK(printed(100000.0) == "100000");
    CHECK(printed(1234567.0) == "1.23457e+06");
    CHECK(printed(0.000125) == "0.000125");
    CHECK(printed(0.00001) == "1e-05");
    CHECK(printed(1.0 / 3.0) == "0.333333");
    CHECK(printed(2.0 / 3.0, 3) == "0.667");
    CHECK(printed(9.9999999) == "10");
    CHECK(printed(12.3456789, 6, true) == "12.345679");
    CHECK(printed(0.9999999, 6, true) == "1.000000");
    CHECK(printed(7.5, 0, true) == "8");
    CHECK(printed(1.0 / 0.0) == "inf");
    CHECK(printed(-1.0 / 0.0) == "-inf");
    CHECK(printed(__builtin_nan("")) == "nan");
}

TEST_CASE("log10 is exact for powers of ten and close elsewhere") {
    // Volatile, so that the compiler does not answer in the library's place.
    volatile double value = 1;
    for (int exponent = 0; exponent <= 15; ++exponent) {
        CHECK(std::log10(value) == exponent);
        value = value * 10;
    }
    value = 2;
    CHECK(std::log10(value) == doctest::Approx(0.30102999566).epsilon(1e-9));
    value = 9.99;
    CHECK(std::log10(value) == doctest::Approx(0.99956548822).epsilon(1e-9));
}

TEST_CASE("ceil rounds up") {
    volatile double value = 1.25;
    CHECK(std::ceil(value) == 2);
    value = -1.25;
    CHECK(std::ceil(value) == -1);
    value = 3;
    CHECK(std::ceil(value) == 3);
}

TEST_CASE("libstdc++'s hash tables grow and find what they hold") {
    std::unordered_set<unsigned long> table;
    for (unsigned long i = 0; i < 1000; ++i) {
        table.insert(i * 7919);
    }
    CHECK(table.size() == 1000);
    CHECK(table.contains(999 * 7919));
    CHECK_FALSE(table.contains(1));
    CHECK(table.bucket_count() >= table.size());
}

} // namespace
} // namespace heddle::test
