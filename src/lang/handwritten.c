#include "lang/handwritten.h"

#include "base/memory.h"
#include "lang/parsed.h"
#include "lang/record.h"
#include "lang/run_cell.h"

#include <math.h>
#include <string.h>

/* ---- equations ----------------------------------------------------------------------------- */

/* The text of a place as one line, without comments. NULL on no memory. */
static const char *one_line(const gt_lang_file *file, gt_lang_place place, gt_pool *pool)
{
    char *line = gt_pool_new(pool, (size_t)place.length + 1, 1);
    if (line == NULL)
        return NULL;
    size_t length = 0;
    bool comment = false;
    for (uint32_t i = place.offset; i < place.offset + place.length; i++) {
        char c = file->text[i];
        comment = c == '#' || (comment && c != '\n' && c != '\r');
        bool space = comment || c == '\n' || c == '\r' || c == '\t' || c == ' ';
        if (!space)
            line[length++] = c;
        else if (line[length - 1] != ' ') /* it begins and ends with a word */
            line[length++] = ' ';
    }
    line[length] = '\0';
    return line;
}

/* Equations of the forward pass, or of the backward block. */
static const gt_equation *make_equations(const gt_lang_meaning *meaning, const gt_lang_file *file, bool backward,
                                         gt_pool *pool)
{
    const gt_lang_cell *tree = meaning->cell;
    const gt_lang_equation *from = backward ? tree->backward : tree->equations;
    uint32_t count = backward ? tree->backward_count : tree->equation_count;
    gt_equation *equations = gt_pool_new(pool, (size_t)count + 1, sizeof *equations);
    for (uint32_t i = 0; equations != NULL && i < count; i++) {
        const gt_lang_symbol *symbol = gt_lang_symbols_find(&meaning->symbols, from[i].name);
        equations[i] = (gt_equation){.name = from[i].name,
                                     .text = one_line(file, from[i].place, pool),
                                     .place = {file->name, from[i].name_place.line, from[i].name_place.column}};
        if (equations[i].text == NULL || !gt_lang_write_sizes(&symbol->shape, pool, equations[i].sizes))
            return NULL;
    }
    return equations;
}

/* ---- recording ----------------------------------------------------------------------------- */

static void record_forward(const gt_handwritten *handwritten, gt_cell_step *step, gt_var *values)
{
    gt_cell_step whole = *step;
    whole.context = (void *)handwritten->context;
    gt_lang_record_whole(&whole, values);
}

typedef struct names {
    const gt_lang_meaning *meaning;
    const gt_handwritten_scope *scope;
    double *numbers; /* of the constants: of the forward pass, then of the backward block; NaN where there is none */
    uint32_t known;  /* how many of them are there; NULL and 0 until one is asked for */
} names;

static gt_var variable(void *context, const char *name)
{
    const names *n = context;
    return n->scope->lookup(n->scope->names, name);
}

static bool number(void *context, const char *name, double *value);

static void find_number(names *n, uint32_t i)
{
    const gt_lang_cell *cell = n->meaning->cell;
    gt_lang_environment environment = {
        .tape = n->scope->tape, .context = n, .variable = variable, .number = number, .meaning = n->meaning};
    bool forward = i < cell->equation_count;
    const gt_lang_equation *equation = forward ? &cell->equations[i] : &cell->backward[i - cell->equation_count];
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&n->meaning->symbols, equation->name);
    if (symbol == NULL || !symbol->shape.number || !gt_lang_number(&environment, equation->value, &n->numbers[i]))
        n->numbers[i] = NAN;
}

/* In the order of the text, so that each finds those that it is made of. */
static bool constant(names *n, uint32_t place, double *value)
{
    const gt_lang_cell *cell = n->meaning->cell;
    if (n->numbers == NULL)
        n->numbers = gt_memory_new((size_t)cell->equation_count + cell->backward_count, sizeof *n->numbers);
    if (n->numbers == NULL) {
        gt_tape_fail(n->scope->tape, GT_ERROR_MEMORY, "no memory for the constants of a cell");
        return false;
    }
    for (; n->known <= place; n->known++)
        find_number(n, n->known);
    *value = n->numbers[place];
    return !isnan(*value);
}

static bool number(void *context, const char *name, double *value)
{
    names *n = context;
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&n->meaning->symbols, name);
    if (symbol == NULL || !symbol->shape.number)
        return false;
    if (symbol->kind == GT_LANG_SYMBOL_EQUATION)
        return constant(n, symbol->index, value);
    if (symbol->kind == GT_LANG_SYMBOL_BACKWARD)
        return constant(n, n->meaning->cell->equation_count + symbol->index, value);
    for (uint32_t i = 0; i < n->scope->dimension_count; i++)
        if (strcmp(n->scope->dimensions[i].name, name) == 0) {
            *value = (double)n->scope->dimensions[i].size;
            return true;
        }
    return false;
}

static gt_var record_backward(const gt_handwritten *handwritten, uint32_t i, const gt_handwritten_scope *scope)
{
    names n = {handwritten->context, scope, NULL, 0};
    gt_lang_environment environment = {
        .tape = scope->tape, .context = &n, .variable = variable, .number = number, .meaning = n.meaning};
    gt_var v = gt_lang_record(&environment, n.meaning->cell->backward[i].value);
    gt_memory_free(n.numbers);
    return v;
}

/* ---- all ----------------------------------------------------------------------------------- */

bool gt_lang_make_handwritten(const gt_lang_meaning *meaning, const gt_lang_file *file, gt_pool *pool, gt_cell *cell)
{
    const gt_lang_cell *tree = meaning->cell;
    gt_handwritten *handwritten = gt_pool_new(pool, 1, sizeof *handwritten);
    if (handwritten == NULL)
        return false;
    *handwritten = (gt_handwritten){.forward = make_equations(meaning, file, false, pool),
                                    .forward_count = tree->equation_count,
                                    .backward = make_equations(meaning, file, true, pool),
                                    .backward_count = tree->backward_count,
                                    .record_forward = record_forward,
                                    .record_backward = record_backward,
                                    .context = meaning};
    cell->handwritten = handwritten;
    return handwritten->forward != NULL && handwritten->backward != NULL;
}
