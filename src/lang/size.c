#include "lang/size.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

gt_lang_size gt_lang_size_number(int64_t value)
{
    gt_lang_size size = {.term_count = value != 0};
    size.terms[0].coefficient = value;
    return size;
}

gt_lang_size gt_lang_size_name(const char *name)
{
    gt_lang_size size = {.term_count = 1};
    size.terms[0] = (gt_lang_term){.coefficient = 1, .factors = {name}};
    return size;
}

/* ---- terms --------------------------------------------------------------------------------- */

static bool same_factors(const gt_lang_term *a, const gt_lang_term *b)
{
    for (int i = 0; i < GT_LANG_MAX_FACTORS; i++) {
        if ((a->factors[i] == NULL) != (b->factors[i] == NULL))
            return false;
        if (a->factors[i] != NULL && strcmp(a->factors[i], b->factors[i]) != 0)
            return false;
    }
    return true;
}

static bool add_term(gt_lang_size *size, gt_lang_term term)
{
    for (uint32_t i = 0; i < size->term_count; i++) {
        if (!same_factors(&size->terms[i], &term))
            continue;
        int64_t *coefficient = &size->terms[i].coefficient;
        if (__builtin_add_overflow(*coefficient, term.coefficient, coefficient))
            return false;
        if (*coefficient == 0) {
            size->term_count--;
            memmove(&size->terms[i], &size->terms[i + 1], (size->term_count - i) * sizeof *size->terms);
        }
        return true;
    }
    if (size->term_count == GT_LANG_MAX_TERMS)
        return false;
    size->terms[size->term_count++] = term;
    return true;
}

static bool multiply_terms(const gt_lang_term *a, const gt_lang_term *b, gt_lang_term *product)
{
    const char *factors[2 * GT_LANG_MAX_FACTORS];
    int count = 0;
    for (int i = 0; i < 2 * GT_LANG_MAX_FACTORS; i++) {
        const gt_lang_term *from = i < GT_LANG_MAX_FACTORS ? a : b;
        const char *factor = from->factors[i % GT_LANG_MAX_FACTORS];
        int place = count;
        if (factor == NULL)
            continue;
        for (; place > 0 && strcmp(factors[place - 1], factor) > 0; place--)
            factors[place] = factors[place - 1];
        factors[place] = factor;
        count++;
    }
    if (count > GT_LANG_MAX_FACTORS)
        return false;
    *product = (gt_lang_term){0};
    for (int i = 0; i < count; i++)
        product->factors[i] = factors[i];
    return !__builtin_mul_overflow(a->coefficient, b->coefficient, &product->coefficient);
}

/* ---- arithmetic ---------------------------------------------------------------------------- */

bool gt_lang_size_add(const gt_lang_size *a, const gt_lang_size *b, int64_t sign, gt_lang_size *sum)
{
    gt_lang_size result = *a;
    for (uint32_t i = 0; i < b->term_count; i++) {
        gt_lang_term term = b->terms[i];
        if (__builtin_mul_overflow(term.coefficient, sign, &term.coefficient) || !add_term(&result, term))
            return false;
    }
    *sum = result;
    return true;
}

bool gt_lang_size_multiply(const gt_lang_size *a, const gt_lang_size *b, gt_lang_size *product)
{
    gt_lang_size result = {0};
    for (uint32_t i = 0; i < a->term_count; i++)
        for (uint32_t j = 0; j < b->term_count; j++) {
            gt_lang_term term;
            if (!multiply_terms(&a->terms[i], &b->terms[j], &term) || !add_term(&result, term))
                return false;
        }
    *product = result;
    return true;
}

bool gt_lang_size_equal(const gt_lang_size *a, const gt_lang_size *b)
{
    gt_lang_size difference;
    return gt_lang_size_add(a, b, -1, &difference) && difference.term_count == 0;
}

bool gt_lang_size_is(const gt_lang_size *size, int64_t value)
{
    gt_lang_size number = gt_lang_size_number(value);
    return gt_lang_size_equal(size, &number);
}

bool gt_lang_size_below(const gt_lang_size *size, int64_t limit)
{
    int64_t most = 0;
    for (uint32_t i = 0; i < size->term_count; i++) {
        const gt_lang_term *term = &size->terms[i];
        bool grows = term->factors[0] != NULL && term->coefficient > 0;
        if (grows || __builtin_add_overflow(most, term->coefficient, &most))
            return false;
    }
    return most < limit;
}

/* ---- text and value ------------------------------------------------------------------------ */

static size_t put(char *text, size_t length, size_t used, const char *words)
{
    if (used < length)
        snprintf(text + used, length - used, "%s", words);
    return used + strlen(words);
}

static size_t put_term(const gt_lang_term *term, bool spaces, char *text, size_t length, size_t used)
{
    char number[24];
    uint64_t magnitude = term->coefficient < 0 ? 0 - (uint64_t)term->coefficient : (uint64_t)term->coefficient;
    bool shown = magnitude != 1 || term->factors[0] == NULL;
    snprintf(number, sizeof number, "%llu", (unsigned long long)magnitude);
    if (shown)
        used = put(text, length, used, number);
    for (int i = 0; i < GT_LANG_MAX_FACTORS && term->factors[i] != NULL; i++) {
        if (shown || i > 0)
            used = put(text, length, used, spaces ? " * " : "*");
        used = put(text, length, used, term->factors[i]);
    }
    return used;
}

/* What is added before what is subtracted, so that no sign stands in front. */
char *gt_lang_size_format(const gt_lang_size *size, bool spaces, char *text, size_t length)
{
    size_t used = put(text, length, 0, size->term_count == 0 ? "0" : "");
    for (int negative = 0; negative < 2; negative++)
        for (uint32_t i = 0; i < size->term_count; i++) {
            if ((size->terms[i].coefficient < 0) != negative)
                continue;
            if (negative)
                used = put(text, length, used, spaces ? " - " : "-");
            else if (used > 0)
                used = put(text, length, used, spaces ? " + " : "+");
            used = put_term(&size->terms[i], spaces, text, length, used);
        }
    return text;
}

bool gt_lang_size_evaluate(const gt_lang_size *size, gt_lang_find_size *find, const void *context, int64_t *value)
{
    *value = 0;
    for (uint32_t i = 0; i < size->term_count; i++) {
        int64_t product = size->terms[i].coefficient;
        for (int k = 0; k < GT_LANG_MAX_FACTORS && size->terms[i].factors[k] != NULL; k++) {
            int64_t factor;
            if (!find(context, size->terms[i].factors[k], &factor) || __builtin_mul_overflow(product, factor, &product))
                return false;
        }
        if (__builtin_add_overflow(*value, product, value))
            return false;
    }
    return true;
}

typedef struct dimension_list {
    const gt_dimension *dimensions;
    uint32_t count;
} dimension_list;

static bool find_in_list(const void *context, const char *name, int64_t *size)
{
    const dimension_list *list = context;
    for (uint32_t i = 0; i < list->count; i++) {
        if (strcmp(list->dimensions[i].name, name) != 0)
            continue;
        *size = list->dimensions[i].size;
        return true;
    }
    return false;
}

bool gt_lang_size_value(const gt_lang_size *size, const gt_dimension *dimensions, uint32_t dimension_count,
                        int64_t *value)
{
    return gt_lang_size_evaluate(size, find_in_list, &(dimension_list){dimensions, dimension_count}, value);
}

/* ---- from expressions ---------------------------------------------------------------------- */

static gt_lang_size_problem apply(gt_lang_operation operation, const gt_lang_size *a, const gt_lang_size *b,
                                  gt_lang_size *size)
{
    switch (operation) {
    case GT_LANG_ADD:
        return gt_lang_size_add(a, b, 1, size) ? GT_LANG_SIZE_GOOD : GT_LANG_SIZE_TOO_LARGE;
    case GT_LANG_SUBTRACT:
        return gt_lang_size_add(a, b, -1, size) ? GT_LANG_SIZE_GOOD : GT_LANG_SIZE_TOO_LARGE;
    case GT_LANG_MULTIPLY:
        return gt_lang_size_multiply(a, b, size) ? GT_LANG_SIZE_GOOD : GT_LANG_SIZE_TOO_LARGE;
    default:
        return GT_LANG_SIZE_WRONG;
    }
}

static gt_lang_size_problem of_chain(const gt_lang_expression *e, gt_lang_size *size, const gt_lang_expression **where)
{
    gt_lang_size_problem problem = gt_lang_size_of(gt_lang_operand(e, 0), size, where);
    for (uint32_t i = 0; i < e->chain_length && problem == GT_LANG_SIZE_GOOD; i++) {
        gt_lang_size left = *size, right;
        problem = gt_lang_size_of(gt_lang_operand(e, i + 1), &right, where);
        if (problem != GT_LANG_SIZE_GOOD)
            break;
        *where = e->chain[i];
        problem = apply(e->chain[i]->operation, &left, &right, size);
    }
    return problem;
}

gt_lang_size_problem gt_lang_size_of(const gt_lang_expression *e, gt_lang_size *size, const gt_lang_expression **where)
{
    gt_lang_size zero = gt_lang_size_number(0), inner;
    gt_lang_size_problem problem;
    *where = e;
    switch (e->kind) {
    case GT_LANG_NUMBER:
        if (e->number != floor(e->number))
            return GT_LANG_SIZE_WRONG;
        if (e->number > 1e15)
            return GT_LANG_SIZE_TOO_LARGE;
        *size = gt_lang_size_number((int64_t)e->number);
        return GT_LANG_SIZE_GOOD;
    case GT_LANG_NAME:
        *size = gt_lang_size_name(e->name);
        return GT_LANG_SIZE_GOOD;
    case GT_LANG_NEGATE:
        problem = gt_lang_size_of(e->arguments[0], &inner, where);
        if (problem != GT_LANG_SIZE_GOOD)
            return problem;
        return gt_lang_size_add(&zero, &inner, -1, size) ? GT_LANG_SIZE_GOOD : GT_LANG_SIZE_TOO_LARGE;
    case GT_LANG_BINARY:
        return of_chain(e, size, where);
    case GT_LANG_TRANSPOSE:
    case GT_LANG_SLICE:
    case GT_LANG_DRAW:
    case GT_LANG_CALL:
        break;
    }
    return GT_LANG_SIZE_WRONG;
}
