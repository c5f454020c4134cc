#include "ColumnKernels.h"

#define WITHIN(NAME, TYPE)                                                                                             \
    KERNEL void NAME(const void *values_bytes, uint32_t count, TYPE low, TYPE high, uint8_t *out) {                    \
        const TYPE *values = values_bytes;                                                                             \
        for (uint32_t i = 0; i < count; i++) out[i] = (uint8_t)((values[i] >= low) & (values[i] <= high));             \
    }

WITHIN(drumlin_within_i8, int8_t)
WITHIN(drumlin_within_i16, int16_t)
WITHIN(drumlin_within_i32, int32_t)
WITHIN(drumlin_within_i64, int64_t)
WITHIN(drumlin_within_u8, uint8_t)
WITHIN(drumlin_within_u16, uint16_t)
WITHIN(drumlin_within_u32, uint32_t)
WITHIN(drumlin_within_u64, uint64_t)
WITHIN(drumlin_within_f32, float)
WITHIN(drumlin_within_f64, double)

KERNEL int drumlin_is_ascending_i64(const void *values_bytes, uint32_t count) {
    const int64_t *values = values_bytes;
    int descents = 0;
    for (uint32_t i = 1; i < count; i++) descents |= values[i] < values[i - 1];
    return !descents;
}

KERNEL uint32_t drumlin_not_above_i64(const void *values_bytes, uint32_t count, int64_t limit) {
    const int64_t *values = values_bytes;
    uint32_t i = 0;
#if defined(__x86_64__) && defined(__clang__)
    typedef int64_t times __attribute__((vector_size(128)));
    typedef _Bool bits __attribute__((ext_vector_type(16)));
    for (; i + 16 <= count; i += 16) {
        times next;
        memcpy(&next, values + i, 128);
        const bits found = __builtin_convertvector(next <= limit, bits);
        uint16_t ones;
        memcpy(&ones, &found, 2);
        // Ascending values are found one after the other.
        if (ones != UINT16_MAX) return i + (uint32_t)__builtin_popcount(ones);
    }
#endif
    while (i < count && values[i] <= limit) i++;
    return i;
}

KERNEL void drumlin_mask_and(uint8_t *mask, const uint8_t *other, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) mask[i] &= other[i];
}

KERNEL void drumlin_mask_or(uint8_t *mask, const uint8_t *other, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) mask[i] |= other[i];
}

KERNEL void drumlin_mask_and_not(uint8_t *mask, const uint8_t *other, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) mask[i] &= (uint8_t)~other[i];
}

KERNEL void drumlin_mask_not(uint8_t *mask, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) mask[i] ^= 1;
}

// A bit a row of 64.
static inline uint64_t taken_of_64(const uint8_t *mask) {
#if defined(__x86_64__) && defined(__clang__)
    typedef uint8_t rows __attribute__((vector_size(64)));
    typedef _Bool bits __attribute__((ext_vector_type(64)));
    rows bytes;
    memcpy(&bytes, mask, 64);
    const bits taken = __builtin_convertvector(bytes != 0, bits);
    uint64_t result;
    memcpy(&result, &taken, 8);
    return result;
#else
    uint64_t result = 0;
    for (int i = 0; i < 8; i++) {
        uint64_t word;
        memcpy(&word, mask + 8 * i, 8);
        // Byte k, 0 or 1, comes to bit 56 + k, and nothing else gets so far.
        result |= (word * 0x0102040810204080) >> 56 << 8 * i;
    }
    return result;
#endif
}

KERNEL uint32_t drumlin_mask_count(const uint8_t *mask, uint32_t count) {
    uint32_t sum = 0, i = 0;
    for (; i + 64 <= count; i += 64) sum += (uint32_t)__builtin_popcountll(taken_of_64(mask + i));
    for (; i < count; i++) sum += mask[i];
    return sum;
}

KERNEL uint32_t drumlin_mask_places(const uint8_t *mask, uint32_t count, uint32_t first, uint32_t *places) {
    uint32_t found = 0, i = 0;
    for (; i + 64 <= count; i += 64)
        for (uint64_t taken = taken_of_64(mask + i); taken; taken &= taken - 1)
            places[found++] = first + i + (uint32_t)__builtin_ctzll(taken);
    for (; i < count; i++) {
        places[found] = first + i;
        found += mask[i];
    }
    return found;
}

// A bit a value of a round of 32, the lowest first.
#if defined(__x86_64__) && defined(__clang__)
typedef uint32_t round_words __attribute__((vector_size(128)));
typedef uint8_t round_rows __attribute__((vector_size(32)));
typedef _Bool round_bits __attribute__((ext_vector_type(32)));
#endif

KERNEL void drumlin_packed_within(const void *packed, uint32_t width, uint32_t rounds, uint32_t low, uint32_t span,
                                  uint32_t *bits) {
    const uint32_t mask = width == 0 ? 0 : UINT32_MAX >> (32 - width);
    for (uint32_t round = 0; round < rounds; round++) {
        const uint32_t bit = round * width, shift = bit & 31;
        const char *source = (const char *)packed + (size_t)(bit >> 5) * 128;
#if defined(__x86_64__) && defined(__clang__)
        round_words words, next;
        memcpy(&words, source, 128);
        words >>= shift;
        if (shift + width > 32) {
            memcpy(&next, source + 128, 128);
            words |= next << (32 - shift);
        }
        words = (words & mask) - low;
        const round_bits found = __builtin_convertvector(words <= span, round_bits);
        memcpy(bits + round, &found, 4);
#else
        uint32_t words[32], next[32], found = 0;
        memcpy(words, source, 128);
        for (int i = 0; i < 32; i++) words[i] >>= shift;
        if (shift + width > 32) {
            memcpy(next, source + 128, 128);
            for (int i = 0; i < 32; i++) words[i] |= next[i] << (32 - shift);
        }
        for (int i = 0; i < 32; i++) found |= (uint32_t)((words[i] & mask) - low <= span) << i;
        bits[round] = found;
#endif
    }
}

KERNEL void drumlin_bits_spread(const uint32_t *bits, uint32_t word_count, uint8_t *mask) {
    for (uint32_t i = 0; i < word_count; i++) {
#if defined(__x86_64__) && defined(__clang__)
        round_bits taken;
        memcpy(&taken, bits + i, 4);
        const round_rows rows = __builtin_convertvector(taken, round_rows);
        memcpy(mask + 32 * i, &rows, 32);
#else
        for (int j = 0; j < 32; j++) mask[32 * i + j] = (uint8_t)(bits[i] >> j & 1);
#endif
    }
}

KERNEL uint32_t drumlin_bits_count(const uint32_t *bits, uint32_t word_count) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < word_count; i++) sum += (uint32_t)__builtin_popcount(bits[i]);
    return sum;
}

KERNEL uint32_t drumlin_bits_places(const uint32_t *bits, uint32_t word_count, uint32_t *places) {
    uint32_t found = 0, i = 0;
#if defined(__x86_64__) && defined(__clang__)
    for (; i + 32 <= word_count; i += 32) {
        // Most words have no one where there are few.
        round_words words;
        memcpy(&words, bits + i, 128);
        const round_bits others = __builtin_convertvector(words != 0, round_bits);
        uint32_t left;
        memcpy(&left, &others, 4);
        for (; left; left &= left - 1) {
            const uint32_t word = i + (uint32_t)__builtin_ctz(left);
            for (uint32_t taken = bits[word]; taken; taken &= taken - 1)
                places[found++] = 32 * word + (uint32_t)__builtin_ctz(taken);
        }
    }
#endif
    for (; i < word_count; i++)
        for (uint32_t taken = bits[i]; taken; taken &= taken - 1)
            places[found++] = 32 * i + (uint32_t)__builtin_ctz(taken);
    return found;
}
