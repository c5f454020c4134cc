#ifndef COLUMN_KERNELS_H
#define COLUMN_KERNELS_H

#include <stdint.h>

/// Loops over the values of one vector (at most 1,024), compiled once for each instruction set that matters and picked
/// when the program is loaded: Swift cannot dispatch so. Everything that is added up is added in an order that does not
/// depend on the instruction set: value i goes to lane i mod 16, and the lanes are added pairwise.
///
/// A mask has one byte a value, 1 = take it, and may be null: take all.

/// What ``drumlin_sum_i64`` and its like give: the sum is high · 2^32 + low, which no vector can overflow.
typedef struct {
    int64_t high;
    uint64_t low;
} drumlin_wide_sum;

// Unpacking: value i of `rounds` whole rounds (32 values where width <= 32, else 16), plus `base`, wrapping.
void drumlin_unpack_u8(const void *packed, uint32_t width, uint32_t rounds, uint8_t base, void *out);
void drumlin_unpack_u16(const void *packed, uint32_t width, uint32_t rounds, uint16_t base, void *out);
void drumlin_unpack_u32(const void *packed, uint32_t width, uint32_t rounds, uint32_t base, void *out);
void drumlin_unpack_u64(const void *packed, uint32_t width, uint32_t rounds, uint64_t base, void *out);
/// Widths of 33 to 64 bits.
void drumlin_unpack_wide(const void *packed, uint32_t width, uint32_t rounds, uint64_t base, void *out);

// Running sums in place: the first value stays, each other one is added to the one before.
void drumlin_running_sum_u32(void *values, uint32_t count);
void drumlin_running_sum_u64(void *values, uint32_t count);

// Frames: value = base + factor · word.
void drumlin_frame_i32(const void *words, uint32_t count, uint32_t base, uint32_t factor, void *out);
void drumlin_frame_i64(const void *words, uint32_t count, uint64_t base, uint64_t factor, void *out);
/// The same in place, of words of the values' own size.
void drumlin_scale_u32(void *values, uint32_t count, uint32_t offset, uint32_t factor);
void drumlin_scale_u64(void *values, uint32_t count, uint64_t offset, uint64_t factor);
/// Decimals of float32 by one division in single precision: exact operands, |base + word| <= 2^24.
void drumlin_frame_f32(const void *words, uint32_t count, uint32_t base, float divisor, void *out);
/// Decimals of float64: base + word within 31 bits.
void drumlin_frame_f64(const void *words, uint32_t count, uint32_t base, double divisor, void *out);
/// Integers of at most 51 bits over a divisor, in place: bits of int64 in, bits of double out.
void drumlin_divide_i64(void *values, uint32_t count, double divisor);
/// Bits of int32 in, bits of float out: through double, and by one division in single precision.
void drumlin_divide_i32(void *values, uint32_t count, double divisor);
void drumlin_divide_i24(void *values, uint32_t count, float divisor);

// Tables: out[i] = table[codes[i]].
void drumlin_gather_u8(const void *codes, uint32_t count, const void *table, void *out);
void drumlin_gather_u16(const void *codes, uint32_t count, const void *table, void *out);
void drumlin_gather_u32(const void *codes, uint32_t count, const void *table, void *out);
void drumlin_gather_u64(const void *codes, uint32_t count, const void *table, void *out);
/// The texts that codes stand for, one after the other, and behind each the place where it ends, counted from `start`; empty
/// where `validity` (may be null) says so. Entry c of `table` has 16 bytes, of which lengths[c] are the text. Returns how many
/// bytes they take; up to 16 more are written.
uint32_t drumlin_short_texts(const uint32_t *codes, uint32_t count, const uint8_t *table, const uint8_t *lengths,
                             const uint8_t *validity, uint32_t start, uint8_t *texts, uint32_t *ends);
/// start + step, start + 2 · step …
void drumlin_ramp_u32(uint32_t start, uint32_t step, uint32_t count, uint32_t *out);
/// Bit codes[i] of `bits`; codes below 32.
void drumlin_gather_bits(const void *codes, uint32_t count, uint32_t bits, uint8_t *out);

// Codes.
/// Decodes `count` symbols: value i from stream i mod 4. An entry of the table, one for each value of the next
/// `table_bits` bits (at most 12), is symbol · 16 + length. Up to 12 · count ÷ 32 + 8 bytes of each stream are read.
void drumlin_prefix_codes(const void *stream0, const void *stream1, const void *stream2, const void *stream3,
                          const uint16_t *table, uint32_t table_bits, uint32_t count, uint32_t *symbols);
/// For one number k after the other of the ones in `steps`, counting from the lowest bit of the first byte: the one's place
/// less k. Returns how many ones were seen, all or the first `count` and a few; `highs` has room for 64 more than that.
uint32_t drumlin_steps(const void *steps, uint32_t byte_count, uint32_t count, uint32_t *highs);
/// values[i] += highs[i] << shift, wrapping; shift is less than the bits of a value.
void drumlin_join_u8(const void *highs, uint32_t count, uint32_t shift, void *values);
void drumlin_join_u16(const void *highs, uint32_t count, uint32_t shift, void *values);
void drumlin_join_u32(const void *highs, uint32_t count, uint32_t shift, void *values);
void drumlin_join_u64(const void *highs, uint32_t count, uint32_t shift, void *values);
/// Of each float the double that its shortest text with as many decimals as one of the ascending `powers` of ten has
/// says, or that of the last power. `out` does not overlap `floats`.
void drumlin_shortest(const void *floats, uint32_t count, const double *powers, uint32_t power_count, void *out);

uint32_t drumlin_or_u32(const void *values, uint32_t count);

// Sums.
drumlin_wide_sum drumlin_sum_i8(const void *values, const uint8_t *mask, uint32_t count);
drumlin_wide_sum drumlin_sum_i16(const void *values, const uint8_t *mask, uint32_t count);
drumlin_wide_sum drumlin_sum_i32(const void *values, const uint8_t *mask, uint32_t count);
drumlin_wide_sum drumlin_sum_i64(const void *values, const uint8_t *mask, uint32_t count);
drumlin_wide_sum drumlin_sum_u8(const void *values, const uint8_t *mask, uint32_t count);
drumlin_wide_sum drumlin_sum_u16(const void *values, const uint8_t *mask, uint32_t count);
drumlin_wide_sum drumlin_sum_u32(const void *values, const uint8_t *mask, uint32_t count);
drumlin_wide_sum drumlin_sum_u64(const void *values, const uint8_t *mask, uint32_t count);
double drumlin_sum_f32(const void *values, const uint8_t *mask, uint32_t count);
double drumlin_sum_f64(const void *values, const uint8_t *mask, uint32_t count);
/// The sum of table[codes[i]].
double drumlin_sum_codes_f64(const uint32_t *codes, const void *table, uint32_t count);
/// What the sum is where only the rows at `places` are taken, of which `values` are those alone.
double drumlin_sum_places_f32(const void *values, const uint32_t *places, uint32_t count);
double drumlin_sum_places_f64(const void *values, const uint32_t *places, uint32_t count);
/// The sum of what drumlin_frame_f32 makes of the words.
double drumlin_sum_frame_f32(const void *words, const uint8_t *mask, uint32_t count, uint32_t base, float divisor);
/// The sum of the squares of value - center.
double drumlin_squares_f64(const void *values, const uint8_t *mask, uint32_t count, double center);

// Extremes: `result` holds what was there before, minimum and maximum. NaN is passed over.
void drumlin_extremes_i8(const void *values, const uint8_t *mask, uint32_t count, void *result);
void drumlin_extremes_i16(const void *values, const uint8_t *mask, uint32_t count, void *result);
void drumlin_extremes_i32(const void *values, const uint8_t *mask, uint32_t count, void *result);
void drumlin_extremes_i64(const void *values, const uint8_t *mask, uint32_t count, void *result);
void drumlin_extremes_u8(const void *values, const uint8_t *mask, uint32_t count, void *result);
void drumlin_extremes_u16(const void *values, const uint8_t *mask, uint32_t count, void *result);
void drumlin_extremes_u32(const void *values, const uint8_t *mask, uint32_t count, void *result);
void drumlin_extremes_u64(const void *values, const uint8_t *mask, uint32_t count, void *result);
void drumlin_extremes_f32(const void *values, const uint8_t *mask, uint32_t count, void *result);
void drumlin_extremes_f64(const void *values, const uint8_t *mask, uint32_t count, void *result);
uint32_t drumlin_nans_f32(const void *values, const uint8_t *mask, uint32_t count);
uint32_t drumlin_nans_f64(const void *values, const uint8_t *mask, uint32_t count);

// Ranges: out[i] = 1 where low <= value <= high, else 0.
void drumlin_within_i8(const void *values, uint32_t count, int8_t low, int8_t high, uint8_t *out);
void drumlin_within_i16(const void *values, uint32_t count, int16_t low, int16_t high, uint8_t *out);
void drumlin_within_i32(const void *values, uint32_t count, int32_t low, int32_t high, uint8_t *out);
void drumlin_within_i64(const void *values, uint32_t count, int64_t low, int64_t high, uint8_t *out);
void drumlin_within_u8(const void *values, uint32_t count, uint8_t low, uint8_t high, uint8_t *out);
void drumlin_within_u16(const void *values, uint32_t count, uint16_t low, uint16_t high, uint8_t *out);
void drumlin_within_u32(const void *values, uint32_t count, uint32_t low, uint32_t high, uint8_t *out);
void drumlin_within_u64(const void *values, uint32_t count, uint64_t low, uint64_t high, uint8_t *out);
void drumlin_within_f32(const void *values, uint32_t count, float low, float high, uint8_t *out);
void drumlin_within_f64(const void *values, uint32_t count, double low, double high, uint8_t *out);

/// Bit i of bits[r]: whether packed word 32 r + i less `low`, wrapping, is at most `span`. Widths of at most 32 bits.
void drumlin_packed_within(const void *packed, uint32_t width, uint32_t rounds, uint32_t low, uint32_t span,
                           uint32_t *bits);

/// 1 where no value is below the one before it.
int drumlin_is_ascending_i64(const void *values, uint32_t count);
/// How many of ascending values are not above `limit`.
uint32_t drumlin_not_above_i64(const void *values, uint32_t count, int64_t limit);

// Masks.
void drumlin_mask_and(uint8_t *mask, const uint8_t *other, uint32_t count);
void drumlin_mask_or(uint8_t *mask, const uint8_t *other, uint32_t count);
void drumlin_mask_and_not(uint8_t *mask, const uint8_t *other, uint32_t count);
void drumlin_mask_not(uint8_t *mask, uint32_t count);
uint32_t drumlin_mask_count(const uint8_t *mask, uint32_t count);
/// The places of the ones, ascending, from `first` on; returns how many. Room for `count`.
uint32_t drumlin_mask_places(const uint8_t *mask, uint32_t count, uint32_t first, uint32_t *places);

// Bits of 32 rows a word, the lowest first.
/// A byte a bit.
void drumlin_bits_spread(const uint32_t *bits, uint32_t word_count, uint8_t *mask);
uint32_t drumlin_bits_count(const uint32_t *bits, uint32_t word_count);
/// The places of the ones, ascending; returns how many. Room for 32 a word.
uint32_t drumlin_bits_places(const uint32_t *bits, uint32_t word_count, uint32_t *places);

// Widening to double.
void drumlin_double_i8(const void *values, uint32_t count, void *out);
void drumlin_double_i16(const void *values, uint32_t count, void *out);
void drumlin_double_i32(const void *values, uint32_t count, void *out);
void drumlin_double_i64(const void *values, uint32_t count, void *out);
void drumlin_double_u8(const void *values, uint32_t count, void *out);
void drumlin_double_u16(const void *values, uint32_t count, void *out);
void drumlin_double_u32(const void *values, uint32_t count, void *out);
void drumlin_double_u64(const void *values, uint32_t count, void *out);
void drumlin_double_f32(const void *values, uint32_t count, void *out);

// Relations between columns. What they give is part of the format, to the last bit (NaN apart).
/// totals[i] += factor · value, modulo 2^64.
void drumlin_add_i8(const void *values, uint32_t count, uint64_t factor, uint64_t *totals);
void drumlin_add_i16(const void *values, uint32_t count, uint64_t factor, uint64_t *totals);
void drumlin_add_i32(const void *values, uint32_t count, uint64_t factor, uint64_t *totals);
void drumlin_add_i64(const void *values, uint32_t count, uint64_t factor, uint64_t *totals);
void drumlin_add_u8(const void *values, uint32_t count, uint64_t factor, uint64_t *totals);
void drumlin_add_u16(const void *values, uint32_t count, uint64_t factor, uint64_t *totals);
void drumlin_add_u32(const void *values, uint32_t count, uint64_t factor, uint64_t *totals);
/// totals[i] += factor · digits, these being value · power rounded to an integer, ties to even; 0 where that is NaN or not
/// below 2^50 in magnitude.
void drumlin_add_digits_f32(const void *values, uint32_t count, double power, uint64_t factor, uint64_t *totals);
void drumlin_add_digits_f64(const void *values, uint32_t count, double power, uint64_t factor, uint64_t *totals);
/// The same digits, as doubles.
void drumlin_round_digits_f32(const void *values, uint32_t count, double power, double *out);
void drumlin_round_digits_f64(const void *values, uint32_t count, double power, double *out);
/// 0: left + right, 1: left - right, 2: |left - right|, 3: left · right, 4: left ÷ right. `out` may be `left`.
void drumlin_arithmetic_f32(uint32_t operation, const void *left, const void *right, uint32_t count, void *out);
void drumlin_arithmetic_f64(uint32_t operation, const void *left, const void *right, uint32_t count, void *out);
/// In place: digits ÷ (stored · power), and digits · stored ÷ power.
void drumlin_quotient(double *digits, const int32_t *stored, uint32_t count, double power);
void drumlin_product(double *digits, const int32_t *stored, uint32_t count, double power);
/// Rounded to float.
void drumlin_single_f64(const double *values, uint32_t count, void *out);
/// How many of at least one ascending thresholds are not above each value: all where it is NaN.
void drumlin_steps_of_f64(const double *values, uint32_t count, const double *thresholds, uint32_t threshold_count,
                          uint32_t *out);
/// (base + words[i]) ÷ ((stored_base + stored[i]) · power), all of whose operands and products are whole numbers of at most
/// 2^24 in magnitude: what double precision gives, rounded to float.
void drumlin_quotient_words_f32(const uint32_t *words, uint32_t base, const uint32_t *stored, uint32_t stored_base,
                                uint32_t count, float power, void *out);
/// Of times of which none is before `start`, nor 2^48 or more after it: their periods of `unit` since then, from the number
/// `first` on; modulo `modulus` where that is not 0, and then first is not negative; plus `base`. All of them, and what they
/// come to, are whole numbers below 2^48 in magnitude, and the unit and the modulus are positive.
void drumlin_periods(const int64_t *times, uint32_t count, uint64_t start, double unit, double first, double modulus,
                     double base, double *out);
/// The periods alone, which are below 2^31.
void drumlin_intervals(const int64_t *times, uint32_t count, uint64_t start, double unit, uint32_t *out);

#endif
