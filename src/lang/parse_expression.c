/* Expressions, with Python's precedence. */
#include "lang/chain.h"
#include "lang/definitions.h"
#include "lang/functions.h"
#include "lang/parser.h"

static gt_lang_expression *parse_binary(gt_lang_parser *p, int strength);
/* ---- nodes --------------------------------------------------------------------------------- */

gt_lang_expression *gt_lang_parse_node(gt_lang_parser *p, gt_lang_kind kind, gt_lang_place start)
{
    gt_lang_expression *node = gt_pool_new(p->pool, 1, sizeof *node);
    if (node == NULL) {
        p->no_memory = true;
        return NULL;
    }
    if (p->expansion != NULL && ++p->expanded > GT_LANG_MOST_EXPANDED) {
        gt_lang_parse_fail(p, *p->expansion, "the functions of this text make more than %d operations",
                           GT_LANG_MOST_EXPANDED);
        return NULL;
    }
    *node = (gt_lang_expression){.kind = kind,
                                 .axis = GT_LANG_ALL_AXES,
                                 .depth = 1,
                                 .place = gt_lang_place_from(p, start),
                                 .operator_place = gt_lang_here(p, start)};
    return node;
}

gt_lang_expression *gt_lang_new_named(gt_lang_parser *p, const char *name, gt_lang_place place)
{
    gt_lang_expression *node = name == NULL ? NULL : gt_lang_parse_node(p, GT_LANG_NAME, place);
    if (node == NULL)
        return NULL;
    node->name = name;
    node->place = place;
    return node;
}

bool gt_lang_parse_operand(gt_lang_parser *p, gt_lang_expression *node, gt_lang_expression *operand)
{
    if (node == NULL || operand == NULL)
        return false;
    gt_lang_expression **room = GT_LANG_GROW(p, node->arguments, node->argument_count);
    if (room == NULL)
        return false;
    *room = operand;
    node->argument_count++;
    gt_lang_deepen(node, operand);
    if (node->depth <= GT_LANG_MAX_DEPTH)
        return true;
    return gt_lang_parse_fail(p, node->operator_place, "the expression nests more than %d levels deep",
                              GT_LANG_MAX_DEPTH);
}

/* ---- what stands behind -------------------------------------------------------------------- */

static gt_lang_expression *parse_attribute(gt_lang_parser *p, gt_lang_expression *operand, gt_lang_place start)
{
    gt_lang_place dot = p->token.place;
    gt_lang_advance(p);
    if (!gt_lang_at_word(p, "T")) {
        gt_lang_fail_point(p, operand);
        return NULL;
    }
    gt_lang_advance(p);
    gt_lang_expression *node = gt_lang_parse_node(p, GT_LANG_TRANSPOSE, start);
    if (!gt_lang_parse_operand(p, node, operand))
        return NULL;
    node->operator_place = gt_lang_place_from(p, dot);
    return node;
}

static gt_lang_expression *parse_postfix(gt_lang_parser *p)
{
    gt_lang_place start = p->token.place;
    gt_lang_expression *node = gt_lang_parse_atom(p);
    while (node != NULL) {
        if (gt_lang_at_symbol(p, "."))
            node = parse_attribute(p, node, start);
        else if (gt_lang_at_symbol(p, "["))
            node = gt_lang_parse_slice(p, node, start);
        else
            break;
    }
    return node;
}

/* ---- operators ----------------------------------------------------------------------------- */

gt_lang_expression *gt_lang_parse_join(gt_lang_parser *p, gt_lang_operation operation, gt_lang_place start,
                                       gt_lang_place sign, gt_lang_expression *left, gt_lang_expression *right)
{
    gt_lang_expression *node = right == NULL ? NULL : gt_lang_parse_node(p, GT_LANG_BINARY, start);
    if (node == NULL)
        return NULL;
    node->operation = operation;
    node->operator_place = gt_lang_here(p, sign);
    if (!gt_lang_parse_operand(p, node, left) || !gt_lang_parse_operand(p, node, right))
        return NULL;
    p->no_memory = p->no_memory || !gt_lang_enchain(p->pool, node);
    return p->no_memory ? NULL : node;
}

gt_lang_expression *gt_lang_parse_product(gt_lang_parser *p, gt_lang_expression *const *sizes, uint32_t count)
{
    gt_lang_expression *product = sizes[0];
    for (uint32_t i = 1; i < count && product != NULL; i++)
        product = gt_lang_parse_join(p, GT_LANG_MULTIPLY, sizes[0]->place, sizes[i]->place, product, sizes[i]);
    return product;
}

static gt_lang_expression *parse_signed(gt_lang_parser *p);

static gt_lang_expression *parse_power(gt_lang_parser *p)
{
    gt_lang_place start = p->token.place;
    gt_lang_expression *base = parse_postfix(p);
    gt_lang_place sign = p->token.place;
    if (base == NULL || !gt_lang_accept(p, "**"))
        return base;
    return gt_lang_parse_join(p, GT_LANG_POWER, start, sign, base, parse_signed(p));
}

static gt_lang_expression *parse_negation(gt_lang_parser *p)
{
    gt_lang_place sign = p->token.place;
    gt_lang_advance(p);
    gt_lang_expression *operand = parse_signed(p);
    if (operand == NULL)
        return NULL;
    gt_lang_expression *node = gt_lang_parse_node(p, GT_LANG_NEGATE, sign);
    return gt_lang_parse_operand(p, node, operand) ? node : NULL;
}

static gt_lang_expression *parse_signed(gt_lang_parser *p)
{
    gt_lang_expression *node = NULL;
    if (!gt_lang_enter(p))
        return NULL;
    while (gt_lang_accept(p, "+"))
        ; /* +x is x */
    node = gt_lang_at_symbol(p, "-") ? parse_negation(p) : parse_power(p);
    gt_lang_leave(p);
    return node;
}

/* The binary operator that is next, ** aside. */
static bool find_operation(const gt_lang_parser *p, gt_lang_operation *operation)
{
    for (int i = 0; i < GT_LANG_POWER; i++) {
        if (!gt_lang_at_symbol(p, gt_lang_operation_text((gt_lang_operation)i)))
            continue;
        *operation = (gt_lang_operation)i;
        return true;
    }
    return false;
}

/* u % v, which no operator of the tree is; elsewhere a % is what begins a comment in other languages. */
static bool at_remainder(const gt_lang_parser *p)
{
    return p->token.kind == GT_TOKEN_WRONG && p->lexer.text[p->token.place.offset] == '%' && !p->token.first_on_line;
}

static gt_lang_expression *parse_remainder(gt_lang_parser *p, gt_lang_place start, gt_lang_expression *left)
{
    gt_lang_definition built_in;
    gt_lang_pass(p);
    gt_lang_expression *arguments[] = {left, parse_binary(p, GT_FORMULA_BINDS_PRODUCT + 1)};
    if (arguments[1] == NULL)
        return NULL;
    const gt_lang_definition *mod = gt_lang_composition(p, "mod", &built_in);
    return mod == NULL ? NULL : gt_lang_expand(p, mod, arguments, gt_lang_place_from(p, start));
}

static gt_lang_expression *parse_binary(gt_lang_parser *p, int strength)
{
    gt_lang_place start = p->token.place;
    gt_lang_expression *left = parse_signed(p);
    gt_lang_operation operation;
    for (;;) {
        if (left != NULL && strength <= GT_FORMULA_BINDS_PRODUCT && at_remainder(p)) {
            left = parse_remainder(p, start, left);
            continue;
        }
        if (left == NULL || !find_operation(p, &operation))
            break;
        int binds = gt_lang_operation_strength(operation);
        if (binds < strength)
            break;
        gt_lang_place sign = p->token.place;
        if (binds == GT_FORMULA_BINDS_COMPARISON && p->expansion == NULL && left->kind == GT_LANG_BINARY &&
            gt_lang_operation_strength(left->operation) == binds && left->place.offset == start.offset) {
            gt_lang_parse_fail(p, sign, "comparisons do not chain");
            gt_lang_parse_hint(p, "a < b and b < c are two comparisons; their product is 1 where both hold");
            return NULL;
        }
        gt_lang_advance(p);
        left = gt_lang_parse_join(p, operation, start, sign, left, parse_binary(p, binds + 1));
    }
    return left;
}

gt_lang_expression *gt_lang_parse_sum(gt_lang_parser *p)
{
    return parse_binary(p, GT_FORMULA_BINDS_SUM);
}

gt_lang_expression *gt_lang_parse_expression(gt_lang_parser *p)
{
    return parse_binary(p, GT_FORMULA_BINDS_COMPARISON);
}
