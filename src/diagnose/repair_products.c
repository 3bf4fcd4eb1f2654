/* One product or quotient for another, and the other branch of a gate. */
#include "diagnose/search.h"

/* ---- * and @, * and / ---------------------------------------------------------------------- */

static void try_product(gt_search *search, const gt_expression *node, const gt_expression *right, const char *wording,
                        double cost)
{
    search->wording = wording;
    gt_search_try_at(search, GT_MISTAKE_PRODUCT, cost, node, right, right);
}

/* a * b as a @ b, with either of them transposed. */
static void try_matmul(gt_search *search, const gt_expression *node)
{
    static const char wording[] = "* multiplies entry by entry; the matrix product @ is meant: %a";
    gt_arena *arena = &search->scratch;
    const gt_expression *a = node->operands[0], *b = node->operands[1];
    const gt_expression *a_turned = gt_expression_tidy(arena, gt_expression_unary(arena, GT_EXPRESSION_TRANSPOSE, a));
    const gt_expression *b_turned = gt_expression_tidy(arena, gt_expression_unary(arena, GT_EXPRESSION_TRANSPOSE, b));
    try_product(search, node, gt_expression_binary(arena, GT_EXPRESSION_MATMUL, a, b), wording, 0);
    try_product(search, node, gt_expression_binary(arena, GT_EXPRESSION_MATMUL, a_turned, b), wording, 0.05);
    try_product(search, node, gt_expression_binary(arena, GT_EXPRESSION_MATMUL, a, b_turned), wording, 0.05);
}

static void try_multiply(gt_search *search, const gt_expression *node)
{
    static const char wording[] = "@ is the matrix product; entry by entry is meant: %a";
    gt_arena *arena = &search->scratch;
    const gt_expression *a = node->operands[0], *b = node->operands[1];
    const gt_expression *a_turned = gt_expression_tidy(arena, gt_expression_unary(arena, GT_EXPRESSION_TRANSPOSE, a));
    const gt_expression *b_turned = gt_expression_tidy(arena, gt_expression_unary(arena, GT_EXPRESSION_TRANSPOSE, b));
    const gt_expression *product = gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, a, b);
    try_product(search, node, product, wording, 0);
    try_product(search, node, gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, a_turned, b), wording, 0.05);
    try_product(search, node, gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, a, b_turned), wording, 0.05);
    /* sum(a * b, axis=1), of a weight that multiplies entry by entry */
    const gt_expression *turned[] = {a, a_turned, b, b_turned};
    for (unsigned i = 0; i < 4; i++) {
        const gt_expression *pair =
            gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, turned[i / 2], turned[2 + i % 2]);
        try_product(search, node, gt_expression_reduce(arena, GT_LANG_SUM, pair, 1), wording, 0.05);
    }
}

static void try_quotient(gt_search *search, const gt_expression *node)
{
    gt_arena *arena = &search->scratch;
    bool divides = node->kind == GT_EXPRESSION_DIVIDE;
    const gt_expression *a = node->operands[0], *b = node->operands[1];
    if (b->kind == GT_EXPRESSION_NUMBER)
        return;
    const gt_expression *other =
        gt_expression_binary(arena, divides ? GT_EXPRESSION_MULTIPLY : GT_EXPRESSION_DIVIDE, a, b);
    search->wording =
        divides ? "it is divided by %a; it should be multiplied" : "it is multiplied by %a; it should be divided";
    gt_search_try_at(search, GT_MISTAKE_DIVIDED, 0, node, other, b);
}

void gt_repair_products(gt_search *search)
{
    for (uint32_t i = 0; i < search->place_count; i++) {
        const gt_expression *node = search->places[i].node;
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        if (node->kind == GT_EXPRESSION_MULTIPLY)
            try_matmul(search, node);
        if (node->kind == GT_EXPRESSION_MATMUL)
            try_multiply(search, node);
        if (node->kind == GT_EXPRESSION_MULTIPLY || node->kind == GT_EXPRESSION_DIVIDE)
            try_quotient(search, node);
        gt_arena_return(&search->scratch, mark);
    }
}

/* ---- f and 1 - f --------------------------------------------------------------------------- */

/* A gate's value, a mask: what is one of two parts of 1. */
static bool may_be_part(const gt_search *search, const gt_expression *node)
{
    if (node->kind == GT_EXPRESSION_COMPARE)
        return true;
    const gt_search_activation *a = gt_search_activation_of(search, node);
    if (a != NULL)
        return a->function == GT_LANG_SIGMOID;
    const gt_question_name *name = gt_search_name(search, node);
    return name != NULL && name->role != GT_ROLE_OF_NUMBER && name->role != GT_ROLE_OF_PARAMETER;
}

void gt_repair_complements(gt_search *search)
{
    gt_arena *arena = &search->scratch;
    for (uint32_t i = 0; i < search->place_count; i++) {
        const gt_expression *node = search->places[i].node, *parent = search->places[i].parent;
        gt_arena_mark mark = gt_arena_here(arena);
        bool complement = node->kind == GT_EXPRESSION_SUBTRACT && node->operands[0]->kind == GT_EXPRESSION_NUMBER &&
                          node->operands[0]->number == 1;
        bool within = parent != NULL && parent->kind == GT_EXPRESSION_SUBTRACT &&
                      parent->operands[0]->kind == GT_EXPRESSION_NUMBER;
        const gt_expression *right =
            complement ? node->operands[1]
            : may_be_part(search, node) && !within
                ? gt_expression_binary(arena, GT_EXPRESSION_SUBTRACT, gt_expression_new_number(arena, 1), node)
                : NULL;
        search->wording = "%w is used; it should be %a";
        if (right != NULL)
            gt_search_try_at(search, GT_MISTAKE_COMPLEMENT, 0, node, right, right);
        gt_arena_return(arena, mark);
    }
    search->wording = NULL;
}
