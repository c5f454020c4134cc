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
