#include "ColumnKernels.h"

// What comes out is part of the format: a product is rounded before anything is added to it, whatever the processor
// could do at once.
#pragma STDC FP_CONTRACT OFF

// A double below 2^51 in magnitude that 1.5 · 2^52 is added to loses its fraction, rounded to even, and has its integer in
// the low bits.
static const double rounder = 6755399441055744.0;
static const double digit_limit = 1125899906842624.0;

#define ADD_INTEGERS(NAME, TYPE)                                                                                       \
    KERNEL void NAME(const void *values_bytes, uint32_t count, uint64_t factor, uint64_t *totals) {                    \
        const TYPE *values = values_bytes;                                                                             \
        for (uint32_t i = 0; i < count; i++) totals[i] += factor * (uint64_t)(int64_t)values[i];                       \
    }

ADD_INTEGERS(drumlin_add_i8, int8_t)
ADD_INTEGERS(drumlin_add_i16, int16_t)
ADD_INTEGERS(drumlin_add_i32, int32_t)
ADD_INTEGERS(drumlin_add_i64, int64_t)
ADD_INTEGERS(drumlin_add_u8, uint8_t)
ADD_INTEGERS(drumlin_add_u16, uint16_t)
ADD_INTEGERS(drumlin_add_u32, uint32_t)

// The rounder and the integer in its low bits; the rounder alone for NaN and what is too large for exact digits.
static inline double rounded(double value, double power) {
    const double product = value * power;
    return ((product < digit_limit) && (product > -digit_limit) ? product : 0) + rounder;
}

#define DIGITS(ADD, ROUND, TYPE)                                                                                       \
    KERNEL void ADD(const void *values_bytes, uint32_t count, double power, uint64_t factor, uint64_t *totals) {       \
        const TYPE *values = values_bytes;                                                                             \
        uint64_t bits;                                                                                                 \
        memcpy(&bits, &rounder, 8);                                                                                    \
        for (uint32_t i = 0; i < count; i++) {                                                                         \
            const double moved = rounded(values[i], power);                                                            \
            uint64_t digits;                                                                                           \
            memcpy(&digits, &moved, 8);                                                                                \
            totals[i] += factor * (digits - bits);                                                                     \
        }                                                                                                              \
    }                                                                                                                  \
    KERNEL void ROUND(const void *values_bytes, uint32_t count, double power, double *out) {                           \
        const TYPE *values = values_bytes;                                                                             \
        for (uint32_t i = 0; i < count; i++) out[i] = rounded(values[i], power) - rounder;                             \
    }

DIGITS(drumlin_add_digits_f32, drumlin_round_digits_f32, float)
DIGITS(drumlin_add_digits_f64, drumlin_round_digits_f64, double)

#define ARITHMETIC(NAME, TYPE, MAGNITUDE)                                                                              \
    KERNEL void NAME(uint32_t operation, const void *left_bytes, const void *right_bytes, uint32_t count,              \
                     void *out_bytes) {                                                                                \
        const TYPE *left = left_bytes, *right = right_bytes;                                                           \
        TYPE *out = out_bytes;                                                                                         \
        switch (operation) {                                                                                           \
        case 0:                                                                                                        \
            for (uint32_t i = 0; i < count; i++) out[i] = left[i] + right[i];                                          \
            break;                                                                                                     \
        case 1:                                                                                                        \
            for (uint32_t i = 0; i < count; i++) out[i] = left[i] - right[i];                                          \
            break;                                                                                                     \
        case 2:                                                                                                        \
            for (uint32_t i = 0; i < count; i++) out[i] = MAGNITUDE(left[i] - right[i]);                               \
            break;                                                                                                     \
        case 3:                                                                                                        \
            for (uint32_t i = 0; i < count; i++) out[i] = left[i] * right[i];                                          \
            break;                                                                                                     \
        default:                                                                                                       \
            for (uint32_t i = 0; i < count; i++) out[i] = left[i] / right[i];                                          \
        }                                                                                                              \
    }

ARITHMETIC(drumlin_arithmetic_f32, float, __builtin_fabsf)
ARITHMETIC(drumlin_arithmetic_f64, double, __builtin_fabs)

KERNEL void drumlin_quotient(double *digits, const int32_t *stored, uint32_t count, double power) {
    for (uint32_t i = 0; i < count; i++) digits[i] = digits[i] / ((double)stored[i] * power);
}

KERNEL void drumlin_product(double *digits, const int32_t *stored, uint32_t count, double power) {
    for (uint32_t i = 0; i < count; i++) digits[i] = digits[i] * (double)stored[i] / power;
}

KERNEL void drumlin_single_f64(const double *values, uint32_t count, void *out_bytes) {
    float *out = out_bytes;
    for (uint32_t i = 0; i < count; i++) out[i] = (float)values[i];
}

#define FEW_THRESHOLDS 32

KERNEL void drumlin_steps_of_f64(const double *values, uint32_t count, const double *thresholds, uint32_t threshold_count,
                                 uint32_t *out) {
    if (threshold_count <= FEW_THRESHOLDS) {
        // Counting all of them is faster than jumping among them.
        for (uint32_t first = 0; first < count; first += LANES) {
            uint64_t steps[LANES] = {0};
            double value[LANES] = {0};
            const uint32_t lanes = count - first < LANES ? count - first : LANES;
            for (uint32_t lane = 0; lane < lanes; lane++) value[lane] = values[first + lane];
            for (uint32_t k = 0; k < threshold_count; k++)
                for (uint32_t lane = 0; lane < LANES; lane++) steps[lane] += value[lane] < thresholds[k] ? 0 : 1;
            for (uint32_t lane = 0; lane < lanes; lane++) out[first + lane] = (uint32_t)steps[lane];
        }
        return;
    }
    // Lanes go through the same lengths, so that they can go together.
    for (uint32_t first = 0; first < count; first += LANES) {
        uint32_t base[LANES] = {0};
        double value[LANES] = {0};
        const uint32_t lanes = count - first < LANES ? count - first : LANES;
        for (uint32_t lane = 0; lane < lanes; lane++) value[lane] = values[first + lane];
        uint32_t length = threshold_count;
        while (length > 1) {
            const uint32_t half = length >> 1;
            for (uint32_t lane = 0; lane < LANES; lane++)
                base[lane] += value[lane] < thresholds[base[lane] + half - 1] ? 0 : half;
            length -= half;
        }
        for (uint32_t lane = 0; lane < LANES; lane++) base[lane] += value[lane] < thresholds[base[lane]] ? 0 : 1;
        memcpy(out + first, base, lanes * 4);
    }
}

KERNEL void drumlin_quotient_words_f32(const uint32_t *words, uint32_t base, const uint32_t *stored, uint32_t stored_base,
                                       uint32_t count, float power, void *out_bytes) {
    float *out = out_bytes;
    for (uint32_t i = 0; i < count; i++)
        out[i] = (float)(int32_t)(base + words[i]) / ((float)(int32_t)(stored_base + stored[i]) * power);
}

// The quotient of whole numbers of 0 to 2^49, rounded down. The nearest whole number to a product that is off by less than
// a half is off by one at most, and what it leaves is exact.
static inline double whole_quotient(double value, double unit, double inverse) {
    const double near = value * inverse + rounder - rounder;
    const double rest = value - near * unit;
    return rest < 0 ? near - 1 : rest >= unit ? near + 1 : near;
}

static inline double distance(int64_t time, uint64_t start) {
    // 2^52 has the whole numbers above it next to each other.
    const uint64_t moved = ((uint64_t)time - start) + 0x4330000000000000;
    double value;
    memcpy(&value, &moved, 8);
    return value - 4503599627370496.0;
}

KERNEL void drumlin_periods(const int64_t *times, uint32_t count, uint64_t start, double unit, double first, double modulus,
                            double base, double *out) {
    const double inverse = 1 / unit;
    if (modulus == 0) {
        for (uint32_t i = 0; i < count; i++) out[i] = whole_quotient(distance(times[i], start), unit, inverse) + first + base;
        return;
    }
    const double inverse_modulus = 1 / modulus;
    for (uint32_t i = 0; i < count; i++) {
        const double period = whole_quotient(distance(times[i], start), unit, inverse) + first;
        out[i] = period - whole_quotient(period, modulus, inverse_modulus) * modulus + base;
    }
}

KERNEL void drumlin_intervals(const int64_t *times, uint32_t count, uint64_t start, double unit, uint32_t *out) {
    const double inverse = 1 / unit;
    for (uint32_t i = 0; i < count; i++)
        out[i] = (uint32_t)(int32_t)whole_quotient(distance(times[i], start), unit, inverse);
}
