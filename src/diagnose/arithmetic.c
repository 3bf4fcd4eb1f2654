/*
 * One entry of a formula, written out with its numbers: what goes entry by entry in one line, and each
 * product of matrices and each sum in it, which takes several entries, in a line of its own.
 */
#include "gradtape/diagnose.h"

#include "base/pool.h"
#include "diagnose/cell_question.h"
#include "diagnose/evidence_values.h"
#include "formula/print.h"
#include "lang/parse.h"

#include <stdio.h>
#include <string.h>

/* The seed of the question's own samples, of which nothing is read here. */
enum { SEED = 20, MOST_ATOMS = 64, MOST_LINES = 6, MOST_TERMS = 6, LONGEST = 64, ROOM = 4096 };

/* An entry that has a line of its own. */
typedef struct wish {
    const gt_expression *formula;
    uint32_t row, column;
} wish;

typedef struct writer {
    gt_question *question;
    const gt_value *values;
    const char **names;
    /* Of the line that is being written: its leaves in words and in numbers. */
    const char *symbols[MOST_ATOMS], *numbers[MOST_ATOMS];
    uint32_t atom_count;
    wish wishes[MOST_LINES];
    uint32_t wish_count;
} writer;

static gt_arena *arena_of(const writer *w)
{
    return &w->question->arena;
}

static bool evaluate(const writer *w, const gt_expression *f, gt_value *value)
{
    return gt_expression_evaluate(arena_of(w), f, w->values, value);
}

static double at(gt_value v, uint32_t row, uint32_t column)
{
    return v.data[(v.rows > 1 ? row : 0) + (size_t)(v.columns > 1 ? column : 0) * v.rows];
}

/* ---- words --------------------------------------------------------------------------------- */

static const char *print(const writer *w, const gt_expression *f, const char *const *names)
{
    char text[ROOM];
    return gt_arena_print(arena_of(w), "%s", gt_expression_print(f, names, text, sizeof text));
}

static bool is_closed(const gt_expression *f)
{
    return f->kind == GT_EXPRESSION_NAME || f->kind == GT_EXPRESSION_SLICE || f->kind == GT_EXPRESSION_CALL;
}

/* "df_z[0, k]", of a transpose "z[k, 0]", of anything larger "(s * u)[0, k]". */
static const char *indexed(const writer *w, const gt_expression *f, const char *row, const char *column)
{
    while (f->kind == GT_EXPRESSION_TRANSPOSE) {
        const char *swap = row;
        row = column;
        column = swap;
        f = f->operands[0];
    }
    const char *text = print(w, f, w->names);
    if (text != NULL && strlen(text) > LONGEST)
        text = "...";
    return gt_arena_print(arena_of(w), is_closed(f) ? "%s[%s, %s]" : "(%s)[%s, %s]", text, row, column);
}

static const char *at_place(const writer *w, const gt_expression *f, gt_value value, uint32_t row, uint32_t column)
{
    char i[16], j[16];
    if (value.rows * value.columns == 1 && f->kind == GT_EXPRESSION_NAME)
        return w->names[f->name];
    snprintf(i, sizeof i, "%u", value.rows > 1 ? row : 0);
    snprintf(j, sizeof j, "%u", value.columns > 1 ? column : 0);
    return indexed(w, f, i, j);
}

static const char *number(const writer *w, double x)
{
    char text[32];
    gt_formula_print_number(x, 4, text);
    return gt_arena_print(arena_of(w), x < 0 ? "(%s)" : "%s", text);
}

/* ---- entry by entry ------------------------------------------------------------------------ */

static const gt_expression *add_atom(writer *w, const char *symbol, double value)
{
    if (w->atom_count == MOST_ATOMS)
        return NULL;
    w->symbols[w->atom_count] = symbol;
    w->numbers[w->atom_count] = number(w, value);
    return gt_expression_new_name(arena_of(w), w->atom_count++);
}

static bool is_sum(const gt_expression *f)
{
    return f->kind == GT_EXPRESSION_CALL && (f->detail == GT_LANG_SUM || f->detail == GT_LANG_MEAN);
}

static bool takes_several(const gt_expression *f)
{
    return f->kind == GT_EXPRESSION_MATMUL || is_sum(f);
}

static void ask(writer *w, const gt_expression *f, uint32_t row, uint32_t column)
{
    if (w->wish_count < MOST_LINES && takes_several(f))
        w->wishes[w->wish_count++] = (wish){f, row, column};
}

static const gt_expression *build(writer *w, const gt_expression *f, uint32_t row, uint32_t column);

/* The same node over the same entry of its operands. */
static const gt_expression *rebuild(writer *w, const gt_expression *f, uint32_t row, uint32_t column)
{
    gt_expression *copy = gt_expression_like(arena_of(w), f, f->count);
    for (uint32_t i = 0; copy != NULL && i < f->count; i++) {
        copy->operands[i] = build(w, f->operands[i], row, column);
        if (copy->operands[i] == NULL)
            return NULL;
    }
    return copy;
}

static const gt_expression *in_slice(writer *w, const gt_expression *f, uint32_t row, uint32_t column)
{
    uint32_t down, right;
    gt_value whole;
    if (!evaluate(w, f->operands[0], &whole) ||
        !gt_expression_bound(arena_of(w), f->operands[1], w->values, 0, whole.rows, &down) ||
        !gt_expression_bound(arena_of(w), f->operands[3], w->values, 0, whole.columns, &right))
        return NULL;
    return build(w, f->operands[0], row + down, column + right);
}

static const gt_expression *in_concat(writer *w, const gt_expression *f, uint32_t row, uint32_t column)
{
    gt_value part;
    for (uint32_t i = 0; i < f->count; row -= part.rows, i++) {
        if (!evaluate(w, f->operands[i], &part))
            return NULL;
        if (row < part.rows)
            return build(w, f->operands[i], row, column);
    }
    return NULL;
}

static bool goes_by_entry(const gt_expression *f)
{
    return f->kind != GT_EXPRESSION_NAME && f->kind != GT_EXPRESSION_MATMUL &&
           (f->kind != GT_EXPRESSION_CALL || gt_lang_function_at((gt_lang_function)f->detail)->op != NULL);
}

/* A formula of names that are entries. NULL where there is none. */
static const gt_expression *build(writer *w, const gt_expression *f, uint32_t row, uint32_t column)
{
    gt_value value;
    if (f->kind == GT_EXPRESSION_NUMBER)
        return f;
    if (!evaluate(w, f, &value))
        return NULL;
    row = value.rows > 1 ? row : 0;
    column = value.columns > 1 ? column : 0;
    if (f->kind == GT_EXPRESSION_TRANSPOSE)
        return build(w, f->operands[0], column, row);
    if (f->kind == GT_EXPRESSION_SLICE)
        return in_slice(w, f, row, column);
    if (f->kind == GT_EXPRESSION_CALL && f->detail == GT_LANG_CONCAT)
        return in_concat(w, f, row, column);
    if (goes_by_entry(f))
        return rebuild(w, f, row, column);
    ask(w, f, row, column);
    return add_atom(w, at_place(w, f, value, row, column), at(value, row, column));
}

/* ---- what takes several entries -------------------------------------------------------------- */

/* A list of summands, cut where it is long. */
static void add_term(writer *w, const char **text, uint32_t k, uint32_t count, const char *term)
{
    if (*text == NULL || term == NULL || k > MOST_TERMS)
        return;
    if (k == MOST_TERMS)
        *text = gt_arena_print(arena_of(w), "%s + ... (%u in all)", *text, count);
    else
        *text = gt_arena_print(arena_of(w), "%s%s%s", *text, k > 0 ? " + " : "", term);
}

static const char *product_line(writer *w, const wish *e)
{
    char row[16], column[16];
    gt_value a, b;
    const char *text = "";
    if (!evaluate(w, e->formula->operands[0], &a) || !evaluate(w, e->formula->operands[1], &b))
        return NULL;
    snprintf(row, sizeof row, "%u", e->row);
    snprintf(column, sizeof column, "%u", e->column);
    for (uint32_t k = 0; k < a.columns; k++)
        add_term(w, &text, k, a.columns,
                 gt_arena_print(arena_of(w), "%s * %s", number(w, at(a, e->row, k)), number(w, at(b, k, e->column))));
    return gt_arena_print(arena_of(w), "sum over k of %s * %s = %s", indexed(w, e->formula->operands[0], row, "k"),
                          indexed(w, e->formula->operands[1], "k", column), text);
}

/* The entries that a sum takes: a row, a column, or all of them. */
static const char *sum_line(writer *w, const wish *e)
{
    const gt_expression *f = e->formula;
    gt_value x;
    const char *text = "";
    char place[16];
    if (!evaluate(w, f->operands[0], &x))
        return NULL;
    uint32_t count = f->axis == 0 ? x.rows : f->axis == 1 ? x.columns : x.rows * x.columns;
    for (uint32_t k = 0; k < count; k++)
        add_term(w, &text, k, count,
                 number(w, f->axis == 0   ? at(x, k, e->column)
                           : f->axis == 1 ? at(x, e->row, k)
                                          : x.data[k]));
    snprintf(place, sizeof place, "%u", f->axis == 0 ? e->column : e->row);
    const char *what = f->axis == GT_EXPRESSION_ALL_AXES
                           ? gt_arena_print(arena_of(w), "all of %s", print(w, f->operands[0], w->names))
                           : indexed(w, f->operands[0], f->axis == 0 ? "k" : place, f->axis == 0 ? place : "k");
    bool mean = f->detail == GT_LANG_MEAN;
    return gt_arena_print(arena_of(w), "%s over %s%s = %s%s%s", mean ? "mean" : "sum",
                          f->axis == GT_EXPRESSION_ALL_AXES ? "" : "k of ", what, mean ? "(" : "", text,
                          mean ? gt_arena_print(arena_of(w), ") / %u", count) : "");
}

static const char *summed_line(writer *w, const wish *e)
{
    return is_sum(e->formula) ? sum_line(w, e) : product_line(w, e);
}

/* ---- lines --------------------------------------------------------------------------------- */

static const char *entry_line(writer *w, const wish *e)
{
    w->atom_count = 0;
    const gt_expression *tree = build(w, e->formula, e->row, e->column);
    if (tree == NULL)
        return NULL;
    if (tree->kind == GT_EXPRESSION_NAME && w->wish_count == 1) { /* only moved: its line is this one */
        w->wish_count = 0;
        return summed_line(w, &w->wishes[0]);
    }
    if (tree->kind == GT_EXPRESSION_NAME || tree->kind == GT_EXPRESSION_NUMBER)
        return print(w, tree, w->symbols);
    const char *words = print(w, tree, w->symbols);
    return gt_arena_print(arena_of(w), "%s = %s", words, print(w, tree, w->numbers));
}

static const char *line(writer *w, const wish *e, const char *left)
{
    gt_value value;
    if (!evaluate(w, e->formula, &value))
        return NULL;
    const char *middle = takes_several(e->formula) ? summed_line(w, e) : entry_line(w, e);
    char result[32];
    gt_formula_print_number(at(value, e->row, e->column), 6, result);
    return middle == NULL ? NULL : gt_arena_print(arena_of(w), "%s = %s = %s", left, middle, result);
}

/* The entry's own line, then those of what it asked for, which ask for no more. */
static const char *write_lines(writer *w, const gt_finding *finding, const char *name, const gt_expression *formula)
{
    wish own = {formula, (uint32_t)finding->index[0], (uint32_t)finding->index[1]};
    char left[2 * GT_LANG_MAX_NAME + 48];
    snprintf(left, sizeof left, "%s[%u, %u]", name, own.row, own.column);
    const char *text = line(w, &own, left);
    for (uint32_t i = 0; text != NULL && i < w->wish_count; i++) {
        const wish e = w->wishes[i];
        gt_value value;
        if (!evaluate(w, e.formula, &value))
            return NULL;
        const char *next = line(w, &e, at_place(w, e.formula, value, e.row, e.column));
        text = next == NULL ? NULL : gt_arena_print(arena_of(w), "%s\n%s", text, next);
    }
    return text;
}

/* ---- all ----------------------------------------------------------------------------------- */

/* "dW = W * 2": its name, and the place of its right side. */
static const char *split(const char *formula, char *name, size_t size)
{
    const char *equals = strchr(formula, '=');
    if (equals == NULL)
        return NULL;
    size_t length = strcspn(formula, " \t=");
    snprintf(name, size, "%.*s", (int)length, formula);
    return equals + 1;
}

/* A formula that is not understood is none; for lack of memory, the question's arena has failed. */
static const gt_expression *read_formula(gt_question *question, const char *text)
{
    gt_pool pool = {0};
    bool no_memory;
    const gt_lang_expression *tree = gt_lang_try_formula(&pool, text, &no_memory);
    const gt_expression *formula = tree != NULL ? gt_question_formula(question, tree) : NULL;
    question->arena.failed = question->arena.failed || no_memory;
    gt_pool_free(&pool);
    return formula;
}

static const char *write_entry(gt_question *question, const gt_evidence *evidence, const char *formula)
{
    char name[GT_LANG_MAX_NAME];
    const char *right = split(formula, name, sizeof name);
    const gt_expression *tree = right != NULL ? read_formula(question, right) : NULL;
    writer w = {.question = question};
    if (tree == NULL)
        return NULL;
    w.values = gt_evidence_values(question, evidence, evidence->finding->step);
    w.names = gt_question_texts(question);
    return w.names == NULL || w.values == NULL ? NULL : write_lines(&w, evidence->finding, name, tree);
}

gt_status gt_arithmetic(const gt_evidence *evidence, const char *formula, const char **text)
{
    const gt_lang_cell *cell = gt_evidence_tree(evidence->cell);
    gt_question question;
    *text = "";
    if (cell == NULL || formula == NULL || evidence->finding->step < 0 || !gt_evidence_is_short(cell))
        return GT_OK;
    gt_status status = gt_question_of_cell(&question, cell, NULL, SEED, NULL);
    /* Of several sizes an entry has more places than a row and a column. */
    const char *lines = status == GT_OK && !question.several ? write_entry(&question, evidence, formula) : NULL;
    if (lines != NULL)
        *text = gt_report_write(evidence->report, "%s", lines);
    bool memory = status != GT_ERROR_MEMORY && !question.arena.failed;
    gt_question_free(&question);
    return memory ? GT_OK : GT_ERROR_MEMORY;
}
