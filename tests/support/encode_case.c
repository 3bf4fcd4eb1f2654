#include "support/encode_case.h"

#include "native/executable.h"
#include "ops/levels.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What a function of the system's calling convention gives back as it was. */
static const gt_general saved[] = {GT_RBX, GT_RBP, GT_R12, GT_R13, GT_R14, GT_R15};
enum { SAVED = sizeof saved / sizeof *saved };

void for_all_levels(void (*check)(encode_case *c))
{
    if (gt_processor_level() < 1 || !gt_executable_possible()) {
        cr_skip_test("no AVX2, or no memory to execute");
        return;
    }
    for (unsigned level = 1; level <= gt_processor_level(); level++)
        for (int d = 0; d < 2; d++) {
            encode_case c = {.dtype = d == 0 ? GT_F32 : GT_F64, .avx512 = level == 2};
            c.lanes = (c.avx512 ? 64 : 32) / (int)gt_dtype_size(c.dtype);
            c.registers = c.avx512 ? 32 : 16;
            gt_random_seed(&c.random, 7 * level + (unsigned)d);
            check(&c);
        }
}

void encode_case_enter(encode_case *c)
{
    c->begin = gt_encode_begin(&c->e, c->dtype);
    for (int i = 0; i < SAVED; i++)
        gt_encode_push(&c->e, saved[i]);
}

void encode_case_leave(encode_case *c)
{
    for (int i = SAVED - 1; i >= 0; i--)
        gt_encode_pop(&c->e, saved[i]);
    gt_encode_clear_upper(&c->e);
    gt_encode_return(&c->e);
    gt_encode_end(&c->e);
}

void encode_case_begin(encode_case *c)
{
    gt_encoder_init(&c->e, c->avx512);
    encode_case_enter(c);
}

void encode_case_call(encode_case *c, const size_t *begins, int count)
{
    cr_assert(!c->e.failed);
    gt_executable executable;
    cr_assert(gt_executable_make(&executable, c->e.bytes, c->e.count) == GT_OK);
    for (int i = 0; i < count; i++) {
        cr_assert(begins[i] % 64 == 0);
        const char *code = (const char *)executable.code + begins[i];
        void (*function)(void);
        memcpy(&function, &code, sizeof function);
        function();
    }
    gt_executable_free(&executable);
    gt_encoder_free(&c->e);
}

void encode_case_run(encode_case *c)
{
    encode_case_leave(c);
    encode_case_call(c, &c->begin, 1);
}

gt_location at(encode_case *c, gt_general base, const void *address)
{
    gt_encode_number(&c->e, base, (int64_t)(intptr_t)address);
    return gt_location_memory(base, GT_NO_GENERAL, 0);
}

void bring(encode_case *c, int number, const vector *values)
{
    gt_encode_move(&c->e, number, at(c, GT_RAX, values));
}

void keep(encode_case *c, vector *to, int number)
{
    gt_encode_store(&c->e, at(c, GT_RAX, to), number);
}

uint64_t lane_bits(gt_dtype dtype, const vector *v, int lane)
{
    return dtype == GT_F64 ? v->u64[lane] : v->u32[lane];
}

void set_lane_bits(gt_dtype dtype, vector *v, int lane, uint64_t bits)
{
    if (dtype == GT_F64)
        v->u64[lane] = bits;
    else
        v->u32[lane] = (uint32_t)bits;
}

uint64_t bits_of(gt_dtype dtype, double x)
{
    vector v;
    if (dtype == GT_F64)
        v.f64[0] = x;
    else
        v.f32[0] = (float)x;
    return lane_bits(dtype, &v, 0);
}

double number_of(gt_dtype dtype, uint64_t bits)
{
    vector v;
    set_lane_bits(dtype, &v, 0, bits);
    return dtype == GT_F64 ? v.f64[0] : (double)v.f32[0];
}

vector random_vector(encode_case *c)
{
    static const double special[] = {0, -0.0, INFINITY, -INFINITY, NAN, 1, -1, 1e-40, 1e-310, 3e38, 1.7e308};
    vector v = filled(0);
    for (int lane = 0; lane < c->lanes; lane++) {
        bool plain = gt_random_integer(&c->random, 0, 3) > 0;
        double x = plain ? gt_random_normal(&c->random) : special[gt_random_integer(&c->random, 0, 11)];
        if (c->dtype == GT_F32 && isfinite(x) && fabs(x) > 3.4e38)
            x = 3.4e38;
        set_lane_bits(c->dtype, &v, lane, bits_of(c->dtype, x));
    }
    return v;
}

vector filled(uint8_t byte)
{
    vector v;
    memset(&v, byte, sizeof v);
    return v;
}

int random_register(encode_case *c)
{
    static const int edges[] = {0, 7, 8, 15, 16, 23, 24, 31};
    if (gt_random_integer(&c->random, 0, 2) == 0)
        return edges[gt_random_integer(&c->random, 0, c->avx512 ? 8 : 4)];
    return (int)gt_random_integer(&c->random, 0, c->registers);
}

bool same_bits(gt_dtype dtype, uint64_t a, uint64_t b)
{
    return a == b || (isnan(number_of(dtype, a)) && isnan(number_of(dtype, b)));
}

void expect_lanes(const encode_case *c, const vector *got, const vector *expected, const char *what, int detail)
{
    for (int lane = 0; lane < c->lanes; lane++) {
        uint64_t a = lane_bits(c->dtype, got, lane), b = lane_bits(c->dtype, expected, lane);
        cr_assert(same_bits(c->dtype, a, b), "%s %d, %s, %s: lane %d is %#llx (%g) instead of %#llx (%g)", what, detail,
                  gt_dtype_name(c->dtype), c->avx512 ? "AVX-512" : "AVX2", lane, (unsigned long long)a,
                  number_of(c->dtype, a), (unsigned long long)b, number_of(c->dtype, b));
    }
}
