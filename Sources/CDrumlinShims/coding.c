#include "ColumnKernels.h"

static inline uint64_t load_word(const void *stream, uint64_t bit) {
    uint64_t word;
    memcpy(&word, (const uint8_t *)stream + (bit >> 3), 8);
    return word >> (bit & 7);
}

#define TAKE(STREAM, PLACE)                                                                                            \
    do {                                                                                                               \
        const uint32_t entry = table[word##STREAM & mask];                                                             \
        word##STREAM >>= entry & 15;                                                                                   \
        bit##STREAM += entry & 15;                                                                                     \
        symbols[(PLACE)] = entry >> 4;                                                                                 \
    } while (0)

// Four chains of dependent look-ups, one a stream; a load has 57 bits or more, which is four codes of 12.
KERNEL void drumlin_prefix_codes(const void *stream0, const void *stream1, const void *stream2, const void *stream3,
                                 const uint16_t *table, uint32_t table_bits, uint32_t count, uint32_t *symbols) {
    const uint64_t mask = ((uint64_t)1 << table_bits) - 1;
    uint64_t bit0 = 0, bit1 = 0, bit2 = 0, bit3 = 0;
    uint32_t i = 0;
    for (; i + 16 <= count; i += 16) {
        uint64_t word0 = load_word(stream0, bit0), word1 = load_word(stream1, bit1);
        uint64_t word2 = load_word(stream2, bit2), word3 = load_word(stream3, bit3);
        for (uint32_t round = 0; round < 16; round += 4) {
            TAKE(0, i + round);
            TAKE(1, i + round + 1);
            TAKE(2, i + round + 2);
            TAKE(3, i + round + 3);
        }
    }
    for (; i < count; i += 4) {
        uint64_t word0 = load_word(stream0, bit0), word1 = load_word(stream1, bit1);
        uint64_t word2 = load_word(stream2, bit2), word3 = load_word(stream3, bit3);
        TAKE(0, i);
        if (i + 1 < count) TAKE(1, i + 1);
        if (i + 2 < count) TAKE(2, i + 2);
        if (i + 3 < count) TAKE(3, i + 3);
    }
}

KERNEL static uint32_t steps_by_word(const void *steps_bytes, uint32_t byte_count, uint32_t count, uint32_t *highs) {
    const uint8_t *steps = steps_bytes;
    uint32_t i = 0;
    for (uint32_t byte = 0; byte < byte_count && i < count; byte += 8) {
        uint64_t word = 0;
        if (byte + 8 <= byte_count) memcpy(&word, steps + byte, 8);
        else memcpy(&word, steps + byte, byte_count - byte);
        const uint32_t ones = (uint32_t)__builtin_popcountll(word);
        const uint32_t first = byte * 8 - i;
        // Always the same number of turns, so that no branch is mispredicted: what is too much is written over by the
        // next word.
        uint32_t turn = 0;
        do {
            for (uint32_t k = turn; k < turn + 32; k++) {
                // The highest bit is set so that there is one to find, also where no more values are.
                highs[i + k] = first - k + (uint32_t)__builtin_ctzll(word | (uint64_t)1 << 63);
                word &= word - 1;
            }
            turn += 32;
        } while (turn < ones);
        i += ones;
    }
    return i;
}

#if defined(__x86_64__)
#include <immintrin.h>

// Sixteen steps at once: the places of the ones move together, and what is too much is written over.
__attribute__((target("avx512f,popcnt"))) static uint32_t steps_by_mask(const uint8_t *steps, uint32_t byte_count,
                                                                        uint32_t count, uint32_t *highs) {
    const __m512i places = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    uint32_t i = 0;
    for (uint32_t byte = 0; byte < byte_count && i < count; byte += 2) {
        const uint32_t low = steps[byte], high = byte + 1 < byte_count ? steps[byte + 1] : 0;
        const __mmask16 mask = (__mmask16)(low | high << 8);
        const __m512i ones = _mm512_maskz_compress_epi32(mask, places);
        const __m512i first = _mm512_set1_epi32((int)(byte * 8 - i));
        _mm512_storeu_si512(highs + i, _mm512_add_epi32(first, _mm512_sub_epi32(ones, places)));
        i += (uint32_t)__builtin_popcount(mask);
    }
    return i;
}
#endif

uint32_t drumlin_steps(const void *steps, uint32_t byte_count, uint32_t count, uint32_t *highs) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return steps_by_mask(steps, byte_count, count, highs);
#endif
    return steps_by_word(steps, byte_count, count, highs);
}

#define JOIN(NAME, WORD)                                                                                               \
    KERNEL void NAME(const void *highs_bytes, uint32_t count, uint32_t shift, void *values_bytes) {                    \
        const uint32_t *highs = highs_bytes;                                                                           \
        WORD *values = values_bytes;                                                                                   \
        for (uint32_t i = 0; i < count; i++) values[i] = (WORD)(values[i] + ((WORD)highs[i] << shift));                \
    }

JOIN(drumlin_join_u8, uint8_t)
JOIN(drumlin_join_u16, uint16_t)
JOIN(drumlin_join_u32, uint32_t)
JOIN(drumlin_join_u64, uint64_t)

// What comes out is part of the format: a product is rounded before anything is added to it, whatever the processor
// could do at once.
#pragma STDC FP_CONTRACT OFF

// Adding and taking away 1.5 · 2^52 rounds to the nearest integer, ties to even.
static const double rounder = 6755399441055744.0;

KERNEL void drumlin_shortest(const void *floats_bytes, uint32_t count, const double *powers, uint32_t power_count,
                             void *out_bytes) {
    const float *floats = floats_bytes;
    double *out = out_bytes;
    const double highest = powers[power_count - 1];
    for (uint32_t i = 0; i < count; i++) out[i] = ((double)floats[i] * highest + rounder - rounder) / highest;
    for (uint32_t k = power_count - 1; k-- > 0;) {
        const double power = powers[k];
        for (uint32_t i = 0; i < count; i++) {
            const double quotient = ((double)floats[i] * power + rounder - rounder) / power;
            out[i] = (float)quotient == floats[i] ? quotient : out[i];
        }
    }
}
