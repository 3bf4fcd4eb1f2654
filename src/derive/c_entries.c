#include "derive/c_entries.h"

#include "base/utf8.h"
#include "derive/forms.h"
#include "lang/copy.h"
#include "lang/print.h"

#include <stdarg.h>
#include <string.h>

#define CALL(NAME, C)                                                                                                  \
    {                                                                                                                  \
        NAME, GT_FORMULA_NO_AXIS,                                                                                      \
        {                                                                                                              \
            C "(", ", ", ")", true                                                                                     \
        }                                                                                                              \
    }

static const gt_formula_function functions[] = {
    CALL("abs", "fabs"),       CALL("stop_gradient", ""),  CALL("where", "chosen"),
    CALL("maximum", "larger"), CALL("minimum", "smaller"), {NULL, 0, {NULL, NULL, NULL, false}},
};

#define COMPARISON(SIGN)                                                                                               \
    {                                                                                                                  \
        "(double)(", " " SIGN " ", ")", true                                                                           \
    }

static const gt_notation notation = {
    .open = "(",
    .close = ")",
    .operators =
        {
            [GT_FORMULA_LESS] = COMPARISON("<"),
            [GT_FORMULA_LESS_EQUAL] = COMPARISON("<="),
            [GT_FORMULA_GREATER] = COMPARISON(">"),
            [GT_FORMULA_GREATER_EQUAL] = COMPARISON(">="),
            [GT_FORMULA_EQUAL] = COMPARISON("=="),
            [GT_FORMULA_NOT_EQUAL] = COMPARISON("!="),
            [GT_FORMULA_ADD] = {.between = " + "},
            [GT_FORMULA_SUBTRACT] = {.between = " - "},
            [GT_FORMULA_MULTIPLY] = {.between = " * "},
            [GT_FORMULA_DIVIDE] = {.between = " / "},
            [GT_FORMULA_POWER] = {"pow(", ", ", ")", true},
            [GT_FORMULA_NEGATE] = {.before = "-"},
        },
    .call = {"(", ", ", ")", false},
    .functions = functions,
    .fractional = true,
};

const char *gt_c_printed(gt_c_writer *w, const char *format, ...)
{
    char text[2000];
    va_list arguments;
    va_start(arguments, format);
    gt_utf8_format_list(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *copy = gt_lang_text(&w->d->pool, text, strlen(text));
    w->d->no_memory = w->d->no_memory || copy == NULL;
    return copy != NULL ? copy : "";
}

const char *gt_c_member(gt_c_writer *w, const char *name)
{
    return gt_c_printed(w, "s->%s", gt_derive_code_name(&w->naming, name));
}

static const char *dimension(gt_c_writer *w, const char *name)
{
    return strcmp(name, GT_LANG_EXAMPLES) == 0 ? gt_c_printed(w, "s->%s", w->examples) : gt_c_member(w, name);
}

/* "s->n_a + s->n_x" */
const char *gt_c_size(gt_c_writer *w, const gt_lang_size *size)
{
    const char *text = "";
    for (uint32_t i = 0; i < size->term_count; i++) {
        const gt_lang_term *term = &size->terms[i];
        int64_t factor = term->coefficient < 0 ? -term->coefficient : term->coefficient;
        const char *product = factor != 1 || term->factors[0] == NULL ? gt_c_printed(w, "%lld", (long long)factor) : "";
        for (int f = 0; f < GT_LANG_MAX_FACTORS && term->factors[f] != NULL; f++)
            product = gt_c_printed(w, "%s%s%s", product, *product != '\0' ? " * " : "", dimension(w, term->factors[f]));
        text = gt_c_printed(w, "%s%s%s", text, term->coefficient < 0 ? " - " : *text != '\0' ? " + " : "", product);
    }
    return *text != '\0' ? text : "0";
}

const char *gt_c_grouped(gt_c_writer *w, const char *text)
{
    return strchr(text, ' ') != NULL ? gt_c_printed(w, "(%s)", text) : text;
}

bool gt_c_is_one(const gt_lang_size *size)
{
    return gt_lang_size_is(size, 1);
}

/* Entry (i, j) of an array. */
const char *gt_c_entry(gt_c_writer *w, const char *name, const gt_lang_shape *shape, const char *i, const char *j)
{
    if (gt_c_is_one(&shape->rows) && gt_c_is_one(&shape->columns))
        return gt_c_printed(w, "%s[0]", gt_c_member(w, name));
    if (gt_c_is_one(&shape->columns))
        return gt_c_printed(w, "%s[%s]", gt_c_member(w, name), i);
    if (gt_c_is_one(&shape->rows))
        return gt_c_printed(w, "%s[%s]", gt_c_member(w, name), j);
    return gt_c_printed(w, "%s[%s + %s * %s]", gt_c_member(w, name), i, gt_c_grouped(w, gt_c_size(w, &shape->rows)),
                        gt_c_grouped(w, j));
}

static const char *from_bound(gt_c_writer *w, const gt_lang_expression *bound, const gt_lang_size *size, const char *i)
{
    const gt_lang_expression *where;
    gt_lang_size from;
    if (bound == NULL || gt_lang_size_of(bound, &from, &where) != GT_LANG_SIZE_GOOD || gt_lang_size_is(&from, 0))
        return i;
    if (gt_lang_size_below(&from, 0))
        gt_lang_size_add(size, &from, 1, &from);
    return strcmp(i, "0") == 0 ? gt_c_size(w, &from) : gt_c_printed(w, "%s + %s", i, gt_c_size(w, &from));
}

static gt_expr number_name(gt_c_writer *w, const char *name)
{
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&w->d->meaning.symbols, name);
    bool size = symbol->kind == GT_LANG_SYMBOL_DIMENSION || symbol->kind == GT_LANG_SYMBOL_EXAMPLES;
    return gt_build_name(w->d, gt_c_printed(w, "%s%s", size ? "(double)" : "", gt_c_member(w, name)));
}

/* The expression at (i, j): a tree whose names are entries of arrays. */
static gt_expr element(gt_c_writer *w, gt_expr e, const char *i, const char *j)
{
    gt_lang_shape shape = gt_build_shape(w->d, e);
    gt_expr parts[3] = {NULL};
    if (e == NULL)
        return NULL;
    i = gt_c_is_one(&shape.rows) ? "0" : i;
    j = gt_c_is_one(&shape.columns) ? "0" : j;
    if (e->kind == GT_LANG_NUMBER)
        return e;
    if (e->kind == GT_LANG_NAME && shape.number)
        return number_name(w, e->name);
    if (e->kind == GT_LANG_NAME)
        return gt_build_name(w->d, gt_c_entry(w, e->name, &shape, i, j));
    if (e->kind == GT_LANG_TRANSPOSE)
        return element(w, e->arguments[0], j, i);
    if (e->kind == GT_LANG_SLICE) {
        gt_lang_shape whole = gt_build_shape(w->d, e->arguments[0]);
        i = from_bound(w, e->bounds[0], &whole.rows, i);
        return element(w, e->arguments[0], i, from_bound(w, e->bounds[2], &whole.columns, j));
    }
    if (e->kind == GT_LANG_CALL && e->function == GT_LANG_ARANGE)
        return gt_build_name(w->d, gt_c_printed(w, "(double)(%s)", i));
    for (uint32_t k = 0; k < e->argument_count && k < 3; k++)
        parts[k] = element(w, e->arguments[k], i, j);
    if (w->d->no_memory)
        return NULL;
    if (e->kind == GT_LANG_NEGATE)
        return gt_lang_new_negation(&w->d->pool, (gt_lang_expression *)parts[0]);
    if (e->kind == GT_LANG_CALL)
        return gt_build_call_of(w->d, e->function, parts, e->argument_count);
    return gt_build_joined(w->d, e->operation, parts[0], parts[1]);
}

void gt_c_put_element(gt_c_writer *w, gt_expr e, const char *i, const char *j)
{
    static const gt_formula_job job = {.reader = &gt_lang_formula_reader, .notation = &notation};
    gt_derive_put(w->d, &w->body, &job, element(w, e, i, j));
}
