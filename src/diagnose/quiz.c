/* Questions with wrong answers: the right formula, altered by the catalogue of mistakes. */
#include "gradtape/quiz.h"

#include "base/memory.h"
#include "diagnose/cell_question.h"
#include "diagnose/describe.h"
#include "diagnose/search.h"
#include "gradtape/derive.h"
#include "gradtape/random.h"
#include "lang/parsed.h"

#include <math.h>
#include <string.h>

enum { SEED = 20, LONGEST = 400, WRONG = GT_QUIZ_ANSWERS - 1 };

struct gt_quiz {
    gt_arena arena;
    gt_quiz_question *list;
    uint32_t count;
};

typedef struct maker {
    gt_quiz *quiz;
    gt_question *question;
    gt_search *search;
    gt_random random;
    const char **names;
    gt_report report; /* owns what is said of wrong answers */
} maker;

/* ---- wrong answers --------------------------------------------------------------------------- */

/* Changes that nobody makes by mistake in a formula which is right otherwise. */
static bool is_likely(gt_mistake_kind kind)
{
    return kind != GT_MISTAKE_MASK && kind != GT_MISTAKE_CLIPPED && kind != GT_MISTAKE_OTHER_FORMULA &&
           kind != GT_MISTAKE_SEVERAL;
}

/* Those that put something in, where a mistake rather leaves it out: only where nothing else is found. */
static bool is_far_fetched(gt_mistake_kind kind)
{
    return kind == GT_MISTAKE_MISSING_TERM || kind == GT_MISTAKE_MISSING_STATE || kind == GT_MISTAKE_MISSING_FACTOR ||
           kind == GT_MISTAKE_POWER || kind == GT_MISTAKE_WRONG_SLICE;
}

/* Another value than the right one, or another shape, on every sample. */
static bool is_wrong(maker *m, const gt_expression *formula)
{
    gt_search *search = m->search;
    for (unsigned s = 0; s < GT_QUESTION_SAMPLES; s++) {
        gt_value value, right = search->values[s][m->question->equations[search->equation].target];
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        bool known = gt_expression_evaluate(&search->scratch, formula, search->values[s], &value);
        bool differs = known && gt_value_distance(value, right) > 1e-3 * fmax(gt_value_magnitude(right), 1e-3);
        gt_arena_return(&search->scratch, mark);
        if (!differs)
            return false;
    }
    return true;
}

/* In the quiz's memory; NULL if it is too long to be read, or on no memory. */
static const char *print(maker *m, const gt_expression *formula)
{
    char text[LONGEST + 1];
    gt_expression_print(formula, m->names, text, sizeof text);
    return strlen(text) < LONGEST ? gt_arena_print(&m->quiz->arena, "%s", text) : NULL;
}

/* What the catalogue says to the formula; "" if it has no word for it. */
static const char *explain(maker *m, const gt_expression *formula)
{
    gt_value right[GT_QUESTION_SAMPLES];
    gt_mistake mistake;
    gt_diagnosis diagnosis;
    for (unsigned s = 0; s < GT_QUESTION_SAMPLES; s++)
        right[s] = m->search->values[s][m->question->equations[m->search->equation].target];
    if (!gt_search_single(m->search, formula, right, &mistake) ||
        !gt_mistake_describe(m->question, &mistake, &m->report, &diagnosis) || diagnosis.text == NULL)
        return "";
    const char *kept = gt_arena_print(&m->quiz->arena, "%s", diagnosis.text);
    return kept != NULL ? kept : "";
}

static bool is_new(const gt_quiz_question *q, uint32_t count, const char *formula)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(q->answers[i].formula, formula) == 0)
            return false;
    return true;
}

/* The likeliest of each kind, a little at random; -1: none. */
static void choose_by_kind(maker *m, const gt_candidates *all, int64_t *of_kind)
{
    double least[GT_MISTAKE_KIND_COUNT];
    for (uint32_t kind = 0; kind < GT_MISTAKE_KIND_COUNT; kind++)
        of_kind[kind] = -1;
    for (size_t i = 0; i < all->count; i++) {
        const gt_candidate *c = &all->list[i];
        gt_mistake_kind kind = c->part.kind;
        double cost = c->cost + 0.4 * gt_random_uniform(&m->random);
        if (!is_likely(kind) || (of_kind[kind] >= 0 && cost >= least[kind]) || !is_wrong(m, c->formula))
            continue;
        of_kind[kind] = (int64_t)i;
        least[kind] = cost;
    }
}

/* In any order, but those that are far-fetched last. */
static uint32_t shuffle(maker *m, const int64_t *of_kind, int64_t *list)
{
    uint32_t count = 0;
    for (int last = 0; last < 2; last++) {
        uint32_t first = count;
        for (uint32_t kind = 0; kind < GT_MISTAKE_KIND_COUNT; kind++)
            if (of_kind[kind] >= 0 && is_far_fetched((gt_mistake_kind)kind) == (last == 1))
                list[count++] = of_kind[kind];
        for (uint32_t i = count; i-- > first + 1;) {
            int64_t other = gt_random_integer(&m->random, first, (int64_t)i + 1), kept = list[i];
            list[i] = list[other];
            list[other] = kept;
        }
    }
    return count;
}

static void add_answer(maker *m, const gt_candidate *c, bool explained, gt_quiz_question *q, uint32_t *found)
{
    const gt_expression *formula = gt_expression_tidy(&m->question->arena, c->formula);
    const char *text = formula != NULL ? print(m, formula) : NULL;
    if (text == NULL || !is_new(q, *found + 1, text))
        return;
    const char *why = explain(m, formula);
    if (!explained || why[0] != '\0')
        q->answers[++*found] = (gt_quiz_answer){text, why};
}

/* First those of which something can be said. */
static bool add_wrong(maker *m, const gt_candidates *all, gt_quiz_question *q)
{
    int64_t of_kind[GT_MISTAKE_KIND_COUNT], list[GT_MISTAKE_KIND_COUNT];
    choose_by_kind(m, all, of_kind);
    uint32_t count = shuffle(m, of_kind, list), found = 0;
    for (uint32_t i = 0; i < 2 * count && found < WRONG; i++)
        add_answer(m, &all->list[list[i % count]], i < count, q, &found);
    return found == WRONG;
}

/* ---- questions ------------------------------------------------------------------------------- */

static void add_question(maker *m, uint32_t equation)
{
    gt_search *search = m->search;
    gt_candidates all = {0};
    gt_quiz_question q = {.name = m->names[m->question->equations[equation].target],
                          .answers = {{print(m, search->formulas[equation]), ""}}};
    if (q.answers[0].formula == NULL)
        return;
    q.name = gt_arena_print(&m->quiz->arena, "%s", q.name);
    search->equation = equation;
    gt_search_collect(search, search->formulas[equation], &all);
    if (!all.failed && q.name != NULL && add_wrong(m, &all, &q))
        m->quiz->list[m->quiz->count++] = q;
    gt_candidates_free(&all);
}

static bool ask(maker *m)
{
    gt_question *question = m->question;
    m->quiz->list = gt_arena_new(&m->quiz->arena, question->equation_count + 1, sizeof *m->quiz->list);
    m->names = gt_question_texts(question);
    if (m->quiz->list == NULL || m->names == NULL || !gt_search_open(m->search, question))
        return false;
    gt_search_evaluate_block(m->search);
    bool done = gt_search_find_terms(m->search);
    for (uint32_t i = 0; done && i < question->equation_count; i++) {
        add_question(m, i);
        done = !m->search->scratch.failed && !question->arena.failed && !m->quiz->arena.failed && !m->report.speechless;
    }
    return done;
}

/* The cell with its derivation as a block. */
static gt_status derive(const gt_parsed_cell *parsed, gt_parsed_cell **derived, gt_error *error)
{
    char *text;
    size_t size;
    gt_status status = gt_derive(parsed, NULL, &text, &size, error);
    if (status != GT_OK)
        return status;
    *derived = gt_cell_parse(text, size, NULL);
    gt_derive_free(text);
    if (*derived == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for a quiz");
    return gt_parsed_cell_status(*derived, error);
}

static gt_status make(gt_quiz *quiz, const gt_parsed_cell *derived, gt_error *error)
{
    gt_question question;
    gt_search search = {0};
    maker m = {.quiz = quiz, .question = &question, .search = &search};
    gt_random_seed(&m.random, SEED);
    gt_status status = gt_question_of_cell(&question, gt_parsed_cell_tree(derived), NULL, SEED, error);
    if (status == GT_OK && !ask(&m))
        status = gt_error_set(error, GT_ERROR_MEMORY, "no memory for a quiz");
    gt_search_close(&search);
    gt_report_free(&m.report);
    gt_question_free(&question);
    return status;
}

gt_quiz *gt_quiz_new(const gt_parsed_cell *parsed, gt_error *error)
{
    gt_parsed_cell *derived = NULL;
    gt_quiz *quiz = gt_memory_new(1, sizeof *quiz);
    if (quiz == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for a quiz");
        return NULL;
    }
    gt_status status = derive(parsed, &derived, error);
    if (status == GT_OK)
        status = make(quiz, derived, error);
    gt_parsed_cell_free(derived);
    if (status == GT_OK)
        return quiz;
    gt_quiz_free(quiz);
    return NULL;
}

void gt_quiz_free(gt_quiz *quiz)
{
    if (quiz == NULL)
        return;
    gt_arena_free(&quiz->arena);
    gt_memory_free(quiz);
}

uint32_t gt_quiz_count(const gt_quiz *quiz)
{
    return quiz->count;
}

const gt_quiz_question *gt_quiz_at(const gt_quiz *quiz, uint32_t i)
{
    return i < quiz->count ? &quiz->list[i] : NULL;
}
