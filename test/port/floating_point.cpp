// SPDX-License-Identifier: BSD-2-Clause
// Floating point for doctest's reports: printing, and the two functions of <cmath> that it calls. Exact
// enough to read durations by; the last digits of a printed value may differ from a libc's. Compiled with
// floating point.
#include <cmath>
#include <ostream>

namespace {

/// Digits of one number; long enough for every fixed notation below.
class Digits {
  public:
    void add(char c) {
        if (used_ < sizeof(text_)) {
            text_[used_++] = c;
        }
    }

    void add(unsigned long long integer, int least_digits) {
        char reversed[20];
        int length = 0;
        while (integer != 0 || length < least_digits || length == 0) {
            reversed[length++] = static_cast<char>('0' + integer % 10);
            integer /= 10;
        }
        while (length > 0) {
            add(reversed[--length]);
        }
    }

    void drop_trailing_zeros() {
        while (text_[used_ - 1] == '0') {
            --used_;
        }
        if (text_[used_ - 1] == '.') {
            --used_;
        }
    }

    std::string_view view() const { return {text_, used_}; }

  private:
    char text_[64];
    std::size_t used_ = 0;
};

constexpr int most_precision = 17;
/// Below this an integer part fits 64 bits.
constexpr double most_fixed = 1e18;

double power_of_ten(int exponent) {
    double power = 1;
    for (; exponent > 0; --exponent) {
        power *= 10;
    }
    return power;
}

/// `value` (finite, 0 to most_fixed) with `precision` digits after the point.
void add_fixed(Digits& digits, double value, int precision) {
    auto integer = static_cast<unsigned long long>(value);
    const double scale = power_of_ten(precision);
    auto fraction = static_cast<unsigned long long>((value - static_cast<double>(integer)) * scale + 0.5);
    if (fraction >= static_cast<unsigned long long>(scale)) {
        fraction = 0;
        ++integer;
    }
    digits.add(integer, 1);
    if (precision > 0) {
        digits.add('.');
        digits.add(fraction, precision);
    }
}

/// `value` > 0 as mantissa (1 to 10) and decimal exponent.
int normalise(double& value) {
    int exponent = 0;
    for (; value >= 10; ++exponent) {
        value /= 10;
    }
    for (; value < 1; --exponent) {
        value *= 10;
    }
    return exponent;
}

void add_exponent(Digits& digits, int exponent) {
    digits.add('e');
    digits.add(exponent < 0 ? '-' : '+');
    digits.add(static_cast<unsigned long long>(exponent < 0 ? -exponent : exponent), 2);
}

/// As %g of printf: `precision` significant digits, trailing zeros dropped.
void add_general(Digits& digits, double value, int precision) {
    if (value == 0) {
        digits.add('0');
        return;
    }
    double mantissa = value;
    const int exponent = normalise(mantissa);
    if (exponent >= -4 && exponent < precision && value < most_fixed) {
        add_fixed(digits, value,
                  precision - 1 - exponent < most_precision ? precision - 1 - exponent : most_precision);
        if (precision - 1 - exponent > 0) {
            digits.drop_trailing_zeros();
        }
        return;
    }
    add_fixed(digits, mantissa, precision - 1);
    if (precision > 1) {
        digits.drop_trailing_zeros();
    }
    add_exponent(digits, exponent);
}

} // namespace

namespace std {

ostream& ostream::operator<<(double value) {
    Digits digits;
    if (signbit(value)) {
        digits.add('-');
        value = -value;
    }
    const auto wanted = precision();
    const int places = wanted > most_precision ? most_precision : wanted < 0 ? 6 : static_cast<int>(wanted);
    if (isnan(value)) {
        return insert("nan");
    }
    if (isinf(value)) {
        return insert(digits.view().empty() ? "inf" : "-inf");
    }
    if ((flags() & ios_base::fixed) != 0 && value < most_fixed) {
        add_fixed(digits, value, places);
    } else {
        add_general(digits, value, places == 0 ? 1 : places);
    }
    return insert(digits.view());
}

ostream& ostream::operator<<(float value) {
    return *this << static_cast<double>(value);
}

ostream& ostream::operator<<(long double value) {
    return *this << static_cast<double>(value);
}

} // namespace std

extern "C" {

double ceil(double value) {
    if (!(value < most_fixed && value > -most_fixed)) {
        return value;
    }
    const auto truncated = static_cast<double>(static_cast<long long>(value));
    return truncated < value ? truncated + 1 : truncated;
}

/// Exact for powers of ten, as doctest's column widths need; elsewhere good to about 1e-9.
double log10(double value) {
    if (!(value > 0) || std::isinf(value)) {
        return value == 0 ? -__builtin_inf() : value > 0 ? value : __builtin_nan("");
    }
    const int exponent = normalise(value);
    // ln(m) = 2 artanh((m-1)/(m+1)), after halving the distance to 1 by square roots' inverse: m = 10^(1/2)
    // steps.
    constexpr double root_of_ten = 3.1622776601683795;
    double result = exponent;
    if (value >= root_of_ten) {
        value /= root_of_ten;
        result += 0.5;
    }
    const double ratio = (value - 1) / (value + 1);
    double power = ratio;
    double sum = 0;
    for (int n = 1; n < 60; n += 2) {
        sum += power / n;
        power *= ratio * ratio;
    }
    return result + 2 * sum / 2.302585092994046;
}

} // extern "C"
