/* The mutation score of two small cells; bench/mutation.c has all of it. */
#include "diagnose/cell_problem.h"
#include "diagnose/mistake.h"
#include "lang/parse.h"
#include "support/mutants.h"

#include "texts.h"

#include <criterion/criterion.h>

typedef struct score {
    uint32_t counted, caught, located, named;
} score;

static void judge(void *context, const mutant *m)
{
    score *s = context;
    gt_pool pool = {0};
    gt_lang_diagnostics diagnostics = {.pool = &pool};
    gt_lang_file *file = gt_lang_parse(&pool, "mutant", m->text, m->size, &diagnostics);
    gt_problem problem;
    gt_mistakes mistakes;
    cr_assert(file != NULL && diagnostics.error_count == 0, "%s", m->after);
    cr_assert_eq(gt_problem_of_cell(&problem, &file->cells[0], 1, NULL), GT_OK, "%s", m->after);
    cr_assert(gt_mistakes_find(&problem, &mistakes));
    s->counted++;
    s->caught += mistakes.wrong > 0;
    s->located += mistakes.wrong > 0 && mistakes.list[0].line == (int32_t)m->line;
    s->named += mistakes.wrong > 0 && mistakes.list[0].kind == m->kind;
    gt_problem_free(&problem);
    gt_lang_diagnostics_free(&diagnostics);
    gt_pool_free(&pool);
}

static void check(const char *path, uint32_t least)
{
    score s = {0};
    char *text = read_text(path);
    gt_pool pool = {0};
    gt_lang_diagnostics diagnostics = {.pool = &pool};
    gt_lang_file *file = gt_lang_parse(&pool, path, text, strlen(text), &diagnostics);
    cr_assert(file != NULL && diagnostics.error_count == 0);
    each_mutant(file, judge, &s);
    cr_assert(s.counted >= least, "only %u mutants", s.counted);
    cr_assert_eq(s.caught, s.counted);
    cr_assert(s.located * 100 >= s.counted * 98, "%u of %u located", s.located, s.counted);
    cr_assert(s.named * 100 >= s.counted * 95, "%u of %u named", s.named, s.counted);
    gt_lang_diagnostics_free(&diagnostics);
    gt_pool_free(&pool);
    free(text);
}

Test(mutation, rnn)
{
    check(GT_FIXTURES "/backward/rnn.cell", 100);
}

Test(mutation, minimal_gated_unit)
{
    check(GT_FIXTURES "/backward/mgu.cell", 140);
}
