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

KERNEL uint32_t drumlin_mask_count(const uint8_t *mask, uint32_t count) {
    uint32_t sum = 0, i = 0;
    // A byte a lane, as long as it cannot overflow.
    while (count - i >= 64) {
        const uint32_t rounds = (count - i) / 64 < 255 ? (count - i) / 64 : 255;
        uint8_t lanes[64] = {0};
        for (uint32_t round = 0; round < rounds; round++, i += 64)
            for (int j = 0; j < 64; j++) lanes[j] += mask[i + j];
        for (int j = 0; j < 64; j++) sum += lanes[j];
    }
    for (; i < count; i++) sum += mask[i];
    return sum;
}

uint32_t drumlin_mask_places(const uint8_t *mask, uint32_t count, uint32_t first, uint32_t *places) {
    uint32_t found = 0, i = 0;
    // Eight rows at once, of which often none is taken.
    for (; i + 8 <= count; i += 8) {
        uint64_t word;
        memcpy(&word, mask + i, 8);
        if (word == 0) continue;
        if ((word & (word - 1)) == 0) {
            places[found++] = first + i + (uint32_t)__builtin_ctzll(word) / 8;
            continue;
        }
        for (uint32_t k = 0; k < 8; k++) {
            places[found] = first + i + k;
            found += mask[i + k];
        }
    }
    for (; i < count; i++) {
        places[found] = first + i;
        found += mask[i];
    }
    return found;
}
