/* The formula of one gradient by itself. */
#include "base/utf8.h"
#include "derive/build.h"
#include "lang/print.h"

#include <string.h>

enum { MOST_NODES = 120 };

/* With the right-hand sides of lines in place of their names; NULL if it grows too long. */
static gt_expr expanded(gt_derivation *d, gt_expr e, uint32_t *left)
{
    if (*left == 0)
        return NULL;
    --*left;
    if (e->kind == GT_LANG_NAME) {
        const gt_derived_line *line = gt_derivation_line(d, e->name);
        return line == NULL ? e : expanded(d, line->value, left);
    }
    if (e->kind == GT_LANG_NUMBER || gt_build_shape(d, e).number)
        return e;
    gt_lang_expression *copy = gt_pool_new(&d->pool, 1, sizeof *copy);
    gt_lang_expression **arguments = gt_pool_new(&d->pool, e->argument_count, sizeof *arguments);
    for (uint32_t i = 0; copy != NULL && arguments != NULL && i < e->argument_count; i++) {
        arguments[i] = (gt_lang_expression *)expanded(d, e->arguments[i], left);
        if (arguments[i] == NULL)
            return NULL;
    }
    d->no_memory = d->no_memory || copy == NULL || arguments == NULL;
    if (d->no_memory)
        return NULL;
    *copy = *e;
    copy->arguments = arguments;
    return e->kind == GT_LANG_BINARY ? gt_build_joined(d, e->operation, arguments[0], arguments[1]) : copy;
}

bool gt_derivation_formula(gt_derivation *derivation, const char *of, char *text, size_t size)
{
    gt_derivation *d = derivation;
    for (uint32_t i = 0; i < d->line_count; i++) {
        uint32_t left = MOST_NODES;
        if (d->lines[i].kind != GT_DERIVED_GRADIENT || strcmp(d->lines[i].of, of) != 0)
            continue;
        gt_expr whole = expanded(d, d->lines[i].value, &left);
        size_t used = gt_utf8_format(text, size, "%s = ", d->lines[i].name);
        return whole != NULL && gt_lang_print(whole, text + used, size - used) < size - used;
    }
    return false;
}
