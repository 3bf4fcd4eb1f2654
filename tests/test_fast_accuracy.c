/*
 * The vectorised functions at every level of this processor: their greatest
 * error on a dense sample of all floats and on random doubles of all binades,
 * and their values where they are special. bench/accuracy.c takes every float.
 */
#include "gradtape/random.h"
#include "support/fast_tables.h"
#include "support/lane_functions.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <float.h>
#include <math.h>
#include <string.h>

enum { BLOCK = 4096, EVERY = 1009, RANDOM_BLOCKS = 250 };

static struct criterion_test_params each_function(void)
{
    static unsigned indices[16];
    for (unsigned i = 0; i < lane_function_count; i++)
        indices[i] = i;
    return cr_make_param_array(unsigned, indices, lane_function_count);
}

static void check_f32(const lane_function *f, const float *x, size_t count)
{
    static float y[BLOCK];
    static double exact[BLOCK];
    for (size_t i = 0; i < count; i++)
        exact[i] = f->exact_f32(x[i]);
    for (unsigned level = 0; level <= gt_processor_level(); level++) {
        lane_run_f32(f, level, x, y, count);
        for (size_t i = 0; i < count; i++) {
            double error = lane_error_f32(y[i], exact[i]);
            if (!(error <= f->limit_f32))
                cr_assert_fail("%s in f32, %s: %a gives %a instead of %a, %g ulp off", f->name, fast_level_name(level),
                               x[i], y[i], exact[i], error);
        }
    }
}

static void check_f64(const lane_function *f, const double *x, size_t count)
{
    static double y[BLOCK];
    static long double exact[BLOCK];
    for (size_t i = 0; i < count; i++)
        exact[i] = f->exact_f64(x[i]);
    for (unsigned level = 0; level <= gt_processor_level(); level++) {
        lane_run_f64(f, level, x, y, count);
        for (size_t i = 0; i < count; i++) {
            double error = lane_error_f64(y[i], exact[i]);
            if (!(error <= f->limit_f64))
                cr_assert_fail("%s in f64, %s: %a gives %a instead of %La, %g ulp off", f->name, fast_level_name(level),
                               x[i], y[i], exact[i], error);
        }
    }
}

ParameterizedTestParameters(fast_accuracy, floats)
{
    return each_function();
}

ParameterizedTest(const unsigned *index, fast_accuracy, floats)
{
    static float x[BLOCK];
    size_t count = 0, total = 0;
    for (uint64_t bits = *index; bits < UINT64_C(1) << 32; bits += EVERY) {
        uint32_t narrow = (uint32_t)bits;
        memcpy(&x[count++], &narrow, sizeof narrow);
        total++;
        if (count == BLOCK || bits + EVERY >= UINT64_C(1) << 32) {
            check_f32(&lane_functions[*index], x, count);
            count = 0;
        }
    }
    cr_assert_gt(total, 4000000);
}

ParameterizedTestParameters(fast_accuracy, doubles)
{
    return each_function();
}

/* Half of them any bits, half uniform where functions bend. */
ParameterizedTest(const unsigned *index, fast_accuracy, doubles)
{
    static const double ranges[] = {1e-3, 1, 3, 20, 760, 2e6};
    static double x[BLOCK];
    gt_random random;
    gt_random_seed(&random, 100 + *index);
    for (int block = 0; block < RANDOM_BLOCKS; block++) {
        for (size_t i = 0; i < BLOCK; i++) {
            uint64_t bits = (uint64_t)gt_random_bits(&random) << 32 | gt_random_bits(&random);
            memcpy(&x[i], &bits, sizeof bits);
            if (block % 2 == 1)
                x[i] = ranges[i % 6] * (2 * gt_random_uniform(&random) - 1);
        }
        check_f64(&lane_functions[*index], x, BLOCK);
    }
}

/* Where something begins or ends; the neighbours of each are tried as well, and all negatives. */
static const double special[] = {
    0,
    0x1p-149,
    0x1p-126,
    0x1p-1074,
    0x1p-1022,
    FLT_EPSILON,
    DBL_EPSILON,
    0.5,
    1,
    2,
    /* reductions: half and whole multiples of log 2 */
    0.34657359027997264,
    0.6931471805599453,
    1.0397207708399179,
    /* sqrt(1/2) and sqrt(2), between which log's argument is brought */
    0.70710678118654757,
    1.4142135623730951,
    /* exp: greatest, least normal, least denormal, 0, in both types */
    88.72283905206835,
    87.33654475055310,
    103.27892990343185,
    103.97207708399179,
    104,
    89,
    709.78271289338397,
    708.39641853226408,
    744.44007192138126,
    745.13321910194122,
    746,
    710,
    /* where tanh becomes 1 */
    9.01,
    10,
    18.9,
    20,
    40,
    /* multiples of pi / 2, near and far, and the limit of the fast reduction */
    0.78539816339744828,
    1.5707963267948966,
    3.1415926535897931,
    4.7123889803846899,
    6.2831853071795862,
    710.0,
    355,
    103993,
    1647099,
    1647099.125,
    1e6,
    1e15,
    1e22,
    FLT_MAX,
    DBL_MAX,
    INFINITY,
    NAN,
};
enum { SPECIALS = sizeof special / sizeof *special };

Test(fast_accuracy, specials)
{
    float x_f32[SPECIALS * 6];
    double x_f64[SPECIALS * 6];
    for (size_t i = 0; i < SPECIALS; i++)
        for (size_t k = 0; k < 6; k++) {
            double sign = k % 2 == 0 ? 1 : -1, toward = k / 2 == 0 ? -INFINITY : INFINITY;
            double wide = special[i];
            float narrow = (float)special[i];
            if (k / 2 < 2) {
                wide = nextafter(wide, toward);
                narrow = nextafterf(narrow, (float)toward);
            }
            x_f64[i * 6 + k] = sign * wide;
            x_f32[i * 6 + k] = (float)sign * narrow;
        }
    for (unsigned k = 0; k < lane_function_count; k++) {
        check_f32(&lane_functions[k], x_f32, SPECIALS * 6);
        check_f64(&lane_functions[k], x_f64, SPECIALS * 6);
    }
}

/* The errors that the test measures by are themselves right. */
Test(fast_accuracy, errors)
{
    cr_assert(lane_error_f32(1.0f, 1.0) == 0);
    cr_assert(lane_error_f32(nextafterf(1.0f, 2.0f), 1.0) == 1);
    cr_assert(lane_error_f32(nextafterf(1.0f, 0.0f), 1.0) == 0.5);
    cr_assert(lane_error_f32(0x1p-149f, 0x3p-149) == 2);
    cr_assert(lane_error_f32(0.0f, 0x1p-151) == 0.25);
    cr_assert(isinf(lane_error_f32(-0.0f, 0.0)));
    cr_assert(isinf(lane_error_f32(1.0f, NAN)));
    cr_assert(isinf(lane_error_f32(NAN, 1.0)));
    cr_assert(isinf(lane_error_f32(FLT_MAX, 1e39)));
    cr_assert(isinf(lane_error_f32(INFINITY, FLT_MAX)));
    cr_assert(lane_error_f64(nextafter(-3.0, 0), -3.0L) == 1);
    cr_assert(lane_error_f64(0x1p-1074, 0x1p-1073L) == 1);
    cr_assert(isinf(lane_error_f64(-1.0, 1.0L)));
    cr_assert(isinf(lane_error_f64(DBL_MAX, (long double)INFINITY)));
}
