#include "ColumnKernels.h"

// Integers of at most 32 bits: 1,024 of them fit 64 bits.
#define SUM_NARROW(NAME, TYPE)                                                                                         \
    KERNEL drumlin_wide_sum NAME(const void *values_bytes, const uint8_t *mask, uint32_t count) {                      \
        const TYPE *values = values_bytes;                                                                             \
        int64_t sum = 0;                                                                                               \
        if (mask) {                                                                                                    \
            for (uint32_t i = 0; i < count; i++) sum += mask[i] ? (int64_t)values[i] : 0;                              \
        } else {                                                                                                       \
            for (uint32_t i = 0; i < count; i++) sum += values[i];                                                     \
        }                                                                                                              \
        return (drumlin_wide_sum){sum >> 32, (uint32_t)sum};                                                           \
    }

SUM_NARROW(drumlin_sum_i8, int8_t)
SUM_NARROW(drumlin_sum_i16, int16_t)
SUM_NARROW(drumlin_sum_i32, int32_t)
SUM_NARROW(drumlin_sum_u8, uint8_t)
SUM_NARROW(drumlin_sum_u16, uint16_t)
SUM_NARROW(drumlin_sum_u32, uint32_t)

// Integers of 64 bits: the halves apart.
#define SUM_WIDE(NAME, TYPE)                                                                                           \
    KERNEL drumlin_wide_sum NAME(const void *values_bytes, const uint8_t *mask, uint32_t count) {                      \
        const TYPE *values = values_bytes;                                                                             \
        int64_t high = 0;                                                                                              \
        uint64_t low = 0;                                                                                              \
        if (mask) {                                                                                                    \
            for (uint32_t i = 0; i < count; i++) {                                                                     \
                const TYPE value = mask[i] ? values[i] : 0;                                                            \
                high += (int64_t)(value >> 32);                                                                        \
                low += (uint32_t)value;                                                                                \
            }                                                                                                          \
        } else {                                                                                                       \
            for (uint32_t i = 0; i < count; i++) {                                                                     \
                high += (int64_t)(values[i] >> 32);                                                                    \
                low += (uint32_t)values[i];                                                                            \
            }                                                                                                          \
        }                                                                                                              \
        return (drumlin_wide_sum){high, low};                                                                          \
    }

SUM_WIDE(drumlin_sum_i64, int64_t)
SUM_WIDE(drumlin_sum_u64, uint64_t)

static inline double together(double *lanes) {
    for (int step = LANES / 2; step > 0; step /= 2)
        for (int i = 0; i < step; i++) lanes[i] += lanes[i + step];
    return lanes[0];
}

// Whether of as many rows as there are lanes none is taken.
static inline int none(const uint8_t *mask) {
    uint64_t halves[2];
    memcpy(halves, mask, LANES);
    return (halves[0] | halves[1]) == 0;
}

// The lanes are spelled out: a compiler may not reorder a sum of floats, and so may vectorise only what stands here.
#define SUM_REAL(NAME, TYPE)                                                                                           \
    KERNEL double NAME(const void *values_bytes, const uint8_t *mask, uint32_t count) {                                \
        const TYPE *values = values_bytes;                                                                             \
        double lanes[LANES] = {0};                                                                                     \
        const uint32_t whole = count & ~(uint32_t)(LANES - 1);                                                         \
        if (mask) {                                                                                                    \
            for (uint32_t i = 0; i < whole; i += LANES) {                                                              \
                if (none(mask + i)) continue;                                                                          \
                for (int j = 0; j < LANES; j++) lanes[j] += mask[i + j] ? (double)values[i + j] : 0.0;                 \
            }                                                                                                          \
            for (uint32_t i = whole; i < count; i++) lanes[i - whole] += mask[i] ? (double)values[i] : 0.0;            \
        } else {                                                                                                       \
            for (uint32_t i = 0; i < whole; i += LANES)                                                                \
                for (int j = 0; j < LANES; j++) lanes[j] += (double)values[i + j];                                     \
            for (uint32_t i = whole; i < count; i++) lanes[i - whole] += (double)values[i];                            \
        }                                                                                                              \
        return together(lanes);                                                                                        \
    }

SUM_REAL(drumlin_sum_f32, float)
SUM_REAL(drumlin_sum_f64, double)

// The sum that SUM_REAL comes to where the rows at `places` are taken, whose values are given alone.
#define SUM_PLACES(NAME, TYPE)                                                                                         \
    double NAME(const void *values_bytes, const uint32_t *places, uint32_t count) {                                    \
        const TYPE *values = values_bytes;                                                                             \
        double lanes[LANES] = {0};                                                                                     \
        for (uint32_t i = 0; i < count; i++) lanes[places[i] % LANES] += (double)values[i];                            \
        return together(lanes);                                                                                        \
    }

SUM_PLACES(drumlin_sum_places_f32, float)
SUM_PLACES(drumlin_sum_places_f64, double)

// Keeps a lane in a register of its own: what compilers make of these additions, gathers or vectors put together from single
// values, is slower than one load and one addition after the other.
#if defined(__x86_64__)
#define ALONE(lane) __asm__("" : "+x"(lane))
#else
#define ALONE(lane) (void)(lane)
#endif
#define ADD(lane, place) lane += table[next[place]]; ALONE(lane)

double drumlin_sum_codes_f64(const uint32_t *codes, const void *table_bytes, uint32_t count) {
    const double *table = table_bytes;
    const uint32_t whole = count & ~(uint32_t)(LANES - 1);
    double a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, k = 0, l = 0, m = 0, n = 0, o = 0, p = 0, q = 0, r = 0;
    for (uint32_t i = 0; i < whole; i += LANES) {
        const uint32_t *next = codes + i;
        ADD(a, 0); ADD(b, 1); ADD(c, 2); ADD(d, 3); ADD(e, 4); ADD(f, 5); ADD(g, 6); ADD(h, 7);
        ADD(k, 8); ADD(l, 9); ADD(m, 10); ADD(n, 11); ADD(o, 12); ADD(p, 13); ADD(q, 14); ADD(r, 15);
    }
    double lanes[LANES] = {a, b, c, d, e, f, g, h, k, l, m, n, o, p, q, r};
    for (uint32_t i = whole; i < count; i++) lanes[i - whole] += table[codes[i]];
    return together(lanes);
}

// The same of values that are made as they are added.
#define SUM_MADE(NAME, PARAMETERS, PREPARE, VALUE)                                                                     \
    KERNEL double NAME PARAMETERS {                                                                                    \
        PREPARE;                                                                                                       \
        double lanes[LANES] = {0};                                                                                     \
        const uint32_t whole = count & ~(uint32_t)(LANES - 1);                                                         \
        if (mask) {                                                                                                    \
            for (uint32_t i = 0; i < whole; i += LANES) {                                                              \
                if (none(mask + i)) continue;                                                                          \
                for (int j = 0; j < LANES; j++) lanes[j] += mask[i + j] ? VALUE(i + j) : 0.0;                          \
            }                                                                                                          \
            for (uint32_t i = whole; i < count; i++) lanes[i - whole] += mask[i] ? VALUE(i) : 0.0;                     \
        } else {                                                                                                       \
            for (uint32_t i = 0; i < whole; i += LANES)                                                                \
                for (int j = 0; j < LANES; j++) lanes[j] += VALUE(i + j);                                              \
            for (uint32_t i = whole; i < count; i++) lanes[i - whole] += VALUE(i);                                     \
        }                                                                                                              \
        return together(lanes);                                                                                        \
    }

#define DIVIDED(i) (double)((float)(int32_t)(base + words[i]) / divisor)

SUM_MADE(drumlin_sum_frame_f32,
         (const void *words_bytes, const uint8_t *mask, uint32_t count, uint32_t base, float divisor),
         const uint32_t *words = words_bytes, DIVIDED)

KERNEL double drumlin_squares_f64(const void *values_bytes, const uint8_t *mask, uint32_t count, double center) {
    const double *values = values_bytes;
    double lanes[LANES] = {0};
    const uint32_t whole = count & ~(uint32_t)(LANES - 1);
    for (uint32_t i = 0; i < whole; i += LANES)
        for (int j = 0; j < LANES; j++) {
            const double distance = values[i + j] - center;
            lanes[j] += !mask || mask[i + j] ? distance * distance : 0.0;
        }
    for (uint32_t i = whole; i < count; i++) {
        const double distance = values[i] - center;
        lanes[i - whole] += !mask || mask[i] ? distance * distance : 0.0;
    }
    return together(lanes);
}

#define EXTREMES(NAME, TYPE)                                                                                           \
    KERNEL void NAME(const void *values_bytes, const uint8_t *mask, uint32_t count, void *result_bytes) {              \
        const TYPE *values = values_bytes;                                                                             \
        TYPE *result = result_bytes;                                                                                   \
        TYPE low[LANES], high[LANES];                                                                                  \
        for (int j = 0; j < LANES; j++) {                                                                              \
            low[j] = result[0];                                                                                        \
            high[j] = result[1];                                                                                       \
        }                                                                                                              \
        const uint32_t whole = count & ~(uint32_t)(LANES - 1);                                                         \
        if (mask) {                                                                                                    \
            for (uint32_t i = 0; i < whole; i += LANES)                                                                \
                for (int j = 0; j < LANES; j++) {                                                                      \
                    const TYPE value = values[i + j];                                                                  \
                    low[j] = ((mask[i + j] != 0) & (value < low[j])) ? value : low[j];                                           \
                    high[j] = ((mask[i + j] != 0) & (value > high[j])) ? value : high[j];                                        \
                }                                                                                                      \
        } else {                                                                                                       \
            for (uint32_t i = 0; i < whole; i += LANES)                                                                \
                for (int j = 0; j < LANES; j++) {                                                                      \
                    const TYPE value = values[i + j];                                                                  \
                    low[j] = value < low[j] ? value : low[j];                                                          \
                    high[j] = value > high[j] ? value : high[j];                                                       \
                }                                                                                                      \
        }                                                                                                              \
        for (uint32_t i = whole; i < count; i++) {                                                                     \
            if (mask && !mask[i]) continue;                                                                            \
            low[0] = values[i] < low[0] ? values[i] : low[0];                                                          \
            high[0] = values[i] > high[0] ? values[i] : high[0];                                                       \
        }                                                                                                              \
        for (int j = 0; j < LANES; j++) {                                                                              \
            result[0] = low[j] < result[0] ? low[j] : result[0];                                                       \
            result[1] = high[j] > result[1] ? high[j] : result[1];                                                     \
        }                                                                                                              \
    }

EXTREMES(drumlin_extremes_i8, int8_t)
EXTREMES(drumlin_extremes_i16, int16_t)
EXTREMES(drumlin_extremes_i32, int32_t)
EXTREMES(drumlin_extremes_i64, int64_t)
EXTREMES(drumlin_extremes_u8, uint8_t)
EXTREMES(drumlin_extremes_u16, uint16_t)
EXTREMES(drumlin_extremes_u32, uint32_t)
EXTREMES(drumlin_extremes_u64, uint64_t)
EXTREMES(drumlin_extremes_f32, float)
EXTREMES(drumlin_extremes_f64, double)

#define NANS(NAME, TYPE)                                                                                               \
    KERNEL uint32_t NAME(const void *values_bytes, const uint8_t *mask, uint32_t count) {                              \
        const TYPE *values = values_bytes;                                                                             \
        uint32_t found = 0;                                                                                            \
        if (mask) {                                                                                                    \
            for (uint32_t i = 0; i < count; i++) found += values[i] != values[i] ? mask[i] : 0;                        \
        } else {                                                                                                       \
            for (uint32_t i = 0; i < count; i++) found += values[i] != values[i];                                      \
        }                                                                                                              \
        return found;                                                                                                  \
    }

NANS(drumlin_nans_f32, float)
NANS(drumlin_nans_f64, double)

#define DOUBLE(NAME, TYPE)                                                                                             \
    KERNEL void NAME(const void *values_bytes, uint32_t count, void *out_bytes) {                                      \
        const TYPE *values = values_bytes;                                                                             \
        double *out = out_bytes;                                                                                       \
        for (uint32_t i = 0; i < count; i++) out[i] = (double)values[i];                                               \
    }

DOUBLE(drumlin_double_i8, int8_t)
DOUBLE(drumlin_double_i16, int16_t)
DOUBLE(drumlin_double_i32, int32_t)
DOUBLE(drumlin_double_i64, int64_t)
DOUBLE(drumlin_double_u8, uint8_t)
DOUBLE(drumlin_double_u16, uint16_t)
DOUBLE(drumlin_double_u32, uint32_t)
DOUBLE(drumlin_double_u64, uint64_t)
DOUBLE(drumlin_double_f32, float)
