/*
 * How well arrays that were computed elsewhere are explained, as a number.
 *
 * For each cell, with several sizes and seeds, the gradients of a sequence are computed with a planted
 * mistake in the loop over the steps, or in the backward block (the same that bench-mutation plants),
 * and given to gt_check_cell as `check --against` gives them. Caught: the verdict is wrong. Explained:
 * the first explanation accounts for all arrays that are wrong. Named: that, and by the right name.
 * Right arrays are checked as well; a wrong one among these is a false alarm.
 *
 *     bench-mutation-arrays [--list] [--read] [--every K] [--settings N] [--least C,E,N] FILE.cell...
 *
 * --list prints what was not named; --read prints every explanation; --every K takes each K-th mutant
 * of a block; --settings N takes the first N of the sizes and seeds; --least ends with exit status 1 below these
 * percentages, or if there is a false alarm.
 */
#include "cell_text.h"
#include "check/report.h"
#include "lang/parse.h"
#include "support/array_mutants.h"
#include "support/mutants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETTINGS = 3 };

typedef struct settings {
    bool list, read;
    uint32_t every, count;
    double least[3];
} settings;

typedef struct tally {
    uint32_t planted, hidden, counted, caught, explained, named;
} tally;

typedef struct score {
    const settings *settings;
    const char *name;
    const gt_cell *cell; /* as it should be */
    array_setting setting;
    uint32_t seen, alarms;
    tally loops, steps;
    tally by_slip[LOOP_SLIP_COUNT], by_kind[GT_MISTAKE_KIND_COUNT];
} score;

static const gt_dimension sizes[SETTINGS][3] = {
    {{"n_x", 3}, {"n_a", 4}, {"n_y", 2}},
    {{"n_x", 2}, {"n_a", 3}, {"n_y", 4}},
    {{"n_x", 4}, {"n_a", 6}, {"n_y", 3}},
};
static const int64_t examples[SETTINGS] = {5, 4, 7}, steps[SETTINGS] = {6, 5, 4};

/* ---- asking -------------------------------------------------------------------------------- */

/* What is said of the arrays, first thing first. */
typedef struct answer {
    bool wrong, all; /* the first explanation accounts for all */
    char kind[80];   /* of the first diagnosis */
    char text[2000];
} answer;

static answer ask(const score *s, const gt_archive *archive)
{
    answer a = {.wrong = false};
    gt_report report = {0};
    gt_error error = {0};
    gt_check_problem problem = {.dimensions = s->setting.dimensions,
                                .dimension_count = s->setting.dimension_count,
                                .examples = s->setting.examples,
                                .steps = s->setting.steps,
                                .given = archive};
    gt_cell bare = *s->cell; /* of a zoo cell without a block of its own */
    bare.handwritten = NULL;
    gt_check_options options = {.seed = 1, .diagnose = gt_diagnose};
    if (gt_check_cell(&bare, &problem, &options, &report, &error) != GT_OK)
        fail(s->name, error.message);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < report.finding_count; i++)
        wrong += report.findings[i].kind == GT_CHECK_AGAINST && report.findings[i].verdict == GT_WRONG;
    a.wrong = report.verdict == GT_WRONG;
    if (a.wrong) {
        snprintf(a.kind, sizeof a.kind, "%s", report.findings[0].diagnosis.kind);
        a.all = a.kind[0] != '\0' && gt_report_explained(&report, 0) == wrong;
        gt_report_format(&report, a.text, sizeof a.text);
    }
    gt_report_free(&report);
    return a;
}

static void count(tally *t, const answer *a, bool named)
{
    t->planted++;
    t->counted++;
    t->caught += a->wrong;
    t->explained += a->all;
    t->named += a->all && named;
}

/* A term that is missing where a state's gradient comes through is a path that is missing: either will do. */
static bool is_named(const answer *a, gt_mistake_kind kind)
{
    gt_mistake_kind same = kind == GT_MISTAKE_MISSING_TERM    ? GT_MISTAKE_MISSING_STATE
                           : kind == GT_MISTAKE_MISSING_STATE ? GT_MISTAKE_MISSING_TERM
                                                              : kind;
    return strcmp(a->kind, gt_mistake_kind_name(kind)) == 0 || strcmp(a->kind, gt_mistake_kind_name(same)) == 0;
}

static void count_hidden(tally *t)
{
    t->planted++;
    t->hidden++;
}

static void tell(const score *s, const char *planted, const char *detail, const answer *a, bool named)
{
    if (s->settings->read || (s->settings->list && !(a->all && named)))
        printf("\n%s: %s (%s)%s\n%s", s->name, planted, detail,
               a->all     ? named ? "" : ": another name"
               : a->wrong ? ": not all explained"
                          : ": NOT CAUGHT",
               a->text);
}

/* ---- mistakes in the loop ------------------------------------------------------------------ */

static void try_loop(void *context, const array_mutant *m)
{
    score *s = context;
    char which[32];
    gt_archive *archive = array_mutant_make(&s->setting, m);
    if (archive == NULL)
        fail(s->name, "its block cannot be evaluated");
    answer a = ask(s, archive);
    gt_archive_free(archive);
    if (m->slip == LOOP_RIGHT) {
        s->alarms += a.wrong;
        return;
    }
    if (!a.wrong && m->may_hide) {
        count_hidden(&s->loops);
        count_hidden(&s->by_slip[m->slip]);
        return;
    }
    bool named = is_named(&a, m->kind);
    count(&s->loops, &a, named);
    count(&s->by_slip[m->slip], &a, named);
    snprintf(which, sizeof which, "%lld", (long long)m->which);
    tell(s, loop_slip_name(m->slip), which, &a, named);
}

/* ---- mistakes in the block ----------------------------------------------------------------- */

static void try_block(void *context, const mutant *m)
{
    score *s = context;
    if (s->seen++ % s->settings->every != 0)
        return;
    gt_parsed_cell *parsed = gt_cell_parse(m->text, m->size, NULL);
    const gt_cell *cell = parsed != NULL ? gt_parsed_cell_get(parsed) : NULL;
    gt_archive *archive = NULL;
    if (cell != NULL && cell->handwritten != NULL) { /* its shapes fit */
        array_setting setting = s->setting;
        setting.cell = cell;
        archive = array_mutant_make(&setting, &(array_mutant){.slip = LOOP_RIGHT});
    }
    if (archive != NULL) {
        answer a = ask(s, archive);
        bool named = is_named(&a, m->kind);
        if (!a.wrong) {
            count_hidden(&s->steps);
        } else {
            count(&s->steps, &a, named);
            count(&s->by_kind[m->kind], &a, named);
            tell(s, gt_mistake_kind_name(m->kind), m->after, &a, named);
        }
    }
    gt_archive_free(archive);
    gt_parsed_cell_free(parsed);
}

/* ---- a cell -------------------------------------------------------------------------------- */

static void try_setting(score *s, uint32_t i, const gt_lang_file *file)
{
    s->setting = (array_setting){.cell = s->cell,
                                 .dimensions = sizes[i],
                                 .dimension_count = 3,
                                 .examples = examples[i],
                                 .steps = steps[i],
                                 .seed = 100 + i};
    try_loop(s, &(array_mutant){.slip = LOOP_RIGHT});
    each_array_mutant(&s->setting, try_loop, s);
    if (i == 0)
        each_mutant(file, try_block, s);
}

static void score_file(score *s, const char *path)
{
    const char *base = strrchr(path, '/');
    char *text = read_text(path);
    gt_pool pool = {0};
    gt_lang_diagnostics diagnostics = {.pool = &pool};
    gt_lang_file *file = gt_lang_parse(&pool, path, text, strlen(text), &diagnostics);
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    s->cell = parsed != NULL ? gt_parsed_cell_get(parsed) : NULL;
    s->name = base != NULL ? base + 1 : path;
    if (file == NULL || s->cell == NULL || s->cell->handwritten == NULL)
        fail(path, "is no cell with a backward block");
    for (uint32_t i = 0; i < s->settings->count; i++)
        try_setting(s, i, file);
    gt_parsed_cell_free(parsed);
    gt_lang_diagnostics_free(&diagnostics);
    gt_pool_free(&pool);
    free(text);
}

/* ---- printing ------------------------------------------------------------------------------ */

static double percent(uint32_t part, uint32_t whole)
{
    return whole == 0 ? 100 : 100.0 * part / whole;
}

static void print_tally(const char *name, const tally *t)
{
    if (t->planted > 0)
        printf("| %s | %u | %u | %.1f %% | %.1f %% | %.1f %% |\n", name, t->planted, t->hidden,
               percent(t->caught, t->counted), percent(t->explained, t->counted), percent(t->named, t->counted));
}

static void print_head(const char *what)
{
    printf("\n| %s | planted | hidden | caught | explained | named |\n|---|---:|---:|---:|---:|---:|\n", what);
}

static void print_score(const score *s)
{
    print_head("mistakes in");
    print_tally("the loop", &s->loops);
    print_tally("the block", &s->steps);
    print_head("in the loop");
    for (int i = 0; i < LOOP_SLIP_COUNT; i++)
        print_tally(loop_slip_name((loop_slip)i), &s->by_slip[i]);
    print_head("in the block");
    for (int i = 0; i < GT_MISTAKE_KIND_COUNT; i++)
        print_tally(gt_mistake_kind_name((gt_mistake_kind)i), &s->by_kind[i]);
    printf("\nright arrays: %u false alarms\n", s->alarms);
}

static int read_settings(settings *s, int count, char **arguments)
{
    int i = 1;
    *s = (settings){.every = 1, .count = SETTINGS};
    for (; i < count && strncmp(arguments[i], "--", 2) == 0; i++) {
        const char *value = i + 1 < count ? arguments[i + 1] : "";
        if (strcmp(arguments[i], "--list") == 0)
            s->list = true;
        else if (strcmp(arguments[i], "--read") == 0)
            s->read = true;
        else if (strcmp(arguments[i], "--every") == 0 && atoi(value) > 0)
            s->every = (uint32_t)atoi(arguments[++i]);
        else if (strcmp(arguments[i], "--settings") == 0 && atoi(value) > 0 && atoi(value) <= SETTINGS)
            s->count = (uint32_t)atoi(arguments[++i]);
        else if (strcmp(arguments[i], "--least") != 0 ||
                 sscanf(arguments[++i], "%lf,%lf,%lf", &s->least[0], &s->least[1], &s->least[2]) != 3)
            fail(arguments[i], "is no option, or wants a number");
    }
    return i;
}

int main(int argument_count, char **arguments)
{
    settings chosen;
    int first = read_settings(&chosen, argument_count, arguments);
    score s = {.settings = &chosen};
    for (int i = first; i < argument_count; i++)
        score_file(&s, arguments[i]);
    print_score(&s);
    const tally *t[] = {&s.loops, &s.steps};
    bool good = s.alarms == 0;
    for (int i = 0; i < 2; i++)
        good = good && percent(t[i]->caught, t[i]->counted) >= chosen.least[0] &&
               percent(t[i]->explained, t[i]->counted) >= chosen.least[1] &&
               percent(t[i]->named, t[i]->counted) >= chosen.least[2];
    return good ? 0 : 1;
}
