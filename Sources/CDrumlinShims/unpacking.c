#include "ColumnKernels.h"

// Lanes of 32 bits, 32 of them: see BitPacking.swift for the layout. A round takes one value from each lane, all at the
// same bit, so that the inner loops have no branch and no varying shift.
#define UNPACK(NAME, WORD)                                                                                             \
    KERNEL void NAME(const void *packed, uint32_t width, uint32_t rounds, WORD base, void *out_bytes) {                \
        WORD *out = out_bytes;                                                                                         \
        const uint32_t mask = width == 0 ? 0 : UINT32_MAX >> (32 - width);                                             \
        for (uint32_t round = 0; round < rounds; round++) {                                                            \
            const uint32_t bit = round * width, shift = bit & 31;                                                      \
            const char *source = (const char *)packed + (size_t)(bit >> 5) * 128;                                      \
            uint32_t low[32], high[32];                                                                                \
            if (shift + width <= 32) {                                                                                 \
                memcpy(low, source, 128);                                                                              \
                for (int i = 0; i < 32; i++) out[i] = (WORD)(base + (WORD)((low[i] >> shift) & mask));                 \
            } else {                                                                                                   \
                memcpy(low, source, 128);                                                                              \
                memcpy(high, source + 128, 128);                                                                       \
                for (int i = 0; i < 32; i++)                                                                           \
                    out[i] = (WORD)(base + (WORD)(((low[i] >> shift) | (high[i] << (32 - shift))) & mask));            \
            }                                                                                                          \
            out += 32;                                                                                                 \
        }                                                                                                              \
    }

UNPACK(drumlin_unpack_u8, uint8_t)
UNPACK(drumlin_unpack_u16, uint16_t)
UNPACK(drumlin_unpack_u32, uint32_t)
UNPACK(drumlin_unpack_u64, uint64_t)

KERNEL void drumlin_unpack_wide(const void *packed, uint32_t width, uint32_t rounds, uint64_t base, void *out_bytes) {
    uint64_t *out = out_bytes;
    const uint64_t mask = UINT64_MAX >> (64 - width);
    for (uint32_t round = 0; round < rounds; round++) {
        const uint32_t bit = round * width, shift = bit & 63;
        const char *source = (const char *)packed + (size_t)(bit >> 6) * 128;
        uint64_t low[16], high[16];
        memcpy(low, source, 128);
        if (shift + width <= 64) {
            for (int i = 0; i < 16; i++) out[i] = base + ((low[i] >> shift) & mask);
        } else {
            memcpy(high, source + 128, 128);
            for (int i = 0; i < 16; i++) out[i] = base + (((low[i] >> shift) | (high[i] << (64 - shift))) & mask);
        }
        out += 16;
    }
}

// Four values a step: the chain from one step to the next is one addition long.
#define RUNNING_SUM(NAME, WORD)                                                                                        \
    void NAME(void *values_bytes, uint32_t count) {                                                                    \
        WORD *values = values_bytes;                                                                                   \
        if (count == 0) return;                                                                                        \
        WORD sum = 0;                                                                                                  \
        uint32_t i = 0;                                                                                                \
        for (; i + 4 <= count; i += 4) {                                                                               \
            const WORD a = values[i], b = a + values[i + 1], c = values[i + 2], d = c + values[i + 3];                 \
            values[i] = sum + a;                                                                                       \
            values[i + 1] = sum + b;                                                                                   \
            values[i + 2] = sum + (b + c);                                                                             \
            sum += b + d;                                                                                              \
            values[i + 3] = sum;                                                                                       \
        }                                                                                                              \
        for (; i < count; i++) values[i] = sum += values[i];                                                           \
    }

RUNNING_SUM(drumlin_running_sum_u32, uint32_t)
RUNNING_SUM(drumlin_running_sum_u64, uint64_t)

KERNEL void drumlin_frame_i32(const void *words_bytes, uint32_t count, uint32_t base, uint32_t factor, void *out_bytes) {
    const uint32_t *words = words_bytes;
    uint32_t *out = out_bytes;
    for (uint32_t i = 0; i < count; i++) out[i] = base + factor * words[i];
}

KERNEL void drumlin_frame_i64(const void *words_bytes, uint32_t count, uint64_t base, uint64_t factor, void *out_bytes) {
    const uint32_t *words = words_bytes;
    uint64_t *out = out_bytes;
    if (factor == 1) {
        for (uint32_t i = 0; i < count; i++) out[i] = base + words[i];
    } else {
        for (uint32_t i = 0; i < count; i++) out[i] = base + factor * words[i];
    }
}

#define SCALE(NAME, WORD)                                                                                              \
    KERNEL void NAME(void *values_bytes, uint32_t count, WORD offset, WORD factor) {                                   \
        WORD *values = values_bytes;                                                                                   \
        for (uint32_t i = 0; i < count; i++) values[i] = offset + factor * values[i];                                  \
    }

SCALE(drumlin_scale_u32, uint32_t)
SCALE(drumlin_scale_u64, uint64_t)

KERNEL void drumlin_frame_f32(const void *words_bytes, uint32_t count, uint32_t base, float divisor, void *out_bytes) {
    const uint32_t *words = words_bytes;
    float *out = out_bytes;
    for (uint32_t i = 0; i < count; i++) out[i] = (float)(int32_t)(base + words[i]) / divisor;
}

KERNEL void drumlin_frame_f64(const void *words_bytes, uint32_t count, uint32_t base, double divisor, void *out_bytes) {
    const uint32_t *words = words_bytes;
    double *out = out_bytes;
    for (uint32_t i = 0; i < count; i++) out[i] = (double)(int32_t)(base + words[i]) / divisor;
}

KERNEL void drumlin_divide_i64(void *values_bytes, uint32_t count, double divisor) {
    uint64_t *values = values_bytes;
    // 1.5 · 2^52 has the integers around it next to each other: adding its bits to an integer's makes the double that is
    // so much more, on machines without a conversion from 64 bits.
    const uint64_t bits = 0x4338000000000000;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t moved = values[i] + bits;
        double value;
        memcpy(&value, &moved, 8);
        value = (value - 6755399441055744.0) / divisor;
        memcpy(&values[i], &value, 8);
    }
}

KERNEL void drumlin_divide_i32(void *values_bytes, uint32_t count, double divisor) {
    uint32_t *values = values_bytes;
    for (uint32_t i = 0; i < count; i++) {
        const float value = (float)((double)(int32_t)values[i] / divisor);
        memcpy(&values[i], &value, 4);
    }
}

KERNEL void drumlin_divide_i24(void *values_bytes, uint32_t count, float divisor) {
    uint32_t *values = values_bytes;
    for (uint32_t i = 0; i < count; i++) {
        const float value = (float)(int32_t)values[i] / divisor;
        memcpy(&values[i], &value, 4);
    }
}

#define GATHER(NAME, WORD)                                                                                             \
    void NAME(const void *codes_bytes, uint32_t count, const void *table_bytes, void *out_bytes) {                     \
        const uint32_t *codes = codes_bytes;                                                                           \
        const WORD *table = table_bytes;                                                                               \
        WORD *out = out_bytes;                                                                                         \
        for (uint32_t i = 0; i < count; i++) out[i] = table[codes[i]];                                                 \
    }

GATHER(drumlin_gather_u8, uint8_t)
GATHER(drumlin_gather_u16, uint16_t)
KERNEL GATHER(drumlin_gather_u32, uint32_t)
KERNEL GATHER(drumlin_gather_u64, uint64_t)

KERNEL void drumlin_gather_bits(const void *codes_bytes, uint32_t count, uint32_t bits, uint8_t *out) {
    const uint32_t *codes = codes_bytes;
    for (uint32_t i = 0; i < count; i++) out[i] = (uint8_t)((bits >> codes[i]) & 1);
}

KERNEL uint32_t drumlin_or_u32(const void *values_bytes, uint32_t count) {
    const uint32_t *values = values_bytes;
    uint32_t bits = 0;
    for (uint32_t i = 0; i < count; i++) bits |= values[i];
    return bits;
}

uint32_t drumlin_short_texts(const uint32_t *codes, uint32_t count, const uint8_t *table, const uint8_t *lengths,
                             const uint8_t *validity, uint32_t start, uint8_t *texts, uint32_t *ends) {
    uint32_t place = 0;
    for (uint32_t i = 0; i < count; i++) {
        // One step of 16 bytes whatever the length: what is too much is written over by the next text.
        memcpy(texts + place, table + 16 * (size_t)codes[i], 16);
        place += validity && !validity[i] ? 0 : lengths[codes[i]];
        ends[i] = start + place;
    }
    return place;
}

KERNEL void drumlin_ramp_u32(uint32_t start, uint32_t step, uint32_t count, uint32_t *out) {
    for (uint32_t i = 0; i < count; i++) out[i] = start + (i + 1) * step;
}
