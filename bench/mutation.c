/*
 * How good the verifier is, as a number: plants mistakes and counts how many are
 * caught (the verdict is wrong), located (the right line and name) and named (the
 * right kind). See docs/verification.md.
 *
 *     bench-mutation FILE.cell...      a score for each file and a table of kinds
 *     bench-mutation --list FILE.cell  also what was not located or not named
 */
#include "diagnose/cell_problem.h"
#include "diagnose/mistake.h"
#include "lang/parse.h"
#include "support/mutants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct score {
    uint32_t planted, meaningless, equivalent, counted;
    uint32_t caught, located, named;
    uint32_t confusion[GT_MISTAKE_KIND_COUNT][GT_MISTAKE_KIND_COUNT];
    bool list;
} score;

static char *read_text(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *text = malloc(1 << 20);
    if (file == NULL || text == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    *size = fread(text, 1, (1 << 20) - 1, file);
    text[*size] = '\0';
    fclose(file);
    return text;
}

static void judge(score *s, const mutant *m, const gt_problem *problem, const gt_mistakes *mistakes)
{
    s->counted++;
    s->caught += mistakes->wrong > 0;
    const gt_mistake *first = &mistakes->list[0];
    const char *name = problem->names[problem->equations[first->equation].target].text;
    bool located = first->line == (int32_t)m->line && strcmp(name, m->name) == 0;
    bool named = first->kind == m->kind;
    s->located += located;
    s->named += named;
    s->confusion[m->kind][first->kind]++;
    if (!s->list || (located && named))
        return;
    char repaired[512] = "";
    const char **names = malloc(problem->name_count * sizeof *names);
    for (uint32_t i = 0; i < problem->name_count && names != NULL; i++)
        names[i] = problem->names[i].text;
    if (first->repaired != NULL && names != NULL)
        gt_expression_print(first->repaired, names, repaired, sizeof repaired);
    printf("%s taken for %s%s\n    right    %s\n    planted  %s\n    repaired %s = %s\n",
           gt_mistake_kind_name(m->kind), gt_mistake_kind_name(first->kind),
           located ? "" : ", in another place", m->before, m->after, name, repaired);
    free(names);
}

static void try_mutant(void *context, const mutant *m)
{
    score *s = context;
    s->planted++;
    gt_pool pool = {0};
    gt_lang_diagnostics diagnostics = {.pool = &pool};
    gt_lang_file *file = gt_lang_parse(&pool, "mutant.cell", m->text, m->size, &diagnostics);
    gt_problem problem = {0};
    gt_mistakes mistakes = {0};
    gt_error error = {0};
    if (file == NULL || diagnostics.error_count > 0 ||
        gt_problem_of_cell(&problem, &file->cells[0], 1, &error) != GT_OK) {
        s->meaningless++;
        if (s->list)
            printf("meaningless: %s %s\n", m->after, error.message);
    } else if (!gt_mistakes_find(&problem, &mistakes)) {
        fprintf(stderr, "no memory\n");
        exit(2);
    } else if (mistakes.wrong == 0) {
        s->equivalent++;
        if (s->list)
            printf("equivalent: %s\n    %s\n", m->before, m->after);
    } else {
        judge(s, m, &problem, &mistakes);
    }
    gt_problem_free(&problem);
    gt_lang_diagnostics_free(&diagnostics);
    gt_pool_free(&pool);
}

static double percent(uint32_t part, uint32_t whole)
{
    return whole == 0 ? 100 : 100.0 * part / whole;
}

static void print_score(const char *name, const score *s, double seconds)
{
    printf(
        "%-24s planted %4u, meaningless %3u, equivalent %3u, counted %4u: caught %.1f %%, located "
        "%.1f %%, named %.1f %% (%.1f s)\n",
        name, s->planted, s->meaningless, s->equivalent, s->counted, percent(s->caught, s->counted),
        percent(s->located, s->counted), percent(s->named, s->counted), seconds);
}

static void add(score *total, const score *s)
{
    total->planted += s->planted;
    total->meaningless += s->meaningless;
    total->equivalent += s->equivalent;
    total->counted += s->counted;
    total->caught += s->caught;
    total->located += s->located;
    total->named += s->named;
    for (int i = 0; i < GT_MISTAKE_KIND_COUNT; i++)
        for (int j = 0; j < GT_MISTAKE_KIND_COUNT; j++)
            total->confusion[i][j] += s->confusion[i][j];
}

/* A row for each kind that was planted: how many, and what they were taken for. */
static void print_confusion(const score *s)
{
    printf("\n| planted | number | named so | taken for |\n|---|---:|---:|---|\n");
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
                printf("%s%s %u", separator, gt_mistake_kind_name((gt_mistake_kind)j),
                       s->confusion[i][j]);
                separator = ", ";
            }
        printf(" |\n");
    }
}

int main(int argument_count, char **arguments)
{
    score total = {0};
    bool list = argument_count > 1 && strcmp(arguments[1], "--list") == 0;
    for (int i = list ? 2 : 1; i < argument_count; i++) {
        size_t size;
        char *text = read_text(arguments[i], &size);
        gt_pool pool = {0};
        gt_lang_diagnostics diagnostics = {.pool = &pool};
        gt_lang_file *file = gt_lang_parse(&pool, arguments[i], text, size, &diagnostics);
        if (file == NULL || diagnostics.error_count > 0 || file->cell_count == 0) {
            fprintf(stderr, "%s is not a cell\n", arguments[i]);
            return 2;
        }
        score s = {.list = list};
        clock_t start = clock();
        each_mutant(file, try_mutant, &s);
        print_score(arguments[i], &s, (double)(clock() - start) / CLOCKS_PER_SEC);
        add(&total, &s);
        gt_lang_diagnostics_free(&diagnostics);
        gt_pool_free(&pool);
        free(text);
    }
    print_score("all", &total, 0);
    print_confusion(&total);
    return 0;
}
