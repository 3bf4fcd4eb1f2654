/*
 * The greatest error of every vectorised function at every level of this
 * processor: f32 over all floats against double, f64 over random doubles
 * against long double, half of them from all binades alike and half from where
 * the function bends. Prints a table in Markdown, for docs/performance.md.
 *
 * Usage: accuracy [FUNCTION|all [f32|f64|both [MILLIONS]]]
 *   MILLIONS: of doubles per function, 1000 unless said; every 2^32 floats takes minutes.
 */
#include "gradtape/random.h"
#include "support/fast_tables.h"
#include "support/lane_functions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096 };

typedef struct worst {
    double error[GT_LEVELS], at[GT_LEVELS];
} worst;

static void all_floats(const lane_function *f, unsigned levels, worst *w)
{
    static float x[BLOCK], y[BLOCK];
    static double exact[BLOCK];
    for (uint64_t start = 0; start < UINT64_C(1) << 32; start += BLOCK) {
        for (uint32_t i = 0; i < BLOCK; i++) {
            uint32_t bits = (uint32_t)start + i;
            memcpy(&x[i], &bits, sizeof bits);
            exact[i] = f->exact_f32(x[i]);
        }
        for (unsigned level = 0; level < levels; level++) {
            lane_run_f32(f, level, x, y, BLOCK);
            for (uint32_t i = 0; i < BLOCK; i++) {
                double error = lane_error_f32(y[i], exact[i]);
                if (!(error <= w->error[level])) {
                    w->error[level] = error;
                    w->at[level] = x[i];
                }
            }
        }
    }
}

/* Any bits, or uniform in a range drawn anew for each: all the places where a function bends. */
static double draw(gt_random *random)
{
    uint64_t bits = (uint64_t)gt_random_bits(random) << 32 | gt_random_bits(random);
    double x;
    memcpy(&x, &bits, sizeof x);
    if (bits % 2 == 0)
        return x;
    static const double ranges[] = {1, 3, 20, 40, 760, 2e6};
    return ranges[gt_random_integer(random, 0, 6)] * (2 * gt_random_uniform(random) - 1);
}

static void random_doubles(const lane_function *f, unsigned levels, uint64_t count, worst *w)
{
    static double x[BLOCK], y[BLOCK];
    static long double exact[BLOCK];
    gt_random random;
    gt_random_seed(&random, 1);
    for (uint64_t done = 0; done < count; done += BLOCK) {
        for (uint32_t i = 0; i < BLOCK; i++) {
            x[i] = draw(&random);
            exact[i] = f->exact_f64(x[i]);
        }
        for (unsigned level = 0; level < levels; level++) {
            lane_run_f64(f, level, x, y, BLOCK);
            for (uint32_t i = 0; i < BLOCK; i++) {
                double error = lane_error_f64(y[i], exact[i]);
                if (!(error <= w->error[level])) {
                    w->error[level] = error;
                    w->at[level] = x[i];
                }
            }
        }
    }
}

static void report(const lane_function *f, const char *type, unsigned levels, const worst *w)
{
    printf("| %s | %s |", f->name, type);
    for (unsigned level = 0; level < levels; level++)
        printf(" %.2f (at %.9g) |", w->error[level], w->at[level]);
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "all", *type = argc > 2 ? argv[2] : "both";
    uint64_t count = (argc > 3 ? strtoull(argv[3], NULL, 10) : 1000) * 1000000;
    unsigned levels = gt_processor_level() + 1;
    printf("| function | type |");
    for (unsigned level = 0; level < levels; level++)
        printf(" %s |", fast_level_name(level));
    printf("\n");
    for (unsigned i = 0; i < lane_function_count; i++) {
        const lane_function *f = &lane_functions[i];
        if (strcmp(name, "all") != 0 && strcmp(name, f->name) != 0)
            continue;
        if (strcmp(type, "f64") != 0) {
            worst w = {0};
            all_floats(f, levels, &w);
            report(f, "f32", levels, &w);
        }
        if (strcmp(type, "f32") != 0) {
            worst w = {0};
            random_doubles(f, levels, count, &w);
            report(f, "f64", levels, &w);
        }
    }
    return 0;
}
