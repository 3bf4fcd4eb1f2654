/*
 * False alarms of the verifier, as a number.
 *
 * Checks right cells, random ones of several kinds (tests/support/random_cells.c) or those
 * of files, each with a seed and small sizes of its own, and counts the verdicts. Whatever
 * is wrong is printed with its text, so that it can be looked at again, and what is
 * undecidable if it is asked for. docs/verification.md has the result.
 *
 *     bench-alarms [--cells N] [--seed S] [--sizes N_X,N_A,M,T] [--most W,U] [--list]
 *         [--kind KIND]... [FILE.cell...]
 *
 * Cells have the seeds S, S + 1, ... --sizes gives all the same sizes; --most ends with exit status 1 above so many
 * false alarms, and above so many undecidable plain and smooth cells.
 */
#include "cell_text.h"
#include "support/random_cells.h"

#include <gradtape.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_PRINTED = 5 };

typedef struct wishes {
    uint32_t cells, seed, most_wrong, most_undecidable;
    long long sizes[4]; /* 0: drawn */
    bool list, bounded, kinds[RANDOM_CELL_KIND_COUNT], some_kinds;
} wishes;

typedef struct score {
    uint32_t count[3]; /* by verdict */
} score;

/* ---- one cell ------------------------------------------------------------------------------ */

typedef struct sizes {
    gt_dimension list[3];
    int64_t examples, steps;
} sizes;

static sizes draw_sizes(const wishes *wanted, uint32_t seed)
{
    const long long *given = wanted->sizes;
    if (given[0] > 0)
        return (sizes){{{"n_x", given[0]}, {"n_a", given[1]}, {"n_y", 2}}, given[2], given[3]};
    gt_random random;
    gt_random_seed(&random, seed);
    return (sizes){{{"n_x", gt_random_integer(&random, 1, 4)}, {"n_a", gt_random_integer(&random, 2, 5)}, {"n_y", 2}},
                   gt_random_integer(&random, 1, 5),
                   gt_random_integer(&random, 1, 5)};
}

static void print_alarm(const char *text, uint32_t seed, const sizes *s, const gt_report *report)
{
    const gt_finding *f = &report->findings[0];
    for (uint32_t i = 0; i + 1 < report->finding_count && f->verdict != report->verdict; i++)
        f++;
    printf("%s: --seed %u --dims n_x=%d,n_a=%d --batch %d --steps %d: %s %s: %.10g, not %.10g +- %.2g: %s\n%s\n",
           gt_verdict_name(report->verdict), seed, (int)s->list[0].size, (int)s->list[1].size, (int)s->examples,
           (int)s->steps, gt_check_kind_name(f->kind), f->array, f->value, f->expected, f->error_bar, f->text, text);
}

static void check(score *s, const wishes *wanted, const char *text, uint32_t seed)
{
    gt_error error = {0};
    gt_report report = {0};
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    sizes z = draw_sizes(wanted, seed);
    gt_check_problem problem = {.dimensions = z.list, .dimension_count = 3, .examples = z.examples, .steps = z.steps};
    gt_check_options options = {.seed = seed, .diagnose = gt_diagnose};
    if (gt_parsed_cell_status(parsed, &error) != GT_OK ||
        gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, &report, &error) != GT_OK)
        fail(text, error.message);
    uint32_t earlier = s->count[report.verdict]++;
    if (report.verdict == GT_WRONG ? earlier < MOST_PRINTED : report.verdict == GT_UNDECIDABLE && wanted->list)
        print_alarm(text, seed, &z, &report);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
}

/* ---- many ---------------------------------------------------------------------------------- */

static void show_progress(const char *name, uint32_t done, uint32_t all, const score *s)
{
    if (isatty(STDERR_FILENO) && (done % 20 == 0 || done == all))
        fprintf(stderr, "\r%s: %u of %u, %u wrong%s", name, done, all, s->count[GT_WRONG], done == all ? "\n" : "");
}

static score check_many(const wishes *wanted, const char *name, const char *given, random_cell_kind kind)
{
    score s = {{0}};
    char *text = malloc(LARGEST_TEXT);
    if (text == NULL)
        fail(name, "no memory");
    for (uint32_t i = 0; i < wanted->cells; i++) {
        if (given == NULL)
            random_cell(kind, wanted->seed + i, text, LARGEST_TEXT);
        check(&s, wanted, given != NULL ? given : text, wanted->seed + i);
        show_progress(name, i + 1, wanted->cells, &s);
    }
    free(text);
    printf("| %s | %u | %u | %u | %u |\n", name, wanted->cells, s.count[GT_RIGHT], s.count[GT_UNDECIDABLE],
           s.count[GT_WRONG]);
    fflush(stdout);
    return s;
}

/* ---- the program --------------------------------------------------------------------------- */

static void take_kind(wishes *wanted, const char *name)
{
    int kind = 0;
    while (kind < RANDOM_CELL_KIND_COUNT && strcmp(random_cell_kind_name((random_cell_kind)kind), name) != 0)
        kind++;
    if (kind == RANDOM_CELL_KIND_COUNT)
        fail(name, "is no kind of cell");
    wanted->kinds[kind] = wanted->some_kinds = true;
}

static int read_wishes(wishes *s, int count, char **arguments)
{
    int i = 1;
    *s = (wishes){.cells = 100, .seed = 1};
    for (; i < count && strncmp(arguments[i], "--", 2) == 0; i++) {
        const char *option = arguments[i], *value = i + 1 < count ? arguments[i + 1] : "";
        if (strcmp(option, "--list") == 0) {
            s->list = true;
            continue;
        }
        if (strcmp(option, "--cells") == 0)
            s->cells = (uint32_t)strtoul(value, NULL, 10);
        else if (strcmp(option, "--seed") == 0)
            s->seed = (uint32_t)strtoul(value, NULL, 10);
        else if (strcmp(option, "--sizes") == 0 &&
                 sscanf(value, "%lld,%lld,%lld,%lld", &s->sizes[0], &s->sizes[1], &s->sizes[2], &s->sizes[3]) == 4)
            ;
        else if (strcmp(option, "--kind") == 0)
            take_kind(s, value);
        else if (strcmp(option, "--most") == 0)
            s->bounded = sscanf(value, "%u,%u", &s->most_wrong, &s->most_undecidable) == 2;
        else
            fail(option, "is no option");
        i++;
    }
    return i;
}

int main(int count, char **arguments)
{
    wishes wanted;
    int first = read_wishes(&wanted, count, arguments);
    uint32_t wrong = 0, undecidable = 0;
    printf("| cells | checks | right | undecidable | wrong |\n|---|---:|---:|---:|---:|\n");
    for (int i = first; i < count; i++) {
        char *text = read_text(arguments[i]);
        const char *slash = strrchr(arguments[i], '/');
        wrong += check_many(&wanted, slash != NULL ? slash + 1 : arguments[i], text, 0).count[GT_WRONG];
        free(text);
    }
    for (int k = 0; k < RANDOM_CELL_KIND_COUNT; k++) {
        if (wanted.some_kinds ? !wanted.kinds[k] : first < count)
            continue;
        random_cell_kind kind = (random_cell_kind)k;
        score s = check_many(&wanted, random_cell_kind_name(kind), NULL, kind);
        wrong += s.count[GT_WRONG];
        undecidable += kind <= RANDOM_CELL_SMOOTH ? s.count[GT_UNDECIDABLE] : 0;
    }
    return wanted.bounded && (wrong > wanted.most_wrong || undecidable > wanted.most_undecidable);
}
