/*
 * How good the verifier is, as a number.
 *
 * Plants mistakes in the backward blocks of cells and counts how many gt_check_cell
 * catches (the verdict is wrong, or the language refuses the shapes), how many are
 * located (the first finding has the line and the name of the equation; of a text that is
 * refused, the likely mistake has the line), and how many are named (with the right kind).
 * The same for the reverse rules of the ops and gt_check_op. Then
 * checks right cells and counts false alarms. docs/verification.md has the result.
 *
 *     bench-mutation [--list] [--two] [--every K] [--random N] [--right N] [--seed S]
 *         [--least C,L,N] FILE.cell...
 *     bench-mutation --as-is FILE.cell...
 *
 * A mistake is explained if the verifier says "right" once the formula it proposes stands in the
 * text; a proposal is absurd if it does not, or if nobody would write it. --two plants two slips in
 * a formula; --as-is plants none: the blocks are wrong already, and every proposal is followed.
 * --list prints what was not located or not named; --every K takes each K-th mutant;
 * --random N also plants mistakes in N random cells; --right N checks N right cells;
 * --least ends with exit status 1 below these percentages, or if there is a false alarm.
 */
#include "ask.h"
#include "lang/parse.h"
#include "support/mutants.h"
#include "support/random_cells.h"
#include "support/rule_mutants.h"

#include <gradtape.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct settings {
    bool list, two, as_is;
    uint32_t every, random, right, seed;
    double least[3];
} settings;

typedef struct score {
    const settings *settings;
    uint32_t seen, firsts, planted, equivalent, counted;
    uint32_t refused; /* by the language, for their shapes */
    uint32_t caught, located, named;
    uint32_t explained; /* following what is said makes it right */
    bool followed;
    uint32_t as_slips; /* of these, not by the right formula alone */
    uint32_t absurd;   /* what is said nobody would write, or it makes nothing right */
    uint32_t confusion[GT_MISTAKE_KIND_COUNT][GT_MISTAKE_KIND_COUNT];
} score;

/* ---- planted mistakes ---------------------------------------------------------------------- */

static gt_mistake_kind kind_of(const char *name)
{
    for (int kind = 1; kind < GT_MISTAKE_KIND_COUNT; kind++)
        if (strcmp(gt_mistake_kind_name((gt_mistake_kind)kind), name) == 0)
            return (gt_mistake_kind)kind;
    return GT_MISTAKE_NONE;
}

static void judge(score *s, const mutant *m, const verdict *v)
{
    gt_mistake_kind kind = kind_of(v->kind);
    bool located = v->wrong && v->line == m->line && (v->refused || strcmp(v->name, m->name) == 0);
    s->counted++;
    s->refused += v->refused;
    s->caught += v->wrong;
    s->located += located;
    s->named += kind == m->kind;
    s->confusion[m->kind][kind]++;
    bool explained = v->wrong && follow_until_right(m->text, 1, s->settings->two ? 3 : 1) > 0;
    bool absurd = v->repaired[0] != '\0' && (!explained || is_absurd(v->repaired, m->before));
    s->followed = true;
    s->explained += explained;
    s->as_slips += explained && kind != GT_MISTAKE_NONE && kind != GT_MISTAKE_OTHER_FORMULA;
    s->absurd += absurd;
    if (s->settings->list && (absurd || !explained))
        printf("%s\n", absurd ? "absurd:" : "not explained:");
    if (s->settings->list && !(located && explained && kind == m->kind && !absurd))
        printf("%s taken for %s%s\n    right    %s\n    planted  %s\n    repaired %s\n", gt_mistake_kind_name(m->kind),
               gt_mistake_kind_name(kind),
               located    ? ""
               : v->wrong ? ", in another place"
                          : ", not caught",
               m->before, m->after, v->repaired);
}

/*
 * A mutant that changes no gradient is no mistake: its formulas are evaluated at random numbers, by
 * the evaluator of the catalogue, which the check does not use.
 */
static bool is_equivalent(const char *text, size_t size)
{
    gt_error error = {0};
    gt_report words = {0};
    gt_diagnosis none;
    uint32_t count = 0;
    gt_parsed_cell *parsed = gt_cell_parse(text, size, NULL);
    gt_status status = gt_diagnose_cell(parsed, &words, &none, 1, &count, &error);
    gt_report_free(&words);
    gt_parsed_cell_free(parsed);
    return status == GT_OK && count == 0;
}

static void try_mutant(void *context, const mutant *m)
{
    score *s = context;
    if (s->seen++ % s->settings->every != 0)
        return;
    s->planted++;
    verdict v = ask(m->text, m->size, 1);
    if (!v.wrong && is_equivalent(m->text, m->size)) {
        s->equivalent++;
        if (s->settings->list)
            printf("equivalent: %s and %s\n", m->before, m->after);
        return;
    }
    judge(s, m, &v);
}

/* A second slip in the formula of the first, another one for each mutant. */
typedef struct second_slip {
    score *score;
    const mutant *first;
    uint32_t seen, wanted;
} second_slip;

static void try_second(void *context, const mutant *m)
{
    second_slip *s = context;
    if (m->line != s->first->line || s->seen++ != s->wanted)
        return;
    mutant both = *m;
    both.kind = s->first->kind;
    memcpy(both.before, s->first->before, sizeof both.before);
    s->score->seen = 0;
    try_mutant(s->score, &both);
}

static void each_mutant_of(const char *name, const char *text, size_t size, mutant_visit *visit, void *context)
{
    gt_pool pool = {0};
    gt_lang_diagnostics diagnostics = {.pool = &pool};
    gt_lang_file *file = gt_lang_parse(&pool, name, text, size, &diagnostics);
    if (file == NULL || diagnostics.error_count > 0 || file->cell_count == 0)
        fail(name, "is not a cell");
    each_mutant(file, visit, context);
    gt_lang_diagnostics_free(&diagnostics);
    gt_pool_free(&pool);
}

static void try_two(void *context, const mutant *m)
{
    score *s = context;
    uint32_t number = s->firsts++;
    if (number % s->settings->every != 0)
        return;
    second_slip second = {.score = s, .first = m, .wanted = number * 7 % 20};
    each_mutant_of("a mutant", m->text, m->size, try_second, &second);
}

static void score_text(score *s, const char *name, const char *text, size_t size)
{
    each_mutant_of(name, text, size, s->settings->two ? try_two : try_mutant, s);
}

/* What people got wrong: how many repairs make it right. */
static int follow_files(int count, char **paths)
{
    int explained = 0, caught = 0;
    printf("| block | first finding | repairs until right |\n|---|---|---|\n");
    for (int i = 0; i < count; i++) {
        char *text = read_text(paths[i]);
        const char *slash = strrchr(paths[i], '/');
        verdict v = ask(text, strlen(text), 1);
        int rounds = follow_until_right(text, 1, 12);
        caught += v.wrong;
        explained += v.wrong && rounds > 0;
        printf("| %s | %s | ", slash != NULL ? slash + 1 : paths[i], v.wrong ? v.said : "none");
        printf(rounds >= 0 ? "%d |\n" : "never |\n", rounds);
        free(text);
    }
    printf("\n%d blocks, %d caught, %d made right by doing what is said\n", count, caught, explained);
    return 0;
}

/* ---- reverse rules ------------------------------------------------------------------------- */

static gt_report check_rule(const rule_mutant *m, uint32_t seed)
{
    gt_error error = {0};
    gt_report report = {0};
    gt_check_options options = {.seed = seed, .diagnose = gt_diagnose};
    if (gt_check_op(m->op, m->shapes, m->input_count, m->attributes, m->attribute_count, &options, &report, &error) !=
        GT_OK)
        fail(m->original->name, error.message);
    return report;
}

/* Changes nothing at three random points: no mistake. */
static bool rule_is_equivalent(const rule_mutant *m)
{
    bool right = true;
    for (uint32_t seed = 7; seed < 10; seed++) {
        gt_report report = check_rule(m, seed);
        right = right && report.verdict == GT_RIGHT;
        gt_report_free(&report);
    }
    return right;
}

static void try_rule(void *context, const rule_mutant *m)
{
    score *s = context;
    if (s->seen++ % s->settings->every != 0)
        return;
    s->planted++;
    gt_report report = check_rule(m, 1);
    bool wrong = report.verdict == GT_WRONG;
    if (!wrong && rule_is_equivalent(m)) {
        s->equivalent++;
        gt_report_free(&report);
        return;
    }
    char array[8];
    snprintf(array, sizeof array, "dx%u", m->slot + 1);
    const gt_finding *first = wrong ? &report.findings[0] : NULL;
    bool located = wrong && strcmp(first->gate, m->original->name) == 0 && strcmp(first->array, array) == 0;
    gt_mistake_kind kind = wrong ? kind_of(first->diagnosis.kind) : GT_MISTAKE_NONE;
    s->counted++;
    s->caught += wrong;
    s->located += located;
    s->named += kind == m->kind;
    s->confusion[m->kind][kind]++;
    if (s->settings->list && !(located && kind == m->kind))
        printf("%s taken for %s: the rule of %s for operand %u, node %u: %s\n    repaired %s\n",
               gt_mistake_kind_name(m->kind), gt_mistake_kind_name(kind), m->original->name, m->slot + 1, m->node,
               m->change, wrong ? first->diagnosis.repaired : "");
    gt_report_free(&report);
}

static void count_rule_alarm(void *context, const rule_mutant *m)
{
    uint32_t *alarms = context;
    gt_report report = check_rule(m, 1);
    *alarms += report.verdict == GT_WRONG;
    gt_report_free(&report);
}

/* ---- right cells --------------------------------------------------------------------------- */

/* Random cells and the files by turns, each with a seed of its own. Returns the false alarms. */
static uint32_t count_alarms(const settings *s, char *const *texts, uint32_t text_count)
{
    uint32_t alarms = 0;
    char *text = malloc(LARGEST_TEXT);
    for (uint32_t i = 0; i < s->right && text != NULL; i++) {
        bool from_file = text_count > 0 && i % 4 == 3;
        if (from_file)
            strcpy(text, texts[i / 4 % text_count]);
        else
            random_cell(RANDOM_CELL_PLAIN, s->seed + 10000 + i, text, LARGEST_TEXT);
        verdict v = ask(text, strlen(text), s->seed + i);
        alarms += v.wrong;
        if (v.wrong)
            printf("false alarm, seed %u, line %u, %s: %s\n%s\n", s->seed + i, v.line, v.name, v.said, text);
    }
    free(text);
    return alarms;
}

/* ---- printing ------------------------------------------------------------------------------ */

static double percent(uint32_t part, uint32_t whole)
{
    return whole == 0 ? 100 : 100.0 * part / whole;
}

static void print_head(const char *what)
{
    printf("\n| %s | planted | equivalent | counted | refused | caught | located | named | as slips | made right | "
           "absurd | time |\n"
           "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
           what);
}

static void print_score(const char *name, const score *s, double seconds)
{
    const char *base = strrchr(name, '/');
    printf("| %s | %u | %u | %u | %u | %.1f %% | %.1f %% | %.1f %% | ", base == NULL ? name : base + 1, s->planted,
           s->equivalent, s->counted, s->refused, percent(s->caught, s->counted), percent(s->located, s->counted),
           percent(s->named, s->counted));
    if (s->followed)
        printf("%.1f %% | %.1f %% | %u | ", percent(s->as_slips, s->counted), percent(s->explained, s->counted),
               s->absurd);
    else
        printf("| | | ");
    printf("%.0f s |\n", seconds);
    fflush(stdout);
}

static void add(score *total, const score *s)
{
    total->planted += s->planted;
    total->equivalent += s->equivalent;
    total->counted += s->counted;
    total->refused += s->refused;
    total->caught += s->caught;
    total->located += s->located;
    total->named += s->named;
    total->followed = total->followed || s->followed;
    total->explained += s->explained;
    total->as_slips += s->as_slips;
    total->absurd += s->absurd;
    for (int i = 0; i < GT_MISTAKE_KIND_COUNT; i++)
        for (int j = 0; j < GT_MISTAKE_KIND_COUNT; j++)
            total->confusion[i][j] += s->confusion[i][j];
}

/* A row for each kind that was planted: how many, and what they were taken for. */
static void print_confusion(const score *s)
{
    printf("\n| planted | mutants | named so | taken for |\n|---|---:|---:|---|\n");
    for (int i = 0; i < GT_MISTAKE_KIND_COUNT; i++) {
        uint32_t count = 0;
        for (int j = 0; j < GT_MISTAKE_KIND_COUNT; j++)
            count += s->confusion[i][j];
        if (count == 0)
            continue;
        printf("| %s | %u | %.1f %% |", gt_mistake_kind_name((gt_mistake_kind)i), count,
               percent(s->confusion[i][i], count));
        const char *separator = " ";
        for (int j = 0; j < GT_MISTAKE_KIND_COUNT; j++)
            if (j != i && s->confusion[i][j] > 0) {
                printf("%s%s %u", separator, gt_mistake_kind_name((gt_mistake_kind)j), s->confusion[i][j]);
                separator = ", ";
            }
        printf(" |\n");
    }
}

/* ---- the program --------------------------------------------------------------------------- */

static int read_settings(settings *s, int count, char **arguments)
{
    int i = 1;
    *s = (settings){.every = 1, .seed = 1};
    for (; i < count && strncmp(arguments[i], "--", 2) == 0; i++) {
        const char *option = arguments[i], *value = i + 1 < count ? arguments[i + 1] : "";
        bool *flag = strcmp(option, "--list") == 0    ? &s->list
                     : strcmp(option, "--two") == 0   ? &s->two
                     : strcmp(option, "--as-is") == 0 ? &s->as_is
                                                      : NULL;
        if (flag != NULL) {
            *flag = true;
            continue;
        }
        uint32_t number = (uint32_t)strtoul(value, NULL, 10);
        if (strcmp(option, "--every") == 0 && number > 0)
            s->every = number;
        else if (strcmp(option, "--random") == 0)
            s->random = number;
        else if (strcmp(option, "--right") == 0)
            s->right = number;
        else if (strcmp(option, "--seed") == 0)
            s->seed = number;
        else if (strcmp(option, "--least") != 0 ||
                 sscanf(value, "%lf,%lf,%lf", &s->least[0], &s->least[1], &s->least[2]) != 3)
            fail(option, "is no option, or wants a number");
        i++;
    }
    return i;
}

static double seconds_since(clock_t start)
{
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static void score_random_cells(const settings *s)
{
    score all = {.settings = s};
    clock_t start = clock();
    char name[32], *text = malloc(LARGEST_TEXT);
    for (uint32_t i = 0; i < s->random && text != NULL; i++) {
        random_cell(RANDOM_CELL_PLAIN, s->seed + i, text, LARGEST_TEXT);
        score_text(&all, "a random cell", text, strlen(text));
    }
    free(text);
    snprintf(name, sizeof name, "%u random cells", s->random);
    print_head("cell");
    print_score(name, &all, seconds_since(start));
    print_confusion(&all);
}

static void score_rules(const settings *s, score *total)
{
    score rules = {.settings = s};
    clock_t start = clock();
    each_rule_mutant(try_rule, &rules);
    print_head("rules of");
    print_score("the ops", &rules, seconds_since(start));
    print_confusion(&rules);
    add(total, &rules);
}

int main(int argument_count, char **arguments)
{
    settings s;
    int first = read_settings(&s, argument_count, arguments);
    if (s.as_is)
        return follow_files(argument_count - first, arguments + first);
    score total = {.settings = &s};
    char *texts[64];
    uint32_t text_count = 0;
    clock_t begin = clock();
    print_head("cell");
    for (int i = first; i < argument_count && text_count < 64; i++) {
        score one = {.settings = &s};
        clock_t start = clock();
        char *text = texts[text_count++] = read_text(arguments[i]);
        score_text(&one, arguments[i], text, strlen(text));
        print_score(arguments[i], &one, seconds_since(start));
        add(&total, &one);
    }
    print_score("all files", &total, seconds_since(begin));
    print_confusion(&total);
    if (s.random > 0)
        score_random_cells(&s);
    score_rules(&s, &total);
    uint32_t alarms = count_alarms(&s, texts, text_count);
    each_right_rule(count_rule_alarm, &alarms);
    if (s.right > 0)
        printf("\n%u right cells, and the right rules, checked: %u false alarms\n", s.right, alarms);
    while (text_count > 0)
        free(texts[--text_count]);
    bool good = percent(total.caught, total.counted) >= s.least[0] &&
                percent(total.located, total.counted) >= s.least[1] &&
                percent(total.named, total.counted) >= s.least[2] && alarms == 0;
    return good ? 0 : 1;
}
