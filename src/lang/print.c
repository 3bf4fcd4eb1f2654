#include "lang/print.h"

#include "lang/draws.h"
#include "lang/functions.h"

static gt_formula_kind kind_of(const gt_lang_expression *e)
{
    static const gt_formula_kind kinds[] = {
        [GT_LANG_NUMBER] = GT_FORMULA_NUMBER,       [GT_LANG_NAME] = GT_FORMULA_NAME,
        [GT_LANG_NEGATE] = GT_FORMULA_NEGATE,       [GT_LANG_BINARY] = GT_FORMULA_LESS,
        [GT_LANG_TRANSPOSE] = GT_FORMULA_TRANSPOSE, [GT_LANG_SLICE] = GT_FORMULA_SLICE,
        [GT_LANG_CALL] = GT_FORMULA_CALL,           [GT_LANG_DRAW] = GT_FORMULA_CALL,
    };
    return e->kind == GT_LANG_BINARY ? gt_lang_operation_kind(e->operation) : kinds[e->kind];
}

static gt_formula_node look(const void *node)
{
    const gt_lang_expression *e = gt_lang_as_written(node);
    const gt_lang_function_entry *function = e->kind == GT_LANG_CALL ? gt_lang_function_at(e->function) : NULL;
    const char *drawn = e->kind == GT_LANG_DRAW ? gt_lang_draw_at(e->draw)->name : e->name;
    return (gt_formula_node){.kind = kind_of(e),
                             .name = function != NULL ? function->name : drawn,
                             .number = e->number,
                             .axis = function != NULL && function->has_axis ? e->axis : GT_FORMULA_NO_AXIS,
                             .count = e->argument_count,
                             .axis_count = e->axis_count,
                             .chain_length = e->chain_length};
}

static const void *operand(const void *node, uint32_t i)
{
    const gt_lang_expression *e = node;
    return e->kind == GT_LANG_SLICE && i > 0 ? e->bounds[i - 1] : e->arguments[i];
}

static const void *chain_link(const void *node, uint32_t i)
{
    return ((const gt_lang_expression *)node)->chain[i];
}

const gt_formula_reader gt_lang_formula_reader = {look, operand, chain_link};

size_t gt_lang_print_marked(const gt_lang_expression *expression, const gt_lang_expression *marked, const char *before,
                            const char *after, char *text, size_t size)
{
    const gt_formula_job job = {.reader = &gt_lang_formula_reader,
                                .notation = &gt_notation_cell,
                                .marked = marked,
                                .before = before,
                                .behind = after};
    return gt_formula_print(&job, expression, text, size);
}

size_t gt_lang_print(const gt_lang_expression *expression, char *text, size_t size)
{
    return gt_lang_print_marked(expression, NULL, "", "", text, size);
}
