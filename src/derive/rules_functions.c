/* The rules of functions: what reaches one is handed on to its arguments. */
#include "derive/rules_walk.h"

#include "lang/check_axes.h"
#include "lang/functions.h"

#include <string.h>

/* Of a mean each entry gets its share; of a sum all. */
static void push_reduction(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    gt_expr u = e->arguments[0];
    gt_lang_shape shape = gt_build_shape(w->d, u);
    bool all = e->axis == GT_LANG_ALL_AXES, columns = all || e->axis == (int)gt_lang_axis_count(&shape);
    gt_lang_size along = all ? shape.rows : gt_lang_axis_size(&shape, (uint32_t)e->axis);
    if (e->function == GT_LANG_MEAN && (all || !columns))
        g = gt_build_quotient(w->d, g, gt_rule_size(w, &along));
    if (e->function == GT_LANG_MEAN && columns)
        g = gt_build_quotient(w->d, g, gt_rule_size(w, &shape.columns));
    gt_rule_push(w, u, gt_rule_along_examples(w, e, g), gt_lang_function_at(e->function)->name);
}

/* The axis of what is done with each column, or with the last of several sizes. */
static int down(gt_derivation *d, gt_expr u)
{
    gt_lang_shape shape = gt_build_shape(d, u);
    return (int)gt_lang_axis_count(&shape) - 1;
}

/* y * (g - sum(g * y, axis=0)) */
static void push_softmax(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    gt_derivation *d = w->d;
    gt_expr y = gt_rule_value(w, e);
    gt_expr sum = gt_build_reduction(d, GT_LANG_SUM, gt_build_product(d, g, y), down(d, y));
    gt_rule_push(w, e->arguments[0], gt_build_product(d, y, gt_build_difference(d, g, sum)), "softmax");
}

/* The sums from the other end: sum(g, axis=0) - cumsum(g) + g */
static void push_cumsum(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    gt_derivation *d = w->d;
    gt_expr sum = gt_build_reduction(d, GT_LANG_SUM, g, down(d, e)), above = gt_build_call(d, GT_LANG_CUMSUM, g);
    gt_rule_push(w, e->arguments[0], gt_build_sum(d, gt_build_difference(d, sum, above), g), "cumsum");
}

/* (g - mean(g) - y * mean(g * y)) / sqrt(variance + 1e-5) */
static void push_layernorm(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    gt_derivation *d = w->d;
    gt_expr u = gt_rule_value(w, e->arguments[0]), y = gt_rule_value(w, e);
    int axis = down(d, y);
    gt_expr centred = gt_build_difference(d, u, gt_build_reduction(d, GT_LANG_MEAN, u, axis));
    gt_expr square = gt_build_power(d, centred, gt_build_number(d, 2));
    gt_expr variance = gt_build_reduction(d, GT_LANG_MEAN, square, axis);
    gt_expr deviation = gt_build_call(d, GT_LANG_SQRT, gt_build_sum(d, variance, gt_build_number(d, 1e-5)));
    gt_expr shared = gt_build_product(d, y, gt_build_reduction(d, GT_LANG_MEAN, gt_build_product(d, g, y), axis));
    gt_expr rest = gt_build_difference(d, g, gt_build_reduction(d, GT_LANG_MEAN, g, axis));
    gt_rule_push(w, e->arguments[0], gt_build_quotient(d, gt_build_difference(d, rest, shared), deviation),
                 "layernorm");
}

/* where(mask, u, v): what is chosen gets all. */
static void push_where(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    gt_derivation *d = w->d;
    gt_expr mask = gt_rule_value(w, e->arguments[0]), zero = gt_build_number(d, 0);
    gt_rule_push_element(w, e, e->arguments[1], gt_build_call_of(d, GT_LANG_WHERE, (gt_expr[]){mask, g, zero}, 3),
                         "where");
    gt_rule_push_element(w, e, e->arguments[2], gt_build_call_of(d, GT_LANG_WHERE, (gt_expr[]){mask, zero, g}, 3),
                         "where");
}

/* maximum, minimum: where they are equal each gets half. */
static void push_extremum(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    gt_derivation *d = w->d;
    const char *rule = gt_lang_function_at(e->function)->name;
    gt_lang_operation chosen = e->function == GT_LANG_MAXIMUM ? GT_LANG_GREATER : GT_LANG_LESS;
    for (uint32_t i = 0; i < 2; i++) {
        if (!gt_derive_flows(d, e->arguments[i]))
            continue;
        gt_expr own = gt_rule_value(w, e->arguments[i]), other = gt_rule_value(w, e->arguments[1 - i]);
        gt_expr tie = gt_build_product(d, gt_build_number(d, 0.5), gt_build_comparison(d, GT_LANG_EQUAL, own, other));
        gt_expr share = gt_build_sum(d, gt_build_comparison(d, chosen, own, other), tie);
        gt_rule_push_element(w, e, e->arguments[i], gt_build_product(d, g, share), rule);
    }
}

static bool has_name(gt_expr formula, const char *name)
{
    if (formula->kind == GT_LANG_NAME)
        return strcmp(formula->name, name) == 0;
    for (uint32_t i = 0; i < formula->argument_count; i++)
        if (has_name(formula->arguments[i], name))
            return true;
    return false;
}

/* At a kink the derivative is 0, which u / abs(u) would not be. */
static gt_expr slope_of_abs(gt_derivation *d, gt_expr u)
{
    gt_expr zero = gt_build_number(d, 0);
    return gt_build_difference(d, gt_build_comparison(d, GT_LANG_GREATER, u, zero),
                               gt_build_comparison(d, GT_LANG_LESS, u, zero));
}

/* A function of one value, by its row of function_list.h: in terms of its own value where that is short. */
static gt_expr slope_of(gt_rule_walk *w, gt_expr e)
{
    gt_derivation *d = w->d;
    const gt_lang_expression *formula = d->slopes[e->function];
    gt_expr u = e->arguments[0];
    if (e->function == GT_LANG_ABS)
        return slope_of_abs(d, gt_rule_value(w, u));
    if (e->function == GT_LANG_RELU) /* it is above 0 where its argument is */
        return gt_build_comparison(d, GT_LANG_GREATER, gt_rule_value(w, e == w->root ? e : u), gt_build_number(d, 0));
    if (formula == NULL)
        return NULL;
    return gt_build_put_in(d, formula, has_name(formula, "u") ? gt_rule_value(w, u) : u,
                           has_name(formula, "v") ? gt_rule_value(w, e) : e);
}

void gt_rule_push_call(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    switch (e->function) {
    case GT_LANG_CONCAT: {
        gt_derived_term whole = {gt_rule_full(w, g, e), (int32_t)w->equation, "concat"};
        if (whole.value != NULL)
            gt_rule_push_concat(w, e, &whole, 1);
        return;
    }
    case GT_LANG_SUM:
    case GT_LANG_MEAN:
        push_reduction(w, e, g);
        return;
    case GT_LANG_SOFTMAX:
        push_softmax(w, e, g);
        return;
    case GT_LANG_CUMSUM:
        push_cumsum(w, e, g);
        return;
    case GT_LANG_LAYERNORM:
        push_layernorm(w, e, g);
        return;
    case GT_LANG_OUTER:
        gt_rule_push_outer(w, e, g);
        return;
    case GT_LANG_RESHAPE:
        gt_rule_push_reshape(w, e, g);
        return;
    case GT_LANG_WHERE:
        push_where(w, e, g);
        return;
    case GT_LANG_MAXIMUM:
    case GT_LANG_MINIMUM:
        push_extremum(w, e, g);
        return;
    default:
        gt_rule_push(w, e->arguments[0], gt_build_product(w->d, g, slope_of(w, e)),
                     gt_lang_function_at(e->function)->name);
        return;
    }
}
