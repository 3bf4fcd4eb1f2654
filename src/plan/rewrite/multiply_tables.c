/*
 * Products with columns that are looked up become products with the table, where it has fewer
 * columns than are looked up: an embedding's over a whole sequence.
 *
 *   W @ gather(E, i)           =  gather(W @ E, i)
 *   A @ gather(E, i).T         =  scatter_add(A, i) @ E.T
 *   scatter_add(W.T @ D, i)    =  W.T @ scatter_add(D, i)
 *
 * A column that is added to what was looked up is added to the table, too. Where the second line
 * and the third add up the same, that is one node once `simplify` has been there.
 *
 * Not exact: sums are taken in another order. What is not finite in a column of the table that nothing
 * looks up stays without effect: the product of the second line reads 0 in its place, since
 * 0 times infinity would be no number. In the third line the sum of a column that nothing looks
 * up is 0: if W is not finite, its gradient is then not 0 but no number, as those of all others are.
 *
 * Needs: products outside of loops, as `fission` leaves them; it looks at what reads what.
 * Leaves: a gather or a scatter_add of a product's rows where the product multiplied more often.
 */
#include "plan/rewrite/passes.h"

#include "base/memory.h"
#include "ops/descriptors.h"
#include "ops/rule.h"
#include "plan/rewrite/halves.h"
#include "plan/rewrite/uses.h"

/* Of one level. */
typedef struct tables {
    gt_pool pool;
    const gt_uses *uses;
    uint8_t *late; /* of the outer level of a prepared program: nodes of the backward half; NULL of others */
} tables;

/* Columns of a table; no table: it is something else. */
typedef struct looked_up {
    gt_var table, indices;
} looked_up;

/* ---- whether it pays ----------------------------------------------------------------------- */

/* As many multiplications take as long as to move an entry from or to an array that lies in the caches. */
enum { WORTH_MOVING = 8 };

/*
 * For each row of what is looked up or added up: `inner` multiplications a column, of the table's
 * in place of those looked up, against the moving of an entry for each of the latter.
 */
static bool pays(int64_t inner, int64_t columns, gt_var indices)
{
    double count = (double)gt_shape_count(gt_var_shape(indices));
    return (double)inner * (count - (double)columns) > WORTH_MOVING * count;
}

static bool keeps_columns(const gt_copy *copy, const gt_node *node)
{
    if (node->op != &gt_op_reshape)
        return false;
    const gt_node *input = gt_tape_node(copy->from, gt_node_inputs(copy->from, node)[0]);
    return gt_node_shape(copy->from, input).size[0] == gt_node_shape(copy->from, node).size[0];
}

/* What is prepared for a table of more columns may take longer than the runs that it is for. */
enum { MOST_PREPARED_COLUMNS = 512 };

/*
 * In a prepared program the table is multiplied once, for lookups of all of its runs: a product whose
 * operands wait for nothing but which columns they are.
 */
static bool pays_to_prepare(const gt_copy *copy, uint32_t product)
{
    const uint8_t *late = ((const tables *)copy->state)->late;
    const uint32_t *inputs = gt_node_inputs(copy->from, gt_tape_node(copy->from, product));
    const gt_node *x = gt_tape_node(copy->from, inputs[1]);
    while (keeps_columns(copy, x))
        x = gt_tape_node(copy->from, gt_node_inputs(copy->from, x)[0]);
    if (late == NULL || x->op != &gt_op_gather)
        return false;
    const uint32_t *of = gt_node_inputs(copy->from, x);
    gt_shape table = gt_node_shape(copy->from, gt_tape_node(copy->from, of[0]));
    return !late[inputs[0]] && !late[of[0]] && late[of[1]] && table.size[0] > WORTH_MOVING &&
           gt_columns_of(table) <= MOST_PREPARED_COLUMNS;
}

/* ---- what stands there --------------------------------------------------------------------- */

/* Behind views that keep the entries in their order, and the first axis. */
static gt_var behind_reshapes(gt_var v)
{
    while (gt_var_op(v) == &gt_op_reshape && gt_var_shape(gt_var_input(v, 0)).size[0] == gt_var_shape(v).size[0])
        v = gt_var_input(v, 0);
    return v;
}

static looked_up find_lookup(gt_var v)
{
    v = behind_reshapes(v);
    bool found = gt_var_op(v) == &gt_op_gather;
    return found ? (looked_up){gt_var_input(v, 0), gt_var_input(v, 1)} : (looked_up){GT_NONE, GT_NONE};
}

static int64_t columns_of(gt_var table)
{
    return gt_var_shape(table).size[1];
}

static gt_var shaped(gt_var v, gt_shape shape)
{
    return gt_shape_same(gt_var_shape(v), shape) ? v : gt_reshape(v, shape);
}

/* Rows of as many columns as there are indices. */
static gt_shape shape_of_lookup(int64_t rows, gt_var indices)
{
    gt_shape columns = gt_var_shape(indices), shape = {.rank = columns.rank + 1, .size = {rows, 1, 1, 1}};
    for (int32_t axis = 0; axis < columns.rank; axis++)
        shape.size[axis + 1] = columns.size[axis];
    return shape;
}

/* Its columns added up where the indices say; they may lie along other axes. */
static gt_var add_up(gt_var v, gt_var indices, int64_t columns)
{
    v = behind_reshapes(v);
    return gt_scatter_add(shaped(v, shape_of_lookup(gt_var_shape(v).size[0], indices)), indices, columns);
}

/* ---- products ------------------------------------------------------------------------------ */

static gt_var looked_up_product(gt_var a, bool transpose_a, looked_up l, gt_shape shape)
{
    return shaped(gt_gather(gt_matmul_transposed(a, transpose_a, l.table, false), l.indices), shape);
}

/* 0 where nothing looks a column up: whatever stands there was no part of the product. */
static gt_var only_looked_up(gt_copy *copy, looked_up l)
{
    const gt_copy *outermost = copy;
    while (outermost->around != NULL)
        outermost = outermost->around;
    gt_var ones = gt_fill(outermost->to, shape_of_lookup(1, l.indices), 1);
    return gt_where(gt_scatter_add(ones, l.indices, columns_of(l.table)), l.table, gt_constant(outermost->to, 0));
}

/* op(A) @ B, or A @ B.T with either of them looked up. */
static gt_var product(gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    const int64_t *transposed = gt_node_attributes(copy->from, node);
    gt_var a = gt_copy_input(copy, index, 0), b = gt_copy_input(copy, index, 1);
    int64_t rows = gt_var_shape(b).size[0];
    looked_up left = find_lookup(a), right = find_lookup(b);
    if (right.table.tape != NULL && transposed[1] == 0 &&
        (pays(rows, columns_of(right.table), right.indices) || pays_to_prepare(copy, index)))
        return looked_up_product(a, transposed[0] != 0, right, gt_node_shape(copy->from, node));
    if (transposed[0] != 0 || transposed[1] == 0)
        return GT_NONE;
    if (right.table.tape != NULL && pays(rows, columns_of(right.table), right.indices))
        return gt_matmul_transposed(add_up(a, right.indices, columns_of(right.table)), false,
                                    only_looked_up(copy, right), true);
    if (left.table.tape != NULL && pays(gt_var_shape(a).size[0], columns_of(left.table), left.indices))
        return gt_matmul_transposed(only_looked_up(copy, left), false, add_up(b, left.indices, columns_of(left.table)),
                                    true);
    return GT_NONE;
}

/* ---- columns that are added ---------------------------------------------------------------------------------- */

static bool is_read_once(const gt_copy *copy, uint32_t index)
{
    return gt_uses_count(((const tables *)copy->state)->uses, index) == 1;
}

static bool is_column(gt_var v)
{
    return gt_shape_count(gt_var_shape(v)) == gt_var_shape(v).size[0];
}

/* A column added to columns of a product with a table. */
static gt_var sum_with_column(gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    for (uint32_t k = 0; k < 2; k++) {
        gt_var v = gt_copy_input(copy, index, k), column = gt_copy_input(copy, index, 1 - k);
        looked_up l = find_lookup(v);
        bool same = gt_shape_same(gt_var_shape(v), gt_node_shape(copy->from, node));
        if (l.table.tape == NULL || gt_var_op(l.table) != &gt_op_matmul || !same || !is_column(column) ||
            columns_of(l.table) >= gt_shape_count(gt_var_shape(l.indices)) ||
            !is_read_once(copy, gt_node_inputs(copy->from, node)[k]))
            continue;
        column = shaped(column, GT_SHAPE(gt_var_shape(column).size[0], 1));
        return shaped(gt_gather(gt_add(l.table, column), l.indices), gt_var_shape(v));
    }
    return GT_NONE;
}

/* ---- sums by columns ------------------------------------------------------------------------ */

enum { MOST_TERMS = 64 };

/* A scatter_add and the terms of what it adds up. */
typedef struct scattered {
    gt_var indices;
    int64_t columns;
    uint32_t terms[MOST_TERMS]; /* nodes of the level */
    uint32_t count;
} scattered;

/* Those of the sum at `index`, behind views; what something else reads, too, is one term. */
static void collect_terms(const gt_copy *copy, scattered *s, uint32_t index)
{
    uint32_t waiting[MOST_TERMS], count = 0;
    waiting[count++] = index;
    while (count > 0) {
        index = waiting[--count];
        const gt_node *node = gt_tape_node(copy->from, index);
        bool sum = gt_copy_is_plain_sum(copy, index) && s->count + count + 2 <= MOST_TERMS;
        if (!is_read_once(copy, index) || !(sum || keeps_columns(copy, node))) {
            s->terms[s->count++] = index;
            continue;
        }
        for (uint32_t k = node->input_count; k > 0; k--)
            waiting[count++] = gt_node_inputs(copy->from, node)[k - 1];
    }
}

/* A product whose right operand is better added up than its result. */
static bool is_worth_adding_up_before(const gt_copy *copy, const scattered *s, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    return node->op == &gt_op_matmul && gt_node_attributes(copy->from, node)[1] == 0 && is_read_once(copy, index) &&
           pays(gt_node_shape(copy->from, node).size[0], s->columns, s->indices);
}

static gt_var plus(gt_var sum, gt_var term)
{
    return sum.tape == NULL ? term : gt_add(sum, term);
}

static gt_var product_with_sums(const gt_copy *copy, const scattered *s, uint32_t index)
{
    bool transposed = gt_node_attributes(copy->from, gt_tape_node(copy->from, index))[0] != 0;
    return gt_matmul_transposed(gt_copy_input(copy, index, 0), transposed,
                                add_up(gt_copy_input(copy, index, 1), s->indices, s->columns), false);
}

/* What is no such product is summed as before, and added up at once. */
static gt_var scattered_sum(gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    scattered s = {.indices = gt_copy_input(copy, index, 1), .columns = gt_node_attributes(copy->from, node)[0]};
    collect_terms(copy, &s, gt_node_inputs(copy->from, node)[0]);
    gt_var products = GT_NONE, rest = GT_NONE;
    for (uint32_t k = 0; k < s.count; k++)
        if (is_worth_adding_up_before(copy, &s, s.terms[k]))
            products = plus(products, product_with_sums(copy, &s, s.terms[k]));
    gt_shape shape = shape_of_lookup(gt_node_shape(copy->from, node).size[0], s.indices);
    for (uint32_t k = 0; k < s.count && products.tape != NULL; k++)
        if (!is_worth_adding_up_before(copy, &s, s.terms[k]))
            rest = plus(rest, shaped(copy->map[s.terms[k]], shape));
    return rest.tape == NULL ? products : gt_add(products, gt_scatter_add(rest, s.indices, s.columns));
}

/* ---- the pass ------------------------------------------------------------------------------ */

static gt_var multiply_node(gt_copy *copy, uint32_t index)
{
    const gt_op *op = gt_tape_node(copy->from, index)->op;
    if (op == &gt_op_matmul)
        return product(copy, index);
    if (op == &gt_op_add)
        return sum_with_column(copy, index);
    return op == &gt_op_scatter_add ? scattered_sum(copy, index) : GT_NONE;
}

static bool multiply_open(gt_copy *copy)
{
    tables *t = gt_memory_new(1, sizeof *t);
    copy->state = t;
    if (t == NULL)
        return false;
    t->uses = gt_uses_of_copy(&t->pool, copy);
    bool prepared = copy->program != NULL && copy->program->prepared && copy->program->late_inputs != NULL;
    if (prepared && (t->late = gt_pool_new(&t->pool, (size_t)copy->count + 1, 1)) != NULL)
        gt_halves_mark_late(copy->program, t->late);
    return t->uses != NULL && (t->late != NULL || !prepared);
}

static void multiply_close(gt_copy *copy)
{
    tables *t = copy->state;
    gt_pool_free(&t->pool);
    gt_memory_free(t);
}

const gt_rewrite gt_pass_multiply_tables = {.open = multiply_open, .close = multiply_close, .node = multiply_node};
