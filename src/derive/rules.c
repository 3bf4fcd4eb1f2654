#include "derive/rules_walk.h"

#include "base/memory.h"
#include "lang/copy.h"
#include "lang/functions.h"
#include "lang/meaning_parts.h"

#include <string.h>

/* ---- looking ------------------------------------------------------------------------------- */

static bool is_comparison(gt_expr e)
{
    return e->kind == GT_LANG_BINARY && e->operation <= GT_LANG_NOT_EQUAL;
}

/* The operands that a gradient flows to: not exponents, not sizes, not the mask of where. */
static bool is_followed(gt_expr e, uint32_t i)
{
    if (gt_build_is_binary(e, GT_LANG_POWER))
        return i == 0;
    if (e->kind == GT_LANG_CALL && e->function == GT_LANG_RESHAPE)
        return i == 0;
    return !(e->kind == GT_LANG_CALL && e->function == GT_LANG_WHERE && i == 0);
}

bool gt_derive_flows(gt_derivation *d, gt_expr e)
{
    if (e->kind == GT_LANG_NUMBER || is_comparison(e) ||
        (e->kind == GT_LANG_CALL && (e->function == GT_LANG_STOP_GRADIENT || e->function == GT_LANG_FLOOR)))
        return false;
    if (e->kind == GT_LANG_NAME) {
        const gt_derive_name *name = gt_derive_name_of(d, e->name);
        return name != NULL && name->flows;
    }
    for (uint32_t i = 0; i < e->argument_count; i++)
        if (is_followed(e, i) && gt_derive_flows(d, e->arguments[i]))
            return true;
    return false;
}

bool gt_rule_normalises(gt_expr e)
{
    return e->kind == GT_LANG_CALL && (e->function == GT_LANG_SOFTMAX || e->function == GT_LANG_LAYERNORM);
}

/* What hands on what it gets as it is, though it may be stretched there; anything else makes something new of it. */
static bool hands_on(gt_expr e)
{
    return e->kind == GT_LANG_NEGATE || e->kind == GT_LANG_TRANSPOSE || gt_build_is_binary(e, GT_LANG_ADD) ||
           gt_build_is_binary(e, GT_LANG_SUBTRACT) ||
           (e->kind == GT_LANG_CALL &&
            (e->function == GT_LANG_CONCAT || e->function == GT_LANG_RESHAPE || e->function == GT_LANG_SUM));
}

uint32_t gt_derive_reads(gt_derivation *d, gt_expr e)
{
    uint32_t count = 0;
    if (!gt_derive_flows(d, e))
        return 0;
    if (e->kind == GT_LANG_NAME)
        return 1;
    for (uint32_t i = 0; i < e->argument_count; i++)
        if (is_followed(e, i) && gt_derive_flows(d, e->arguments[i]))
            count += hands_on(e) ? gt_derive_reads(d, e->arguments[i]) : 1;
    return gt_rule_normalises(e) ? 2 * count : count;
}

bool gt_derive_is_short(gt_expr g)
{
    return g != NULL &&
           (g->kind == GT_LANG_NAME || (g->kind == GT_LANG_NEGATE && g->arguments[0]->kind == GT_LANG_NAME));
}

/* ---- parts of equations -------------------------------------------------------------------- */

/* f_z goes into the sigmoid whose value is f; other parts are numbered. */
static const char *part_name(gt_rule_walk *w, gt_expr e)
{
    gt_expr root = w->root;
    bool inside = root->kind == GT_LANG_CALL && root->argument_count == 1 && root->arguments[0] == e;
    return gt_derive_new_name(w->d, w->d->cell->equations[w->equation].name, inside ? "_z" : "");
}

static gt_derived_part *find_part(gt_rule_walk *w, gt_expr e, bool same_node)
{
    for (uint32_t i = 0; i < w->d->part_count; i++)
        if (same_node ? w->d->parts[i].node == e : gt_lang_equal(w->d->parts[i].node, e))
            return &w->d->parts[i];
    return NULL;
}

static gt_derived_part *part_of(gt_rule_walk *w, gt_expr e, bool same_node)
{
    gt_derivation *d = w->d;
    gt_derived_part *part = find_part(w, e, same_node);
    if (part != NULL)
        return part;
    const char *name = part_name(w, e);
    if (name == NULL || !GT_RESERVE(d->parts, d->part_capacity, d->part_count + 1)) {
        d->no_memory = true;
        return NULL;
    }
    d->parts[d->part_count] = (gt_derived_part){e, name, w->equation, false};
    gt_lang_define(&d->checker, (gt_lang_symbol){.name = name,
                                                 .kind = GT_LANG_SYMBOL_BACKWARD,
                                                 .index = d->part_count,
                                                 .defined = true,
                                                 .shape = gt_build_shape(d, e)});
    return &d->parts[d->part_count++];
}

static uint32_t size_of(gt_expr e)
{
    uint32_t size = 1;
    for (uint32_t i = 0; i < e->argument_count; i++)
        size += size_of(e->arguments[i]);
    return size;
}

/* What a person would not compute twice. */
static bool is_costly(gt_expr e)
{
    enum { MOST_NODES = 5 };
    if (gt_build_is_binary(e, GT_LANG_MATMUL) || gt_rule_normalises(e) || size_of(e) > MOST_NODES ||
        (e->kind == GT_LANG_CALL &&
         (gt_lang_function_at(e->function)->has_axis || e->function == GT_LANG_CONCAT || e->function == GT_LANG_OUTER)))
        return true;
    for (uint32_t i = 0; i < e->argument_count; i++)
        if (is_costly(e->arguments[i]))
            return true;
    return false;
}

/* A part of the forward pass as the block may read it: by a name, or written out if it is short. */
gt_expr gt_rule_value(gt_rule_walk *w, gt_expr e)
{
    gt_derivation *d = w->d;
    if (e->kind == GT_LANG_NAME || e->kind == GT_LANG_NUMBER || gt_build_shape(d, e).number)
        return e;
    for (uint32_t i = 0; i < d->cell->equation_count; i++)
        if (gt_lang_equal(d->cell->equations[i].value, e))
            return gt_build_name(d, d->cell->equations[i].name);
    if (e->kind == GT_LANG_TRANSPOSE)
        return gt_build_transpose(d, gt_rule_value(w, e->arguments[0]));
    if (!is_costly(e) && !d->by_op)
        return e;
    gt_derived_part *part = part_of(w, e, false);
    if (part == NULL)
        return NULL;
    part->is_read = true;
    return gt_build_name(d, part->name);
}

/* ---- shapes -------------------------------------------------------------------------------- */

gt_expr gt_derive_stretched(gt_derivation *d, gt_expr value, gt_expr of)
{
    gt_lang_shape small = gt_build_shape(d, value), large = gt_build_shape(d, of);
    if (value == NULL || of == NULL || gt_lang_shape_equal(&small, &large))
        return value;
    return gt_build_sum(d, value, gt_build_product(d, gt_build_number(d, 0), of));
}

gt_expr gt_rule_full(gt_rule_walk *w, gt_expr g, gt_expr e)
{
    gt_lang_shape small = gt_build_shape(w->d, g), large = gt_build_shape(w->d, e);
    return g == NULL || gt_lang_shape_equal(&small, &large) ? g : gt_derive_stretched(w->d, g, gt_rule_value(w, e));
}

/* A line for what reaches a part, if it is to be read more than once. */
static gt_expr named(gt_rule_walk *w, gt_expr e, gt_expr g, const char *rule)
{
    gt_derived_part *part = part_of(w, e, true);
    if (part == NULL)
        return NULL;
    const char *of = part->name;
    gt_derived_term term = {g, (int32_t)w->equation, rule};
    return gt_derive_add_line(w->d, (gt_derived_line){.kind = GT_DERIVED_PART,
                                                      .name = gt_derive_gradient_name(w->d, of),
                                                      .of = of,
                                                      .value = gt_rule_full(w, g, e),
                                                      .terms = &term,
                                                      .term_count = 1});
}

/* A size that the block can read: m is the number of examples only where the cell has no m of its own. */
gt_expr gt_rule_size(gt_rule_walk *w, const gt_lang_size *size)
{
    const gt_lang_symbol *m = gt_lang_symbols_find(&w->d->meaning.symbols, GT_LANG_EXAMPLES);
    gt_lang_size examples = gt_lang_size_name(GT_LANG_EXAMPLES);
    if (gt_lang_size_equal(size, &examples) && (m == NULL || m->kind != GT_LANG_SYMBOL_EXAMPLES))
        w->d->too_complicated = "the number of examples is needed, and the cell calls something else m";
    return gt_build_size(w->d, size);
}

/* ---- operators ----------------------------------------------------------------------------- */

static void push_product(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    for (uint32_t i = 0; i < 2; i++)
        if (gt_derive_flows(w->d, e->arguments[i]))
            gt_rule_push_element(w, e, e->arguments[i],
                                 gt_build_product(w->d, g, gt_rule_value(w, e->arguments[1 - i])), "*");
}

/* d(a / b) is da / b - (a / b) db / b. */
static void push_quotient(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    gt_expr a = e->arguments[0], b = e->arguments[1];
    if (gt_derive_flows(w->d, a))
        gt_rule_push_element(w, e, a, gt_build_quotient(w->d, g, gt_rule_value(w, b)), "/");
    if (!gt_derive_flows(w->d, b))
        return;
    gt_expr product = gt_build_product(w->d, gt_build_negation(w->d, g), gt_rule_value(w, e));
    gt_rule_push_element(w, e, b, gt_build_quotient(w->d, product, gt_rule_value(w, b)), "/");
}

static void push_matmul(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    gt_derivation *d = w->d;
    gt_expr a = e->arguments[0], b = e->arguments[1];
    g = gt_rule_full(w, g, e);
    if (gt_rule_push_several(w, e, g))
        return;
    if (gt_derive_flows(d, a))
        gt_rule_push(w, a, gt_build_matmul(d, g, gt_build_transpose(d, gt_rule_value(w, b))), "@");
    if (gt_derive_flows(d, b))
        gt_rule_push(w, b, gt_build_matmul(d, gt_build_transpose(d, gt_rule_value(w, a)), g), "@");
}

/* n * u**(n - 1) */
static void push_power(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    gt_derivation *d = w->d;
    gt_expr n = e->arguments[1], one_less;
    if (n->kind == GT_LANG_NUMBER)
        one_less = gt_build_number(d, n->number - 1);
    else if (n->kind == GT_LANG_NEGATE && n->arguments[0]->kind == GT_LANG_NUMBER)
        one_less = gt_build_number(d, -n->arguments[0]->number - 1);
    else
        one_less = gt_build_difference(d, n, gt_build_number(d, 1));
    gt_expr slope =
        gt_build_product(d, gt_build_product(d, n, g), gt_build_power(d, gt_rule_value(w, e->arguments[0]), one_less));
    gt_rule_push(w, e->arguments[0], slope, "**");
}

static void push_binary(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    switch (e->operation) {
    case GT_LANG_ADD:
        gt_rule_push_element(w, e, e->arguments[0], g, "+");
        gt_rule_push_element(w, e, e->arguments[1], g, "+");
        break;
    case GT_LANG_SUBTRACT:
        gt_rule_push_element(w, e, e->arguments[0], g, "-");
        gt_rule_push_element(w, e, e->arguments[1], gt_build_negation(w->d, g), "-");
        break;
    case GT_LANG_MULTIPLY:
        push_product(w, e, g);
        break;
    case GT_LANG_DIVIDE:
        push_quotient(w, e, g);
        break;
    case GT_LANG_MATMUL:
        push_matmul(w, e, g);
        break;
    case GT_LANG_POWER:
        push_power(w, e, g);
        break;
    default: /* comparisons, which hand on nothing */
        break;
    }
}

/* ---- all of them --------------------------------------------------------------------------- */

static void push_inside(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    switch (e->kind) {
    case GT_LANG_NEGATE:
        gt_rule_push(w, e->arguments[0], gt_build_negation(w->d, g), "-");
        break;
    case GT_LANG_TRANSPOSE:
        gt_rule_push(w, e->arguments[0], gt_rule_turned_back(w, e, g), ".T");
        break;
    case GT_LANG_BINARY:
        push_binary(w, e, g);
        break;
    case GT_LANG_SLICE:
        gt_rule_push_slice(w, e, g);
        break;
    case GT_LANG_CALL:
        gt_rule_push_call(w, e, g);
        break;
    case GT_LANG_NUMBER:
    case GT_LANG_NAME:
    case GT_LANG_DRAW: /* in initial values alone */
        break;
    }
}

void gt_rule_push(gt_rule_walk *w, gt_expr e, gt_expr g, const char *rule)
{
    gt_derivation *d = w->d;
    if (g == NULL || d->no_memory || d->too_complicated != NULL || !gt_derive_flows(d, e))
        return;
    if (e->kind == GT_LANG_NAME) {
        gt_derive_add_term(d, gt_derive_name_of(d, e->name), (gt_derived_term){g, (int32_t)w->equation, rule});
        return;
    }
    if (d->by_op || (gt_derive_reads(d, e) > 1 && !gt_derive_is_short(g)))
        g = named(w, e, g, rule);
    if (g != NULL)
        push_inside(w, e, g);
}

bool gt_derive_hands_on_each(gt_derivation *d, gt_expr e, const gt_derived_term *terms, uint32_t count)
{
    if (e->kind != GT_LANG_CALL || e->function != GT_LANG_CONCAT || d->by_op)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!gt_rule_takes_rows(d, terms[i].value))
            return false;
    return true;
}

void gt_derive_push_equation(gt_derivation *d, uint32_t equation, const gt_derived_term *terms, uint32_t count)
{
    gt_expr root = d->cell->equations[equation].value;
    gt_rule_walk w = {d, equation, root};
    if (root->kind == GT_LANG_NAME)
        gt_rule_push(&w, root, terms[0].value, "=");
    else if (gt_derive_hands_on_each(d, root, terms, count))
        gt_rule_push_concat(&w, root, terms, count);
    else
        push_inside(&w, root, terms[0].value);
}
