/* Two ops in one pass have the bits of one after the other, at every level of this processor. */
#include "gradtape/random.h"
#include "ops/descriptors.h"
#include "ops/fused.h"
#include "ops/levels.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { MOST = 100 };

static const gt_op *const arithmetic[] = {&gt_op_add, &gt_op_sub, &gt_op_mul};

static void draw(double wide[MOST], float narrow[MOST], gt_random *random)
{
    for (int i = 0; i < MOST; i++)
        wide[i] = narrow[i] = (float)gt_random_normal(random);
    wide[3] = INFINITY, narrow[3] = INFINITY;
    wide[5] = -0.0, narrow[5] = -0.0f;
}

static void check(const gt_op *first, const gt_op *second, bool swapped, unsigned strides, size_t count, bool exact)
{
    const gt_op *fused = gt_op_fused(first, second, swapped);
    cr_assert_not_null(fused);
    gt_random random;
    gt_random_seed(&random, (uint32_t)count);
    double wide[3][MOST], wide_part[MOST], wide_expected[MOST], wide_result[MOST + 1] = {0};
    float narrow[3][MOST], narrow_part[MOST], narrow_expected[MOST], narrow_result[MOST + 1] = {0};
    for (int k = 0; k < 3; k++)
        draw(wide[k], narrow[k], &random);
    size_t step[3] = {strides & 1, strides >> 1 & 1, strides >> 2 & 1};
    size_t again[2] = {swapped ? step[2] : 1, swapped ? 1 : step[2]};
    const double *wide_inputs[] = {wide[0], wide[1], wide[2]};
    const double *wide_again[] = {swapped ? wide[2] : wide_part, swapped ? wide_part : wide[2]};
    const float *narrow_inputs[] = {narrow[0], narrow[1], narrow[2]};
    const float *narrow_again[] = {swapped ? narrow[2] : narrow_part, swapped ? narrow_part : narrow[2]};
    first->run_f64(&(gt_elementwise_f64){count, wide_inputs, step, wide_part, NULL});
    second->run_f64(&(gt_elementwise_f64){count, wide_again, again, wide_expected, NULL});
    first->run_f32(&(gt_elementwise_f32){count, narrow_inputs, step, narrow_part, NULL});
    second->run_f32(&(gt_elementwise_f32){count, narrow_again, again, narrow_expected, NULL});
    (exact ? fused->run_f64 : fused->fast_f64)(&(gt_elementwise_f64){count, wide_inputs, step, wide_result, NULL});
    (exact ? fused->run_f32 : fused->fast_f32)(&(gt_elementwise_f32){count, narrow_inputs, step, narrow_result, NULL});
    for (size_t i = 0; i < count; i++) {
        bool nan = isnan(wide_expected[i]);
        cr_assert(nan ? isnan(wide_result[i]) : memcmp(&wide_result[i], &wide_expected[i], sizeof(double)) == 0,
                  "%s [%zu]: %a, not %a", fused->name, i, wide_result[i], wide_expected[i]);
        cr_assert(nan ? isnan(narrow_result[i]) : memcmp(&narrow_result[i], &narrow_expected[i], sizeof(float)) == 0,
                  "%s [%zu]: %a, not %a", fused->name, i, narrow_result[i], narrow_expected[i]);
    }
    cr_assert(wide_result[count] == 0 && narrow_result[count] == 0, "%s writes behind the end", fused->name);
}

Test(fast_fused, has_the_bits_of_two_ops)
{
    const size_t counts[] = {1, 7, 16, 33, MOST};
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            for (unsigned kind = 0; kind < 32; kind++)
                for (unsigned c = 0; c < sizeof counts / sizeof *counts; c++)
                    check(arithmetic[a], arithmetic[b], kind & 1, kind >> 2, counts[c], kind & 2);
}

Test(fast_fused, is_of_arithmetic_only)
{
    cr_assert_null(gt_op_fused(&gt_op_add, &gt_op_tanh, false));
    cr_assert_null(gt_op_fused(&gt_op_div, &gt_op_add, false));
    cr_assert_not_null(gt_op_fused(&gt_op_sub, &gt_op_sub, true));
    cr_assert_neq(gt_op_fused(&gt_op_sub, &gt_op_sub, true), gt_op_fused(&gt_op_sub, &gt_op_sub, false));
}
