/* Dropout: the mask entry by entry, its rate, and the same mask rolled and unrolled. */
#include "support/values.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* Entry i by the documented recipe: word i mod 4 of Philox at counter i div 4. */
static double entry(int32_t key, uint32_t stream, uint32_t i, double rate)
{
    uint32_t words[4];
    gt_random_philox((uint32_t[]){(uint32_t)key, stream}, (uint32_t[]){i / 4, 0, 0, 0}, words);
    return words[i % 4] / 4294967296.0 < rate ? 0 : 1 / (1 - rate);
}

Test(ops_dropout, mask)
{
    for (gt_dtype dtype = GT_F64; dtype <= GT_F32; dtype++)
        for (int32_t key = -1; key <= 1; key++) {
            probe *p = probe_new(dtype);
            double expected[105];
            for (uint32_t i = 0; i < 105; i++)
                expected[i] = entry(key, 9, i, 0.25);
            gt_var k = give_whole(p, "key", GT_SCALAR, &key);
            gt_var mask = gt_dropout_mask(k, GT_SHAPE(5, 7, 3), 0.25, 9);
            expect_value(p, mask, GT_SHAPE(5, 7, 3), expected, 1e-7);
            gt_var x = give(p, "x", GT_SHAPE(5, 7, 3), NULL);
            for (uint32_t i = 0; i < 105; i++)
                expected[i] *= i + 1;
            expect_value(p, gt_dropout(x, k, 0.25, 9), GT_SHAPE(5, 7, 3), expected, 1e-7);
            probe_free(p);
        }
}

/* The share of zeros is the rate to within five standard deviations, and 0 means none. */
Test(ops_dropout, rate)
{
    static const double rates[] = {0, 0.1, 0.5, 0.9, 0.999};
    enum { COUNT = 20000 };
    for (int i = 0; i < 5; i++) {
        probe *p = probe_new(GT_F64);
        gt_var key = give_whole(p, "key", GT_SHAPE(1), (int32_t[]){123});
        const double *mask = value_of(p, gt_dropout_mask(key, GT_SHAPE(COUNT), rates[i], 0));
        int dropped = 0;
        for (int k = 0; k < COUNT; k++) {
            cr_assert(mask[k] == 0 || mask[k] == 1 / (1 - rates[i]));
            dropped += mask[k] == 0;
        }
        double deviation = sqrt(COUNT * rates[i] * (1 - rates[i]));
        cr_expect(fabs(dropped - COUNT * rates[i]) <= 5 * deviation, "%d of %d at rate %g", dropped, COUNT, rates[i]);
        probe_free(p);
    }
}

Test(ops_dropout, keys_and_streams_differ)
{
    enum { COUNT = 64 };
    double masks[3][COUNT];
    probe *p = probe_new(GT_F64);
    gt_var a = give_whole(p, "a", GT_SHAPE(1), (int32_t[]){1}), b = give_whole(p, "b", GT_SHAPE(1), (int32_t[]){2});
    memcpy(masks[0], value_of(p, gt_dropout_mask(a, GT_SHAPE(COUNT), 0.5, 0)), sizeof masks[0]);
    memcpy(masks[1], value_of(p, gt_dropout_mask(b, GT_SHAPE(COUNT), 0.5, 0)), sizeof masks[1]);
    memcpy(masks[2], value_of(p, gt_dropout_mask(a, GT_SHAPE(COUNT), 0.5, 1)), sizeof masks[2]);
    cr_expect(memcmp(masks[0], masks[1], sizeof masks[0]) != 0, "the key makes no difference");
    cr_expect(memcmp(masks[0], masks[2], sizeof masks[0]) != 0, "the stream makes no difference");
    expect_value(p, gt_dropout_mask(a, GT_SHAPE(8, 8), 0.5, 0), GT_SHAPE(8, 8), masks[0], 0);
    probe_free(p);
}

/* ---- rolled and unrolled ------------------------------------------------------------------- */

enum { N = 4, M = 3, T = 5 };

static gt_var step(gt_var a, gt_var x, gt_var key)
{
    return gt_tanh(gt_add(gt_dropout(a, key, 0.5, 3), x));
}

static gt_var unrolled(gt_var a, gt_var x, gt_var keys)
{
    gt_var steps[T], key[T];
    cr_assert_eq(gt_unstack(x, steps, T), GT_OK);
    cr_assert_eq(gt_unstack(keys, key, T), GT_OK);
    for (int t = 0; t < T; t++)
        a = steps[t] = step(a, steps[t], key[t]);
    return gt_stack(steps, T);
}

static gt_var rolled(gt_var a0, gt_var xs, gt_var keys)
{
    gt_scan *s = gt_scan_begin(a0.tape, T, GT_FORWARD);
    gt_var a = gt_scan_carry(s, "a", a0), x = gt_scan_input(s, "x", xs), key = gt_scan_input(s, "key", keys);
    gt_var next = step(a, x, key);
    gt_scan_next(s, a, next);
    cr_assert_eq(gt_scan_end(s), GT_OK, "%s", gt_tape_message(a0.tape));
    return gt_scan_stack(s, next);
}

Test(ops_dropout, rolled_and_unrolled_are_the_same_bits)
{
    double x_values[N * M * T], values[2][2 * N * M * T];
    for (int i = 0; i < N * M * T; i++)
        x_values[i] = sin(1.3 * i);
    for (int k = 0; k < 2; k++) {
        probe *p = probe_new(GT_F64);
        gt_var a = give(p, "a", GT_SHAPE(N, M), x_values), x = give(p, "x", GT_SHAPE(N, M, T), x_values), gradient;
        gt_var keys = give_whole(p, "keys", GT_SHAPE(1, T), (int32_t[]){4, 8, 15, 16, 23});
        gt_var states = k == 0 ? unrolled(a, x, keys) : rolled(a, x, keys);
        cr_assert_eq(gt_grad(&states, NULL, 1, &x, 1, &gradient), GT_OK, "%s", gt_tape_message(p->tape));
        memcpy(values[k], value_of(p, states), sizeof values[k] / 2);
        memcpy(values[k] + N * M * T, value_of(p, gradient), sizeof values[k] / 2);
        probe_free(p);
    }
    cr_expect(memcmp(values[0], values[1], sizeof values[0]) == 0);
}
