/*
 * How honest the error bars of numeric derivatives are, as a number.
 *
 * Random functions of several families (tests/support/exact_functions.c) are
 * differentiated by gt_numeric_slopes as the verifier does it, along entries and along
 * random directions, and compared with dual numbers in long double. docs/verification.md
 * has the result.
 *
 *     bench-honesty [--functions N] [--seed S] [--most B] [--list] [FAMILY...]
 *
 * --most ends with exit status 1 if more than B of a million are beyond the error bar.
 */
#include "check/noise.h"
#include "support/exact_functions.h"

#include <gradtape.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIRECTIONS = 12 };

typedef struct wishes {
    uint32_t functions, seed;
    double most;
    bool list;
} wishes;

/* What a family came to. */
typedef struct score {
    uint64_t points, undecided, beyond, calls;
    double worst;   /* error relative to the bar */
    double *widths; /* bar relative to the error */
    size_t width_count;
} score;

typedef struct counted {
    exact_function *f;
    uint64_t calls;
} counted;

static gt_status call(void *context, const double *x, double *y, gt_error *error)
{
    counted *c = context;
    c->calls++;
    return exact_function_call(c->f, x, y, error);
}

/* One entry, or all of them up or down. */
static void draw_direction(gt_random *random, const exact_function *f, uint32_t i, double *direction)
{
    bool projection = i % 4 == 3;
    for (uint32_t k = 0; k < f->variable_count; k++)
        direction[k] = projection ? (gt_random_bits(random) % 2 ? 1 : -1) : 0;
    if (!projection)
        direction[gt_random_bits(random) % f->variable_count] = 1;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The verifier's scale: the largest gradient, or a thousandth of it where one is smaller. */
static double scale_of(const exact_function *f)
{
    double direction[MOST_VARIABLES] = {0}, largest = 0;
    for (uint32_t k = 0; k < f->variable_count; k++) {
        direction[k] = 1;
        largest = fmax(largest, fabs((double)exact_function_slope(f, direction)));
        direction[k] = 0;
    }
    return largest;
}

/*
 * What rounding the point may do to the derivative: an ill-conditioned function has no other
 * in double precision.
 */
static double uncertainty(const exact_function *f, const double *direction, gt_random *random)
{
    static exact_function near;
    long double exact = exact_function_slope(f, direction), largest = 0;
    near = *f;
    for (int i = 0; i < 6; i++) {
        for (uint32_t k = 0; k < f->variable_count; k++)
            near.x[k] = f->x[k] * (1 + 0x1p-52 * gt_random_normal(random));
        largest = fmaxl(largest, fabsl(exact_function_slope(&near, direction) - exact));
    }
    return 16 * (double)largest;
}

static void take(score *s, const wishes *wanted, const gt_numeric *numeric, uint32_t seed, const double *direction,
                 double scale, gt_random *random)
{
    counted *c = numeric->context;
    gt_slope slope;
    if (gt_numeric_slopes(numeric, direction, &slope, NULL) != GT_OK)
        abort();
    long double exact = exact_function_slope(c->f, direction);
    double error = (double)fabsl((long double)slope.value - exact);
    s->points++;
    if (!isfinite((double)exact) || !(2 * slope.error <= 1e-6 * fmax(scale, fabs((double)exact)))) {
        s->undecided++;
        return;
    }
    if (!(error <= slope.error) && !(error <= slope.error + uncertainty(c->f, direction, random))) {
        s->beyond++;
        if (wanted->list)
            printf("%s, seed %u: %.17g +- %.3g, off by %.3g\n", family_name(c->f->kind), seed, slope.value, slope.error,
                   error);
    }
    if (error > 0) {
        s->worst = fmax(s->worst, error / slope.error);
        s->widths[s->width_count++] = slope.error / error;
    }
}

/* The verifier's: the median of the array, which here is all variables. */
static void set_scales(const exact_function *f, double *scales)
{
    double sorted[MOST_VARIABLES];
    for (uint32_t k = 0; k < f->variable_count; k++)
        sorted[k] = fabs(f->x[k]);
    qsort(sorted, f->variable_count, sizeof *sorted, by_size);
    for (uint32_t k = 0; k < f->variable_count; k++)
        scales[k] = sorted[f->variable_count / 2];
}

static void measure(score *s, const wishes *wanted, exact_function *f, uint32_t seed)
{
    counted c = {f, 0};
    double direction[MOST_VARIABLES];
    gt_numeric numeric = {.function = call,
                          .context = &c,
                          .x = f->x,
                          .input_count = f->variable_count,
                          .output_count = f->result_count,
                          .weights = f->weights};
    gt_random random;
    gt_random_seed(&random, seed);
    double largest = scale_of(f), scales[MOST_VARIABLES], noises[MOST_RESULTS];
    set_scales(f, scales);
    if (!isfinite(largest) || gt_noise_measure(&numeric, scales, seed, noises, NULL) != GT_OK)
        return;
    numeric.noise = 0x1p-53;
    numeric.noises = noises;
    numeric.scale = scales[0];
    c.calls = 0;
    for (uint32_t i = 0; i < DIRECTIONS; i++) {
        draw_direction(&random, f, i, direction);
        double scale = fmax(largest / 1000, fabs((double)exact_function_slope(f, direction)));
        numeric.enough = 1e-9 * scale;
        take(s, wanted, &numeric, seed, direction, scale, &random);
    }
    s->calls += c.calls;
}

static bool print(family which, score *s, const wishes *wanted)
{
    qsort(s->widths, s->width_count, sizeof *s->widths, by_size);
    double decided = (double)(s->points - s->undecided), points = (double)s->points;
    printf("| %s | %llu | %.2f %% | %llu | %.2g | %.1f | %.1f |\n", family_name(which), (unsigned long long)s->points,
           100 * (double)s->undecided / points, (unsigned long long)s->beyond, s->worst,
           s->width_count > 0 ? s->widths[s->width_count / 2] : 0, (double)s->calls / points);
    fflush(stdout);
    return wanted->most < 0 || (double)s->beyond <= wanted->most * 1e-6 * decided;
}

static bool measure_family(family which, const wishes *wanted, exact_function *f)
{
    score s = {.widths = malloc((size_t)wanted->functions * DIRECTIONS * sizeof(double))};
    if (s.widths == NULL)
        abort();
    for (uint32_t i = 0; i < wanted->functions; i++) {
        exact_function_draw(f, which, wanted->seed + i);
        measure(&s, wanted, f, wanted->seed + i);
    }
    bool good = print(which, &s, wanted);
    free(s.widths);
    return good;
}

static int read_wishes(wishes *s, int count, char **arguments)
{
    int i = 1;
    *s = (wishes){.functions = 10000, .seed = 1, .most = -1};
    for (; i < count && strncmp(arguments[i], "--", 2) == 0; i++) {
        const char *option = arguments[i], *value = i + 1 < count ? arguments[i + 1] : "";
        if (strcmp(option, "--list") == 0) {
            s->list = true;
            continue;
        }
        if (strcmp(option, "--functions") == 0) {
            s->functions = (uint32_t)strtoul(value, NULL, 10);
        } else if (strcmp(option, "--seed") == 0) {
            s->seed = (uint32_t)strtoul(value, NULL, 10);
        } else if (strcmp(option, "--most") == 0) {
            s->most = strtod(value, NULL);
        } else {
            fprintf(stderr, "%s is no option\n", option);
            exit(2);
        }
        i++;
    }
    return i;
}

static bool is_wanted(family which, char **names, int count)
{
    bool wanted = count == 0;
    for (int i = 0; i < count; i++)
        wanted = wanted || strcmp(names[i], family_name(which)) == 0;
    return wanted;
}

int main(int count, char **arguments)
{
    wishes wanted;
    int first = read_wishes(&wanted, count, arguments);
    exact_function *f = malloc(sizeof *f);
    if (f == NULL)
        abort();
    printf("| functions | derivatives | undecidable | beyond the bar | largest error / bar | "
           "median bar / error | calls |\n|---|---:|---:|---:|---:|---:|---:|\n");
    bool good = true;
    for (int i = 0; i < FAMILY_COUNT; i++)
        if (is_wanted((family)i, arguments + first, count - first))
            good = measure_family((family)i, &wanted, f) && good;
    free(f);
    return good ? 0 : 1;
}
