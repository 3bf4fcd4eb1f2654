/*
 * What one entry costs in every op with fast kernels, in cache: the reference
 * kernel (libm), and the fast kernel at each level of this processor. All are
 * measured in turn in every round, the least time of each counts, and the table
 * in Markdown has nanoseconds an entry and the gain of the best level.
 *
 * Usage: elementwise [OP|all [ENTRIES [ROUNDS [ROWS]]]]
 *   ROWS: of the columns of softmax and its kin, 64 unless said
 */
#include "support/fast_tables.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OPERANDS = 3, MOST_ENTRIES = 1 << 20, VERSIONS = 1 + GT_LEVELS };

static double operands_f64[OPERANDS][MOST_ENTRIES], output_f64[MOST_ENTRIES];
static float operands_f32[OPERANDS][MOST_ENTRIES], output_f32[MOST_ENTRIES];

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Version 0 is the reference, version 1 + level a fast kernel. */
static void call(const fast_table *t, bool narrow, int version, size_t count)
{
    static const size_t strides[OPERANDS] = {1, 1, 1};
    const int64_t attributes[GT_MAX_ATTRIBUTES] = {gt_pack_double(2.5)};
    if (narrow) {
        const float *inputs[] = {operands_f32[0], operands_f32[1], operands_f32[2]};
        const gt_elementwise_f32 run = {count, inputs, strides, output_f32, attributes};
        (version == 0 ? t->op->run_f32 : t->kernels->f32[version - 1])(&run);
    } else {
        const double *inputs[] = {operands_f64[0], operands_f64[1], operands_f64[2]};
        const gt_elementwise_f64 run = {count, inputs, strides, output_f64, attributes};
        (version == 0 ? t->op->run_f64 : t->kernels->f64[version - 1])(&run);
    }
}

/* The same for an op that treats columns, here of `rows` entries each. */
static void call_columns(const fast_table *t, bool narrow, int version, size_t count, size_t rows)
{
    static int32_t targets[MOST_ENTRIES]; /* all 0: the first entry of every column */
    gt_dtype dtype = narrow ? GT_F32 : GT_F64;
    gt_shape shape = GT_SHAPE((int64_t)rows, (int64_t)(count / rows));
    gt_shape result = t->op->arity == 1 ? shape : GT_SHAPE(1, (int64_t)(count / rows));
    void *x = narrow ? (void *)operands_f32[0] : operands_f64[0];
    const gt_array inputs[] = {{x, dtype, shape}, {targets, GT_I32, GT_SHAPE((int64_t)(count / rows))}};
    const gt_array output = {narrow ? (void *)output_f32 : output_f64, dtype, result};
    const gt_kernel kernel = {
        .inputs = inputs, .input_count = (uint32_t)t->op->arity, .outputs = &output, .output_count = 1};
    (version == 0 ? t->op->evaluate : t->columns->evaluate[version - 1])(&kernel);
}

static void measure(const fast_table *t, bool narrow, size_t count, size_t rows, int rounds)
{
    int versions = 2 + (int)gt_processor_level(), repeats = (int)(8192 / count) + 1;
    double least[VERSIONS];
    for (int v = 0; v < versions; v++)
        least[v] = INFINITY;
    for (int round = 0; round < rounds; round++)
        for (int v = 0; v < versions; v++) {
            double begin = now_ns();
            for (int k = 0; k < repeats; k++)
                if (t->kernels != NULL)
                    call(t, narrow, v, count);
                else
                    call_columns(t, narrow, v, count, rows);
            double each = (now_ns() - begin) / ((double)count * repeats);
            least[v] = each < least[v] ? each : least[v];
        }
    printf("| %s | %s |", t->op->name, narrow ? "f32" : "f64");
    for (int v = 0; v < versions; v++)
        printf(" %.3f |", least[v]);
    printf(" ×%.1f |\n", least[0] / least[versions - 1]);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "all";
    size_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1024;
    int rounds = argc > 3 ? atoi(argv[3]) : 400;
    size_t rows = argc > 4 ? strtoull(argv[4], NULL, 10) : 64;
    if (count < 1 || count > MOST_ENTRIES || rounds < 1 || rows < 1) {
        fprintf(stderr, "elementwise: from 1 to %d entries, at least one round and one row\n", MOST_ENTRIES);
        return 2;
    }
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < OPERANDS; k++) {
            /* Both signs, but for the logarithm and powers positive on the whole. */
            operands_f64[k][i] = 4 * sin((double)i * (k + 1) * 0.7) + (strcmp(name, "log") == 0 ? 5 : 0.1);
            operands_f32[k][i] = (float)operands_f64[k][i];
        }
    printf("| op | type | libm |");
    for (unsigned level = 0; level <= gt_processor_level(); level++)
        printf(" %s |", fast_level_name(level));
    printf(" gain |\n");
    for (unsigned i = 0; i < fast_table_count; i++) {
        const fast_table *t = &fast_tables[i];
        if ((t->kernels == NULL && t->columns == NULL) || (strcmp(name, "all") != 0 && strcmp(name, t->op->name) != 0))
            continue;
        measure(t, true, count, rows, rounds);
        measure(t, false, count, rows, rounds);
    }
    return 0;
}
