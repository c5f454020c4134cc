#include "ColumnKernels.h"
#include "include/MixtureKernels.h"

// Every function with vectors in its signature is inlined, so how they would be passed does not matter.
#pragma clang diagnostic ignored "-Wpsabi"
// Four lanes whatever the machine has, and no fused multiplications: every machine gets the same sums.
#pragma STDC FP_CONTRACT OFF

#define ROWS drumlin_mixture_block
#define STRIP drumlin_mixture_strip
#define WIDTH 4
#define HALVES (STRIP / WIDTH)
#define INLINE static inline __attribute__((always_inline))

typedef double reals __attribute__((vector_size(32), aligned(8)));
typedef int64_t integers __attribute__((vector_size(32), aligned(8)));

// A component further below the greatest has a share below 2^-60, which a double that adds it to shares near 1 does not show.
static const double negligible = -42;

INLINE reals load(const double *values) { return *(const reals *)values; }
INLINE void store(double *values, reals value) { *(reals *)values = value; }
INLINE reals all(double value) { return (reals){value, value, value, value}; }
INLINE reals choose(integers mask, reals yes, reals no) {
    return (reals)((mask & (integers)yes) | (~mask & (integers)no));
}
INLINE int any(integers mask) { return (mask[0] | mask[1] | mask[2] | mask[3]) != 0; }

// e^x of x <= 0, and 0 from `negligible` on down; off by less than 2^-50 of itself. With x = k ln 2 + r, |r| <= ln(2)/2, the first
// term that is left out, r^13/13!, is less than 2^-52 of e^r.
INLINE reals exponential(reals x) {
    const integers counts = x > all(negligible);
    x = choose(counts, x, all(0));
    // Adding 1.5 · 2^52 rounds to an integer, which is then in the lowest bits.
    const reals shift = all(0x1.8p52);
    const reals shifted = x * all(0x1.71547652b82fep0) + shift;
    const reals k = shifted - shift;
    const reals r = (x - k * all(0x1.62e42fefa0000p-1)) - k * all(0x1.cf79abc9e3b3ap-40);
    static const double terms[] = {1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320,
                                   1.0 / 5040,      1.0 / 720,      1.0 / 120,     1.0 / 24,     1.0 / 6,
                                   0.5,             1,              1};
    reals sum = all(terms[0]);
    for (int i = 1; i < 13; i++) sum = sum * r + all(terms[i]);
    return (reals)(((integers)sum + ((integers)shifted << 52)) & counts);
}

// `count` rows of a triangular factor, from `first` on, times the strip; the products' squares are added to `sums`.
INLINE void project(const double *factor, uint32_t dimension, uint32_t first, int count, const double *strip, reals *sums) {
    reals products[4][HALVES];
    for (int i = 0; i < count; i++)
        for (int half = 0; half < HALVES; half++) products[i][half] = all(0);
    for (uint32_t j = 0; j < first + count; j++) {
        reals column[HALVES];
        for (int half = 0; half < HALVES; half++) column[half] = load(strip + j * STRIP + half * WIDTH);
        for (int i = 0; i < count; i++) {
            const reals entry = all(factor[(size_t)(first + i) * dimension + j]);
            for (int half = 0; half < HALVES; half++) products[i][half] += entry * column[half];
        }
    }
    for (int i = 0; i < count; i++)
        for (int half = 0; half < HALVES; half++) sums[half] += products[i][half] * products[i][half];
}

// ln of a component's weight times density at the rows of a strip; -infinity where that is negligible for all of them.
INLINE void densities(const double *columns, uint32_t dimension, double offset, const double *mean, const double *factor,
                      const double *greatest, double *strip, double *result) {
    for (uint32_t j = 0; j < dimension; j++)
        for (int row = 0; row < STRIP; row += WIDTH)
            store(strip + j * STRIP + row, load(columns + j * ROWS + row) - all(mean[j]));
    reals sums[HALVES], ends[HALVES];
    for (int half = 0; half < HALVES; half++) {
        sums[half] = all(0);
        ends[half] = (all(offset) - load(greatest + half * WIDTH) - all(negligible)) * all(2);
    }
    // What four does not divide comes first, where rows are short.
    uint32_t done = dimension & 3;
    switch (done) {
    case 1: project(factor, dimension, 0, 1, strip, sums); break;
    case 2: project(factor, dimension, 0, 2, strip, sums); break;
    case 3: project(factor, dimension, 0, 3, strip, sums); break;
    default: break;
    }
    for (; done < dimension; done += 4) {
        integers open = {0};
        for (int half = 0; half < HALVES; half++) open |= sums[half] < ends[half];
        if (!any(open)) {
            for (int row = 0; row < STRIP; row += WIDTH) store(result + row, all(-__builtin_inf()));
            return;
        }
        project(factor, dimension, done, 4, strip, sums);
    }
    for (int half = 0; half < HALVES; half++) store(result + half * WIDTH, all(offset) - sums[half] * all(0.5));
}

// Makes the strip's densities shares; rows from `count` on get none. Adds to `likelihoods` what each row's greatest density is, and
// multiplies `product` by what the sum of densities is beside that.
INLINE void share(double *shares, uint32_t components, size_t first, size_t count, const double *greatest,
                  reals *likelihoods, reals *product) {
    for (size_t row = first; row < first + STRIP; row += WIDTH) {
        const reals top = load(greatest + (row - first));
        reals sum = all(0);
        for (uint32_t component = 0; component < components; component++) {
            double *own = shares + (size_t)component * ROWS + row;
            const reals weight = exponential(load(own) - top);
            store(own, weight);
            sum += weight;
        }
        const integers exists = (integers){0, 1, 2, 3} + (int64_t)row < (int64_t)count;
        const reals inverse = choose(exists, all(1) / sum, all(0));
        for (uint32_t component = 0; component < components; component++) {
            double *own = shares + (size_t)component * ROWS + row;
            store(own, load(own) * inverse);
        }
        *likelihoods += choose(exists, top, all(0));
        *product *= choose(exists, sum, all(1));
    }
}

INLINE void expect(const double *block, size_t count, uint32_t dimension, uint32_t components, const double *offsets,
                   const double *means, const double *factors, uint32_t *leaders, double *shares, double *strip,
                   reals *likelihoods, reals *product) {
    for (size_t row = 0; row < count; row += STRIP) {
        double greatest[STRIP];
        for (int i = 0; i < STRIP; i++) greatest[i] = -__builtin_inf();
        const uint32_t leader = leaders[row / STRIP];
        double first = -__builtin_inf();
        for (uint32_t turn = 0; turn < components; turn++) {
            // The leader comes first: beside it others are soon found to be negligible.
            const uint32_t component = turn == 0 ? leader : turn <= leader ? turn - 1 : turn;
            double *own = shares + (size_t)component * ROWS + row;
            densities(block + row, dimension, offsets[component], means + (size_t)component * dimension,
                      factors + (size_t)component * dimension * dimension, greatest, strip, own);
            for (int i = 0; i < STRIP; i += WIDTH) {
                const reals density = load(own + i), before = load(greatest + i);
                store(greatest + i, choose(density > before, density, before));
            }
            if (own[0] > first) {
                first = own[0];
                leaders[row / STRIP] = component;
            }
        }
        share(shares, components, row, count, greatest, likelihoods, product);
    }
}

// The rows of which a component has a share, less its mean, with 1 for a last column; and the same times the share. Returns how
// many rows there are: whole strips.
INLINE size_t gather(const double *block, size_t count, uint32_t dimension, const double *shares, const double *mean,
                     double *centered, double *weighted) {
    size_t taken = 0;
    for (size_t row = 0; row < count; row += STRIP) {
        integers counts = {0};
        for (int i = 0; i < STRIP; i += WIDTH) counts |= load(shares + row + i) > all(0x1p-60);
        if (!any(counts)) continue;
        for (int i = 0; i < STRIP; i += WIDTH) {
            const reals weight = load(shares + row + i);
            for (uint32_t j = 0; j < dimension; j++) {
                const reals value = load(block + (size_t)j * ROWS + row + i) - all(mean[j]);
                store(centered + (size_t)j * ROWS + taken + i, value);
                store(weighted + (size_t)j * ROWS + taken + i, value * weight);
            }
            store(centered + (size_t)dimension * ROWS + taken + i, all(1));
            store(weighted + (size_t)dimension * ROWS + taken + i, weight);
        }
        taken += STRIP;
    }
    return taken;
}

// Adds the products of `a` weighted columns with `b` others, lane by lane.
INLINE void multiply(const double *weighted, const double *centered, size_t count, int a, int b, double *sums, size_t stride) {
    reals products[4][3];
    for (int i = 0; i < a; i++)
        for (int j = 0; j < b; j++) products[i][j] = load(sums + (i * stride + j) * WIDTH);
    for (size_t row = 0; row < count; row += WIDTH) {
        reals columns[3];
        for (int j = 0; j < b; j++) columns[j] = load(centered + j * ROWS + row);
        for (int i = 0; i < a; i++) {
            const reals weight = load(weighted + i * ROWS + row);
            for (int j = 0; j < b; j++) products[i][j] += weight * columns[j];
        }
    }
    for (int i = 0; i < a; i++)
        for (int j = 0; j < b; j++) store(sums + (i * stride + j) * WIDTH, products[i][j]);
}

// The lower triangle of all products, by pieces of four times three that registers hold.
INLINE void maximize(const double *weighted, const double *centered, size_t count, uint32_t columns, double *sums) {
    for (uint32_t i = 0; i < columns; i += 4) {
        const uint32_t a = columns - i < 4 ? columns - i : 4;
        for (uint32_t j = 0; j < i + a; j += 3) {
            const uint32_t b = i + a - j < 3 ? i + a - j : 3;
            const double *left = weighted + (size_t)i * ROWS, *right = centered + (size_t)j * ROWS;
            double *piece = sums + ((size_t)i * columns + j) * WIDTH;
            switch (a * 4 + b) {
#define PIECE(A, B) case A * 4 + B: multiply(left, right, count, A, B, piece, columns); break;
                PIECE(1, 1) PIECE(1, 2) PIECE(1, 3)
                PIECE(2, 1) PIECE(2, 2) PIECE(2, 3)
                PIECE(3, 1) PIECE(3, 2) PIECE(3, 3)
                PIECE(4, 1) PIECE(4, 2) PIECE(4, 3)
#undef PIECE
            default: break;
            }
        }
    }
}

KERNEL double drumlin_mixture_round(const double *blocks, size_t row_count, uint32_t dimension, uint32_t components,
                                    const double *offsets, const double *means, const double *factors, uint32_t *leaders,
                                    double *sums, double *scratch) {
    const uint32_t columns = dimension + 1;
    double *shares = scratch;
    double *strip = shares + (size_t)components * ROWS;
    double *centered = strip + (size_t)dimension * STRIP;
    double *weighted = centered + (size_t)columns * ROWS;
    double total = 0;
    for (size_t start = 0; start < row_count; start += ROWS) {
        const double *block = blocks + start * dimension;
        const size_t count = row_count - start < ROWS ? row_count - start : ROWS;
        // One logarithm for the 32 rows of a lane: a factor is at most the number of components.
        reals likelihoods = all(0), product = all(1);
        expect(block, count, dimension, components, offsets, means, factors, leaders + start / STRIP, shares, strip,
               &likelihoods, &product);
        for (int lane = 0; lane < WIDTH; lane++) total += likelihoods[lane] + __builtin_log(product[lane]);
        for (uint32_t component = 0; component < components; component++) {
            const size_t taken = gather(block, count, dimension, shares + (size_t)component * ROWS,
                                        means + (size_t)component * dimension, centered, weighted);
            if (taken == 0) continue;
            maximize(weighted, centered, taken, columns, sums + (size_t)component * columns * columns * WIDTH);
        }
    }
    return total;
}
