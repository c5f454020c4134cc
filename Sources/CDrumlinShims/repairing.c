#include "CDrumlinShims.h"
#include "ColumnKernels.h"

#include <string.h>

// Which single bit, turned over, makes a checksum right: XXH64, as `Checksum` of ColumnFormat computes it.
//
// A checksum has four lanes, and each stripe of 32 bytes adds 8 to each. A bit turned over in a stripe changes one lane
// from there on, so all flips of a word are followed through the rest of their lane together, eight at a time.

#define PRIME1 0x9E3779B185EBCA87u
#define PRIME2 0xC2B2AE3D27D4EB4Fu
#define PRIME3 0x165667B19E3779F9u
#define PRIME4 0x85EBCA77C2B2AE63u
#define PRIME5 0x27D4EB2F165667C5u
#define STRIPE 32
#define FLIPS 8

// Also in builds for debugging, where this would be twenty times as slow.
#define INLINE static inline __attribute__((always_inline))

INLINE uint64_t rotate(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

INLINE uint64_t mix(uint64_t lane, uint64_t product) { return rotate(lane + product, 31) * PRIME1; }

INLINE uint64_t load64(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static uint64_t merge(const uint64_t lanes[4]) {
    uint64_t hash = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
    for (int i = 0; i < 4; i++) hash = (hash ^ mix(0, lanes[i] * PRIME2)) * PRIME1 + PRIME4;
    return hash;
}

/// From the merged lanes to the checksum, over the bytes behind the last stripe.
static uint64_t finish(uint64_t hash, size_t count, const uint8_t *tail, size_t rest) {
    hash += count;
    for (; rest >= 8; tail += 8, rest -= 8) {
        hash = rotate(hash ^ mix(0, load64(tail) * PRIME2), 27) * PRIME1 + PRIME4;
    }
    if (rest >= 4) {
        uint64_t word = (uint64_t)tail[0] | (uint64_t)tail[1] << 8 | (uint64_t)tail[2] << 16 | (uint64_t)tail[3] << 24;
        hash = rotate(hash ^ word * PRIME1, 23) * PRIME2 + PRIME3;
        tail += 4;
        rest -= 4;
    }
    for (; rest > 0; tail++, rest--) hash = rotate(hash ^ *tail * PRIME5, 11) * PRIME1;
    hash = (hash ^ hash >> 33) * PRIME2;
    hash = (hash ^ hash >> 29) * PRIME3;
    return hash ^ hash >> 32;
}

/// Takes eight lanes through `count` stripes, whose words are multiplied already.
KERNEL static void follow(uint64_t lanes[FLIPS], const uint64_t *products, size_t count) {
    uint64_t state[FLIPS];
    memcpy(state, lanes, sizeof state);
    for (size_t i = 0; i < count; i++) {
        for (int j = 0; j < FLIPS; j++) state[j] = mix(state[j], products[i]);
    }
    memcpy(lanes, state, sizeof state);
}

int64_t drumlin_find_flipped_bit(
    const uint8_t *bytes, size_t count, uint64_t seed, uint64_t expected, uint64_t *products
) {
    const size_t stripes = count / STRIPE;
    const size_t rest = count % STRIPE;
    uint64_t starts[4] = {seed + PRIME1 + PRIME2, seed + PRIME2, seed, seed - PRIME1};
    uint64_t lanes[4];
    memcpy(lanes, starts, sizeof lanes);
    for (size_t i = 0; i < stripes; i++) {
        for (int lane = 0; lane < 4; lane++) {
            lanes[lane] = mix(lanes[lane], load64(bytes + i * STRIPE + lane * 8) * PRIME2);
        }
    }
    uint8_t tail[STRIPE] = {0};
    if (rest > 0) memcpy(tail, bytes + stripes * STRIPE, rest);
    const uint64_t merged = stripes > 0 ? merge(lanes) : seed + PRIME5;
    for (size_t bit = 0; bit < rest * 8; bit++) {
        tail[bit / 8] ^= (uint8_t)(1u << bit % 8);
        const int isFound = finish(merged, count, tail, rest) == expected;
        tail[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (isFound) return (int64_t)(stripes * STRIPE * 8 + bit);
    }
    for (int lane = 0; lane < 4; lane++) {
        for (size_t i = 0; i < stripes; i++) products[i] = load64(bytes + i * STRIPE + lane * 8) * PRIME2;
        uint64_t before = starts[lane];
        uint64_t changed[4];
        memcpy(changed, lanes, sizeof changed);
        for (size_t i = 0; i < stripes; i++) {
            const uint64_t word = load64(bytes + i * STRIPE + lane * 8);
            for (int first = 0; first < 64; first += FLIPS) {
                uint64_t states[FLIPS];
                for (int j = 0; j < FLIPS; j++) {
                    states[j] = mix(before, (word ^ (uint64_t)1 << (first + j)) * PRIME2);
                }
                follow(states, products + i + 1, stripes - i - 1);
                for (int j = 0; j < FLIPS; j++) {
                    changed[lane] = states[j];
                    if (finish(merge(changed), count, tail, rest) == expected) {
                        return (int64_t)((i * STRIPE + (size_t)lane * 8) * 8) + first + j;
                    }
                }
            }
            before = mix(before, products[i]);
        }
    }
    return -1;
}
