/*
 * Mistakes planted in the right blocks of random cells: what is claimed of one is true. A repair that is
 * told makes the block right; where nothing is known nothing is claimed.
 */
#include "support/mutants.h"
#include "support/random_cells.h"
#include "texts.h"

#include "gradtape.h"
#include "lang/parse.h"

TestSuite(diagnose_random, .timeout = 300);

enum { CELLS = 16, EVERY = 7, MOST = 4, LARGEST_TEXT = 16384 };

typedef struct tally {
    uint32_t seen, told, explained;
} tally;

static uint32_t diagnose(const char *text, size_t size, gt_report *words, gt_diagnosis *list)
{
    gt_error error = {0};
    uint32_t count = 0;
    gt_parsed_cell *parsed = gt_cell_parse(text, size, NULL);
    gt_status status = gt_diagnose_cell(parsed, words, list, MOST, &count, &error);
    cr_assert(status == GT_OK || error.message[0] != '\0');
    gt_parsed_cell_free(parsed);
    return status == GT_OK ? count : 0;
}

/* Every so many of them, another one in each cell. */
static void try_mutant(void *context, const mutant *m)
{
    tally *t = context;
    gt_report words = {0};
    gt_diagnosis list[MOST], after[MOST];
    if (t->seen++ % EVERY != 0)
        return;
    char *text = calloc(1, m->size + 1);
    memcpy(text, m->text, m->size);
    uint32_t count = diagnose(text, m->size, &words, list);
    t->told += count > 0;
    if (count == 1 && *list[0].kind != '\0' && list[0].repaired != NULL && *list[0].repaired != '\0') {
        char *mended = following(text, &list[0]);
        cr_expect_eq(diagnose(mended, strlen(mended), &words, after), 0, "%s\n%s\nis said to be %s: %s", m->before,
                     m->after, list[0].kind, list[0].repaired);
        t->explained++;
        free(mended);
    }
    gt_report_free(&words);
    free(text);
}

static void try_cells(random_cell_kind kind)
{
    tally t = {0};
    for (uint32_t seed = 1; seed <= CELLS; seed++) {
        static char text[LARGEST_TEXT];
        gt_pool pool = {0};
        gt_lang_diagnostics diagnostics = {.pool = &pool};
        random_cell(kind, seed, text, sizeof text);
        const gt_lang_file *file = gt_lang_parse(&pool, NULL, text, strlen(text), &diagnostics);
        cr_assert(file != NULL && diagnostics.error_count == 0);
        each_mutant(file, try_mutant, &t);
        gt_lang_diagnostics_free(&diagnostics);
        gt_pool_free(&pool);
    }
    cr_expect(t.told > 5 && t.explained > t.told / 4, "of %u mistakes %u are found and %u explained", t.seen / EVERY,
              t.told, t.explained);
}

Test(diagnose_random, plain)
{
    try_cells(RANDOM_CELL_PLAIN);
}

Test(diagnose_random, smooth)
{
    try_cells(RANDOM_CELL_SMOOTH);
}

Test(diagnose_random, smooth_once)
{
    try_cells(RANDOM_CELL_SMOOTH_ONCE);
}

Test(diagnose_random, kinked)
{
    try_cells(RANDOM_CELL_KINKED);
}
