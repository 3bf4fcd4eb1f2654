/* One random op with operands that it accepts. */
#include "support/random_tape.h"

#include <math.h>
#include <string.h>

static const random_value nothing = {{NULL, 0}, 0};

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* ---- element by element -------------------------------------------------------------------- */

/* Between 0.5 and bound + 1.2. */
static gt_var positive(random_level *level, gt_var x)
{
    return gt_add(gt_softplus(x), random_constant(level, 0.5));
}

static random_value unary(random_level *level)
{
    random_value x = random_draw(level), tame = random_tame(level, x);
    double b = x.bound;
    switch (random_pick(level->r, 17)) {
    case 0:
        return (random_value){gt_tanh(x.v), 1};
    case 1:
        return (random_value){gt_sigmoid(x.v), 1};
    case 2:
        return (random_value){gt_relu(x.v), b};
    case 3:
        return (random_value){gt_softplus(x.v), b + 0.7};
    case 4:
        return (random_value){gt_exp(tame.v), 7.4};
    case 5:
        return (random_value){gt_log(positive(level, x.v)), larger(0.7, log(b + 1.2))};
    case 6:
        return (random_value){gt_sqrt(positive(level, x.v)), sqrt(b + 1.2)};
    case 7:
        return (random_value){gt_abs(x.v), b};
    case 8:
        return (random_value){gt_sin(x.v), 1};
    case 9:
        return (random_value){gt_cos(x.v), 1};
    case 10:
        return (random_value){gt_neg(x.v), b};
    case 11:
        return (random_value){gt_sign(x.v), 1};
    case 12:
        return (random_value){gt_stop_gradient(x.v), b};
    case 13:
        return (random_value){gt_pow(tame.v, 2), 4};
    case 14:
        return (random_value){gt_pow(tame.v, 3), 8};
    case 15:
        return (random_value){gt_pow(positive(level, x.v), -1.5), 3};
    default:
        return (random_value){gt_pow(positive(level, x.v), 0.5), sqrt(b + 1.2)};
    }
}

static random_value binary(random_level *level)
{
    random_tape *r = level->r;
    random_value a = random_draw(level);
    random_value b = random_chance(r, 0.1) ? a : random_value_of_shape(level, random_partner(level, gt_var_shape(a.v)));
    if (random_chance(r, 0.5)) {
        random_value swap = a;
        a = b;
        b = swap;
    }
    gt_var divisor;
    switch (random_pick(r, 16)) {
    case 0:
    case 1:
    case 2:
        return (random_value){gt_add(a.v, b.v), a.bound + b.bound};
    case 3:
    case 4:
        return (random_value){gt_sub(a.v, b.v), a.bound + b.bound};
    case 5:
    case 6:
    case 7:
        return (random_value){gt_mul(a.v, b.v), a.bound * b.bound};
    case 8:
        divisor = positive(level, b.v);
        return (random_value){gt_div(a.v, divisor), 2 * a.bound};
    case 9:
        return (random_value){gt_maximum(a.v, b.v), larger(a.bound, b.bound)};
    case 10:
        return (random_value){gt_minimum(a.v, b.v), larger(a.bound, b.bound)};
    case 11:
        return (random_value){gt_less(a.v, b.v), 1};
    case 12:
        return (random_value){gt_less_equal(a.v, b.v), 1};
    case 13:
        return (random_value){gt_greater(a.v, b.v), 1};
    case 14:
        return (random_value){gt_greater_equal(a.v, b.v), 1};
    default:
        return (random_value){random_chance(r, 0.5) ? gt_equal(a.v, b.v) : gt_not_equal(a.v, b.v), 1};
    }
}

static random_value choice(random_level *level)
{
    random_value a = random_draw(level);
    random_value b = random_value_of_shape(level, random_partner(level, gt_var_shape(a.v)));
    gt_var both = gt_greater(a.v, b.v);
    random_value mask = random_value_of_shape(level, random_partner(level, gt_var_shape(both)));
    gt_var v =
        gt_where(random_chance(level->r, 0.3) ? both : gt_greater(mask.v, random_constant(level, 0.1)), a.v, b.v);
    return (random_value){v, larger(a.bound, b.bound)};
}

static random_value dropout(random_level *level)
{
    random_value x = random_draw(level);
    gt_var key = random_whole(level, random_chance(level->r, 0.5) ? GT_SCALAR : GT_SHAPE(1), 1000);
    return gt_var_valid(key) ? (random_value){gt_dropout(x.v, key, 0.4, random_pick(level->r, 9)), 2 * x.bound}
                             : nothing;
}

/* ---- columns and tables -------------------------------------------------------------------- */

static random_value soft(random_level *level)
{
    random_value x = random_draw(level);
    if (random_chance(level->r, 0.5))
        return (random_value){gt_softmax(x.v), 1};
    return (random_value){gt_log_softmax(x.v), 2 * x.bound + log((double)gt_var_shape(x.v).size[0]) + 1};
}

static random_value cross_entropy(random_level *level)
{
    random_value logits = random_draw(level);
    gt_shape shape = gt_var_shape(logits.v), targets = {shape.rank < 1 ? 0 : shape.rank - 1, {1, 1, 1, 1}}, row = shape;
    memcpy(targets.size, shape.size + 1, 3 * sizeof *targets.size);
    row.size[0] = 1;
    gt_var t = random_whole(level, targets, shape.size[0]);
    double bound = 2 * logits.bound + log((double)shape.size[0]) + 1;
    if (!gt_var_valid(t))
        return nothing;
    if (random_chance(level->r, 0.6))
        return (random_value){gt_cross_entropy(logits.v, t), bound};
    random_value weights = random_value_of_shape(level, row);
    return (random_value){gt_cross_entropy_weighted(logits.v, t, weights.v), bound * weights.bound};
}

static gt_shape positions(random_level *level)
{
    gt_shape shape = random_shape(level);
    int most = random_most_rank(level) - 1;
    while (shape.rank > (most > 0 ? most : 0))
        shape.size[--shape.rank] = 1;
    return shape;
}

static bool fits_above(random_level *level, int64_t first, gt_shape shape)
{
    for (int axis = GT_MAX_RANK - 1; axis > 0; axis--)
        shape.size[axis] = shape.size[axis - 1];
    shape.size[0] = first;
    shape.rank++;
    return random_fits(level, shape);
}

static random_value table(random_level *level)
{
    random_tape *r = level->r;
    gt_shape shape = positions(level);
    int64_t n = random_size(r), columns = random_size(r);
    if (!fits_above(level, n, shape) || random_most_rank(level) < 2)
        return nothing;
    gt_var indices = random_whole(level, shape, columns);
    if (!gt_var_valid(indices))
        return nothing;
    if (random_chance(r, 0.25) && fits_above(level, columns, shape))
        return (random_value){gt_one_hot(indices, columns), 1};
    if (random_chance(r, 0.6)) {
        random_value given = random_value_of_shape(level, GT_SHAPE(n, columns));
        return (random_value){gt_gather(given.v, indices), given.bound};
    }
    gt_shape full = {shape.rank + 1, {n, shape.size[0], shape.size[1], shape.size[2]}};
    random_value x = random_value_of_shape(level, full);
    return (random_value){gt_scatter_add(x.v, indices, columns), x.bound * (double)gt_shape_count(shape)};
}

/* A product with columns that are looked up, or one whose columns are added up: better done with the table. */
static random_value looked_up(random_level *level)
{
    random_tape *r = level->r;
    int64_t inner = 16 + random_pick(r, 4), n = random_size(r), columns = 1 + random_pick(r, 3),
            m = 4 + random_pick(r, 6);
    gt_shape shape = random_most_rank(level) > 2 && random_chance(r, 0.5) ? GT_SHAPE(m / 2, 2) : GT_SHAPE(m);
    gt_shape right = {shape.rank + 1, {n, shape.size[0], shape.size[1], 1}};
    if (!fits_above(level, inner, shape) || !fits_above(level, n, shape) || random_most_rank(level) < 2)
        return nothing;
    gt_var indices = random_whole(level, shape, columns);
    random_value W = random_value_of_shape(level, GT_SHAPE(n, inner));
    if (!gt_var_valid(indices) || !gt_var_valid(W.v))
        return nothing;
    if (random_chance(r, 0.3)) {
        random_value D = random_value_of_shape(level, right);
        gt_var v = gt_scatter_add(gt_matmul_transposed(W.v, true, D.v, false), indices, columns);
        return (random_value){v, (double)(n * m) * W.bound * D.bound};
    }
    random_value E = random_value_of_shape(level, GT_SHAPE(inner, columns));
    random_value y = {gt_matmul(W.v, gt_gather(E.v, indices)), (double)inner * W.bound * E.bound};
    if (random_chance(r, 0.5))
        return y;
    random_value bias = random_value_of_shape(level, GT_SHAPE(n, 1));
    return (random_value){gt_add(y.v, bias.v), y.bound + bias.bound};
}

/* ---- products ------------------------------------------------------------------------------ */

static bool is_matrix(gt_shape shape)
{
    return shape.size[2] == 1 && shape.size[3] == 1;
}

static random_value product(random_level *level)
{
    random_tape *r = level->r;
    random_value drawn = random_draw(level), other;
    gt_shape shape = gt_var_shape(drawn.v);
    int64_t n = random_size(r);
    double inner;
    if (random_most_rank(level) < 2)
        return nothing;
    if (random_chance(r, 0.3)) { /* a sum over all columns */
        gt_shape second = shape;
        second.size[0] = n;
        second.rank = second.rank < 1 ? 1 : second.rank;
        if (!random_fits(level, second) || !random_fits(level, GT_SHAPE(shape.size[0], n)))
            return nothing;
        other = random_value_of_shape(level, second);
        inner = (double)(gt_shape_count(shape) / shape.size[0]);
        gt_var v = random_chance(r, 0.5) ? gt_matmul_transposed(drawn.v, false, other.v, true)
                                         : gt_matmul_transposed(other.v, false, drawn.v, true);
        return (random_value){v, inner * drawn.bound * other.bound};
    }
    bool transpose_a = random_chance(r, 0.4), transpose_b = transpose_a && random_chance(r, 0.4);
    if (is_matrix(shape) && random_chance(r, 0.4)) { /* the drawn one is to the left */
        int64_t k = shape.size[transpose_a ? 0 : 1], rows = shape.size[transpose_a ? 1 : 0];
        gt_shape right = transpose_b ? GT_SHAPE(n, k) : random_partner(level, GT_SHAPE(k, n));
        right.size[0] = transpose_b ? n : k;
        right.rank = right.rank < 1 ? 1 : right.rank;
        gt_shape result = right;
        result.size[0] = rows;
        if (!random_fits(level, right) || !random_fits(level, result) || (transpose_b && !is_matrix(right)))
            return nothing;
        other = random_value_of_shape(level, right);
        return (random_value){gt_matmul_transposed(drawn.v, transpose_a, other.v, transpose_b),
                              (double)k * drawn.bound * other.bound};
    }
    if (transpose_b && !is_matrix(shape))
        return nothing;
    int64_t k = shape.size[transpose_b ? 1 : 0];
    gt_shape left = transpose_a ? GT_SHAPE(k, n) : GT_SHAPE(n, k), result = shape;
    result.size[0] = n;
    if (!random_fits(level, left) || !random_fits(level, result))
        return nothing;
    other = random_value_of_shape(level, left);
    return (random_value){gt_matmul_transposed(other.v, transpose_a, drawn.v, transpose_b),
                          (double)k * drawn.bound * other.bound};
}

/* ---- views --------------------------------------------------------------------------------- */

static random_value join(random_level *level)
{
    random_tape *r = level->r;
    random_value first = random_draw(level);
    gt_shape shape = gt_var_shape(first.v), total = shape;
    uint32_t count = 1 + random_pick(r, random_chance(r, 0.1) ? 12 : 4);
    int axis = (int)random_pick(r, (uint32_t)random_most_rank(level));
    gt_var parts[16] = {first.v};
    double bound = first.bound;
    bool stack = random_chance(r, 0.2) && shape.rank < random_most_rank(level);
    for (uint32_t k = 1; k < count; k++) {
        gt_shape part = shape;
        if (!stack)
            part.size[axis] = random_size(r);
        part.rank = axis + 1 > part.rank && !stack ? axis + 1 : part.rank;
        total.size[axis] += part.size[axis];
        if (!random_fits(level, part) || (!stack && !random_fits(level, total))) {
            count = k;
            break;
        }
        random_value value = random_value_of_shape(level, part);
        if (stack && gt_var_shape(value.v).rank != shape.rank)
            value.v = gt_reshape(value.v, shape);
        parts[k] = value.v;
        bound = larger(bound, value.bound);
    }
    if (stack) {
        shape.size[shape.rank++] = count;
        return random_fits(level, shape) ? (random_value){gt_stack(parts, count), bound} : nothing;
    }
    return (random_value){gt_concat(parts, count, axis), bound};
}

/* Pushes all parts but the last, and gives that. */
static random_value cut(random_level *level)
{
    random_tape *r = level->r;
    random_value x = random_draw(level);
    gt_shape shape = gt_var_shape(x.v);
    int axis = (int)random_pick(r, (uint32_t)random_most_rank(level));
    gt_var parts[8];
    int64_t sizes[8], left = shape.size[axis];
    uint32_t count = 0;
    if (shape.rank > 0 && shape.size[shape.rank - 1] <= 8 && random_chance(r, 0.3)) {
        count = (uint32_t)shape.size[shape.rank - 1];
        gt_unstack(x.v, parts, count);
    } else {
        for (; left > 0 && count < 7; left -= sizes[count++])
            sizes[count] = count == 6 ? left : 1 + random_pick(r, (uint32_t)left);
        gt_split(x.v, axis, sizes, count, parts);
    }
    for (uint32_t k = 0; k + 1 < count; k++)
        if (random_chance(r, 0.7))
            random_push(level, (random_value){parts[k], x.bound});
    return (random_value){parts[count - 1], x.bound};
}

static gt_shape other_shape(random_level *level, gt_shape shape)
{
    int64_t rest = gt_shape_count(shape);
    gt_shape result = {(int)random_pick(level->r, (uint32_t)random_most_rank(level) + 1), {1, 1, 1, 1}};
    if (rest > 1 && result.rank == 0)
        result.rank = 1;
    for (int axis = 0; axis < result.rank; axis++) {
        int64_t size = rest;
        for (int64_t divisor = 1; divisor <= 6 && axis + 1 < result.rank; divisor++)
            if (rest % divisor == 0 && random_chance(level->r, 0.5))
                size = divisor;
        result.size[axis] = size;
        rest /= size;
    }
    return result;
}

static random_value view(random_level *level)
{
    random_tape *r = level->r;
    random_value x = random_draw(level);
    gt_shape shape = gt_var_shape(x.v), larger_shape = shape;
    int axis = (int)random_pick(r, (uint32_t)random_most_rank(level));
    int64_t size = shape.size[axis], start = random_pick(r, (uint32_t)size);
    switch (random_pick(r, 6)) {
    case 0:
        return (random_value){gt_reshape(x.v, other_shape(level, shape)), x.bound};
    case 1:
        for (int other = 0; other < random_most_rank(level); other++)
            if (shape.size[other] == 1 && random_chance(r, 0.5)) {
                larger_shape.size[other] = random_size(r);
                larger_shape.rank = other + 1 > larger_shape.rank ? other + 1 : larger_shape.rank;
            }
        return random_fits(level, larger_shape) ? (random_value){gt_broadcast(x.v, larger_shape), x.bound} : nothing;
    case 2:
        larger_shape.size[axis] += 3;
        larger_shape.rank = axis + 1 > shape.rank ? axis + 1 : shape.rank;
        return random_fits(level, larger_shape)
                   ? (random_value){gt_pad(x.v, axis, random_pick(r, 3), random_pick(r, 2)), x.bound}
                   : nothing;
    case 3:
        return is_matrix(shape) && random_most_rank(level) > 1 ? (random_value){gt_transpose(x.v), x.bound} : nothing;
    default:
        return (random_value){gt_slice(x.v, axis, start, start + 1 + random_pick(r, (uint32_t)(size - start))),
                              x.bound};
    }
}

static random_value reduction(random_level *level)
{
    random_tape *r = level->r;
    random_value x = random_draw(level);
    gt_shape shape = gt_var_shape(x.v), to = shape;
    int axis = random_chance(r, 0.2) ? GT_ALL_AXES : (int)random_pick(r, (uint32_t)random_most_rank(level));
    double entries = (double)(axis == GT_ALL_AXES ? gt_shape_count(shape) : shape.size[axis]);
    if (random_chance(r, 0.3))
        return (random_value){gt_mean(x.v, axis), x.bound};
    if (random_chance(r, 0.6))
        return (random_value){gt_sum(x.v, axis), x.bound * entries};
    for (int other = 0; other < GT_MAX_RANK; other++)
        if (random_chance(r, 0.5))
            to.size[other] = 1;
    entries = (double)(gt_shape_count(shape) / gt_shape_count(to));
    return (random_value){gt_sum_to(x.v, random_chance(r, 0.5) ? random_least_rank(to) : to), x.bound * entries};
}

/* ---- any of them --------------------------------------------------------------------------- */

void random_op(random_level *level)
{
    static random_value (*const recorders[])(random_level *) = {
        unary,     unary,   unary,   binary,  binary, binary, binary, choice, dropout, soft, cross_entropy, table,
        looked_up, product, product, product, join,   join,   cut,    view,   view,    view, reduction,     reduction,
    };
    enum { KINDS = sizeof recorders / sizeof recorders[0] };
    random_value value = recorders[random_pick(level->r, KINDS)](level);
    if (gt_var_valid(value.v) && value.bound > 4)
        value = random_tame(level, value);
    random_push(level, value);
}
