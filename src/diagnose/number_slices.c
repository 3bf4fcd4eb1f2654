/* Slices of a gradient along one axis: which of them is which of the right one. */
#include "diagnose/number_look.h"

#include "base/utf8.h"

#include <math.h>

/* More comparisons of entries than this are not made: every slice may be held against every other. */
#define MOST_WORK 2e7

const char *const gt_number_axes[GT_MAX_RANK] = {"rows", "columns", "time steps", "slices of axis 3"};

enum { UNKNOWN = -1, ZERO = -2, NEGATED = -3, SMALL = -4 };

/* An array as (inner, slices, outer), and what every slice of the given one is. */
typedef struct axis {
    gt_number_look *look;
    const char *name, *one; /* "rows", "row" */
    bool time;
    size_t inner, slices, outer;
    int64_t *is;               /* place of the right slice that it equals, or one of the above */
    size_t wrong, first, last; /* slices that are not what they should be */
} axis;

static size_t place(const axis *a, size_t slice, size_t k)
{
    return k % a->inner + a->inner * (slice + a->slices * (k / a->inner));
}

/* Whether the given slice i is `times` the right slice j. */
static bool equals(const axis *a, size_t i, double times, size_t j)
{
    const gt_number_look *l = a->look;
    for (size_t k = 0; k < a->inner * a->outer; k++)
        if (!(fabs(l->given[place(a, i, k)] - times * l->right[place(a, j, k)]) <= l->tolerance))
            return false;
    return true;
}

/* Whether all of the right slice j is too small to be told from 0. */
static bool is_small(const axis *a, size_t j)
{
    for (size_t k = 0; k < a->inner * a->outer; k++)
        if (fabs(a->look->right[place(a, j, k)]) > 100 * a->look->tolerance)
            return false;
    return true;
}

static int64_t find(const axis *a, size_t i)
{
    if (equals(a, i, 1, i))
        return is_small(a, i) ? SMALL : (int64_t)i;
    if (equals(a, i, 0, i))
        return ZERO;
    if (equals(a, i, -1, i))
        return NEGATED;
    for (size_t j = 0; j < a->slices; j++)
        if (j != i && equals(a, i, 1, j) && !is_small(a, j))
            return (int64_t)j;
    return UNKNOWN;
}

static void fill(axis *a)
{
    a->wrong = 0;
    for (size_t i = 0; i < a->slices; i++) {
        a->is[i] = find(a, i);
        if (a->is[i] == (int64_t)i || a->is[i] == SMALL)
            continue;
        a->first = a->wrong == 0 ? i : a->first;
        a->last = i;
        a->wrong++;
    }
}

/* "row 2" or "rows 2 to 4" */
static const char *range(const axis *a, size_t from, size_t to, char *text, size_t size)
{
    if (from == to)
        gt_utf8_format(text, size, "%s %zu", a->one, from);
    else
        gt_utf8_format(text, size, "%s %zu to %zu", a->name, from, to);
    return text;
}

/* ---- a block that is not there, or negated -------------------------------------------------- */

static bool all_wrong_are(const axis *a, int64_t what)
{
    for (size_t i = a->first; i <= a->last; i++)
        if (a->is[i] != what && a->is[i] != SMALL)
            return false;
    return true;
}

static bool look_for_block(axis *a)
{
    char block[80];
    if (a->wrong == 0 || a->wrong == a->slices)
        return false;
    range(a, a->first, a->last, block, sizeof block);
    if (all_wrong_are(a, ZERO))
        return gt_number_claim(a->look, GT_MISTAKE_MISSING_GRADIENT, 0, "the gradient of %s is missing: it is 0",
                               block);
    if (all_wrong_are(a, NEGATED))
        return gt_number_claim(a->look, GT_MISTAKE_SIGN, 0, "the sign of %s is wrong", block);
    return false;
}

/* ---- slices in other places ------------------------------------------------------------------ */

/* Slice i is what slice i + by should be, wherever there is one. */
static bool is_shifted(const axis *a, int64_t by)
{
    size_t seen = 0;
    for (int64_t i = 0; i < (int64_t)a->slices; i++) {
        int64_t j = i + by;
        if (j < 0 || j >= (int64_t)a->slices || is_small(a, (size_t)j))
            continue;
        if (a->is[i] != j)
            return false;
        seen++;
    }
    return seen > 0 && 2 * seen >= a->slices - 1;
}

static bool look_for_shift(axis *a, int64_t size)
{
    for (int64_t by = size; by >= -size; by -= 2 * size) {
        if (!is_shifted(a, by))
            continue;
        if (a->time && size == 1)
            return gt_number_claim(a->look, GT_MISTAKE_OFF_BY_ONE_STEP, 0,
                                   "off by one time step: at each step it is what the step %s should have",
                                   by > 0 ? "after" : "before");
        return gt_number_claim(a->look, GT_MISTAKE_WRONG_ORDER, 0,
                               "its %s are shifted: each is what the one %lld %s should be", a->name, (long long)size,
                               by > 0 ? "after" : "before");
    }
    return false;
}

static bool is_reversed(const axis *a)
{
    for (size_t i = 0; i < a->slices; i++)
        if (a->is[i] != (int64_t)(a->slices - 1 - i) && a->is[i] != SMALL)
            return false;
    return true;
}

/* [first, first + length) is what [other, other + length) should be. */
static size_t length_of_block(const axis *a, size_t first, size_t other)
{
    size_t length = 0;
    while (first + length < a->slices && a->is[first + length] == (int64_t)(other + length) && other != first)
        length++;
    return length;
}

/* What is wrong is one block, which stands for another, or two that have changed places. */
static bool look_for_copy(axis *a, bool exchanged)
{
    char block[80], of[80];
    if (a->is[a->first] < 0)
        return false;
    size_t other = (size_t)a->is[a->first], length = length_of_block(a, a->first, other);
    bool back = 2 * length == a->wrong && other > a->first && length_of_block(a, other, a->first) >= length;
    range(a, a->first, a->first + length - 1, block, sizeof block);
    range(a, other, other + length - 1, of, sizeof of);
    if (exchanged)
        return back && gt_number_claim(a->look, GT_MISTAKE_WRONG_ORDER, 0, "%s and %s are exchanged", block, of);
    return length == a->wrong && gt_number_claim(a->look, GT_MISTAKE_WRONG_SLICE, 0, "in place of %s stand%s %s", block,
                                                 length == 1 ? "s" : "", of);
}

/* Every right slice once, in whatever order. */
static bool is_permuted(const axis *a)
{
    for (size_t i = 0; i < a->slices; i++) {
        if (a->is[i] < 0)
            return false;
        for (size_t k = 0; k < i; k++)
            if (a->is[k] == a->is[i])
                return false;
    }
    return true;
}

static bool look_for_order(axis *a)
{
    if (a->wrong > 2 && is_reversed(a))
        return gt_number_claim(a->look, GT_MISTAKE_WRONG_ORDER, 0, "the order of its %s is reversed%s", a->name,
                               a->time ? ": it runs through time the other way" : "");
    if (a->wrong == 0 || look_for_copy(a, true))
        return a->wrong > 0;
    if (look_for_shift(a, 1) || look_for_copy(a, false))
        return true;
    for (int64_t size = 2; size <= (int64_t)a->slices / 2; size++)
        if (look_for_shift(a, size))
            return true;
    return is_permuted(a) && gt_number_claim(a->look, GT_MISTAKE_WRONG_ORDER, 0,
                                             "its %s are in another order: in place of %s %zu stands %s %lld", a->name,
                                             a->one, a->first, a->one, (long long)a->is[a->first]);
}

/* ---- all axes -------------------------------------------------------------------------------- */

static bool look_along(gt_number_look *l, int32_t which)
{
    static const char *const ones[GT_MAX_RANK] = {"row", "column", "time step", "slice of axis 3"};
    axis a = {.look = l,
              .name = gt_number_axes[which],
              .one = ones[which],
              .time = which == 2,
              .inner = 1,
              .outer = 1,
              .slices = (size_t)l->shape.size[which]};
    for (int32_t i = 0; i < GT_MAX_RANK; i++) {
        a.inner *= i < which ? (size_t)l->shape.size[i] : 1;
        a.outer *= i > which ? (size_t)l->shape.size[i] : 1;
    }
    if (a.slices < 2 || (double)a.slices * (double)l->count > MOST_WORK)
        return false;
    a.is = l->places;
    fill(&a);
    return look_for_block(&a) || look_for_order(&a);
}

/* Along time first, then along what lies far apart in memory. */
bool gt_number_look_for_slices(gt_number_look *l)
{
    for (int32_t which = GT_MAX_RANK - 1; which >= 0; which--)
        if (look_along(l, which))
            return true;
    return false;
}
