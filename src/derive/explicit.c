/* A cell that computes the same, with an equation for each part whose gradient the derivation has. */
#include "derive/build.h"
#include "derive/forms.h"
#include "derive/jacobian.h"
#include "derive/verify.h"
#include "lang/names.h"

#include "lang/copy.h"
#include "lang/print.h"

#include <string.h>

typedef struct writer {
    gt_derivation *d;
    gt_text *text;
} writer;

static void put_expression(writer *w, gt_expr e)
{
    size_t length = e == NULL ? 0 : gt_lang_print(e, NULL, 0);
    char *text = gt_pool_new(&w->d->pool, length + 1, 1);
    if (e == NULL || text == NULL) {
        w->d->no_memory = true;
        return;
    }
    gt_lang_print(e, text, length + 1);
    gt_text_put(w->text, text, length);
}

static void put_equation(writer *w, const char *before, const char *name, gt_expr value)
{
    gt_text_print(w->text, "  %s%s = ", before, name);
    put_expression(w, value);
    gt_text_put(w->text, "\n", 1);
}

/* ---- what stands for what -------------------------------------------------------------------- */

/* The line of all that reaches a next state or an output; NULL if it is only what comes from outside. */
static const gt_derived_line *total_of(const gt_derivation *d, const char *name)
{
    for (uint32_t i = 0; i < d->line_count; i++)
        if (d->lines[i].kind == GT_DERIVED_TOTAL && strcmp(d->lines[i].of, name) == 0)
            return &d->lines[i];
    return NULL;
}

/* c' is c_total where its total has a line, whose gradient that is. No name of the cell ends so. */
static const char *joined(gt_derivation *d, const char *before, const char *name, const char *after)
{
    char text[3 * GT_LANG_MAX_NAME];
    size_t letters = strcspn(name, "'");
    memcpy(text, before, strlen(before));
    memcpy(text + strlen(before), name, letters);
    strcpy(text + strlen(before) + letters, after);
    const char *copy = gt_lang_text(&d->pool, text, strlen(text));
    d->no_memory = d->no_memory || copy == NULL;
    return copy != NULL ? copy : "";
}

#define TOTAL "__total"

static const char *forward_name(gt_derivation *d, const char *name)
{
    return total_of(d, name) != NULL ? joined(d, "", name, TOTAL) : name;
}

static const char *line_name(gt_derivation *d, const gt_derived_line *line)
{
    return line->kind == GT_DERIVED_TOTAL ? joined(d, "d", line->of, TOTAL) : line->name;
}

static const char *any_name(gt_derivation *d, const char *name)
{
    const gt_derived_line *line = gt_derivation_line(d, name);
    return line != NULL ? line_name(d, line) : forward_name(d, name);
}

static const gt_derived_part *part_at(const gt_derivation *d, gt_expr e)
{
    for (uint32_t i = 0; i < d->part_count; i++)
        if (d->parts[i].node == e)
            return &d->parts[i];
    return NULL;
}

/* The expression with the names of this cell; `whole`: it is the part itself. */
static gt_expr renamed(gt_derivation *d, gt_expr e, bool whole)
{
    const gt_derived_part *part = whole || e == NULL ? NULL : part_at(d, e);
    if (e == NULL)
        return NULL;
    if (part != NULL)
        return gt_build_name(d, part->name);
    if (e->kind == GT_LANG_NAME)
        return gt_build_name(d, any_name(d, e->name));
    if (e->kind == GT_LANG_NUMBER)
        return e;
    gt_lang_expression *copy = gt_pool_new(&d->pool, 1, sizeof *copy);
    gt_lang_expression **arguments = gt_pool_new(&d->pool, e->argument_count, sizeof *arguments);
    bool good = copy != NULL && arguments != NULL;
    for (uint32_t i = 0; good && i < e->argument_count; i++) {
        arguments[i] = (gt_lang_expression *)renamed(d, e->arguments[i], false);
        good = arguments[i] != NULL;
    }
    d->no_memory = d->no_memory || !good;
    if (!good)
        return NULL;
    if (e->kind == GT_LANG_BINARY)
        return gt_lang_new_binary(&d->pool, e->operation, arguments[0], arguments[1]);
    *copy = *e;
    copy->arguments = arguments;
    return copy;
}

/* ---- the cell ------------------------------------------------------------------------------ */

/* The name and the declarations, constants too, as they are written, and those that nobody wrote. */
static void put_declarations(writer *w)
{
    const gt_lang_cell *cell = w->d->cell;
    const char *text = w->d->file->text;
    uint32_t from = cell->place.offset, to = cell->equations_start;
    while (to > from && text[to - 1] != '\n' && text[to - 1] != '\r')
        to--;
    gt_derive_put_definitions(w->d, from, w->text);
    gt_text_print(w->text, "cell ");
    gt_text_put(w->text, text + from, to - from);
    for (uint32_t i = 0; i < cell->declaration_count; i++) {
        const gt_lang_declaration *d = &cell->declarations[i];
        if (!d->implied)
            continue;
        gt_text_print(w->text, "  %s %s[", d->role == GT_LANG_INPUT ? "input" : "state", d->name);
        put_expression(w, d->rows);
        gt_text_print(w->text, "]\n");
    }
}

/* The parts inside an expression, the innermost first. */
static void put_parts(writer *w, gt_expr e)
{
    for (uint32_t i = 0; i < e->argument_count; i++)
        put_parts(w, e->arguments[i]);
    const gt_derived_part *part = part_at(w->d, e);
    if (part != NULL)
        put_equation(w, "", part->name, renamed(w->d, e, true));
}

static void put_forward(writer *w, const gt_lang_equation *e)
{
    const char *own = forward_name(w->d, e->name);
    put_parts(w, e->value);
    gt_expr value = renamed(w->d, e->value, false);
    if (own != e->name) {
        put_equation(w, "", own, value);
        value = gt_build_name(w->d, own);
    }
    put_equation(w,
                 e->hidden                     ? "hidden "
                 : e->loss                     ? "loss "
                 : e->target == GT_LANG_OUTPUT ? "output "
                                               : "",
                 e->name, value);
}

/* The next value of a drawn state, which follows from its declaration. */
static bool is_kept(const gt_lang_cell *cell, const gt_lang_equation *e)
{
    const gt_lang_declaration *state =
        e->target == GT_LANG_NEXT ? gt_lang_find_declaration(cell, e->name, strlen(e->name) - 1) : NULL;
    return state != NULL && state->drawn;
}

static void put_cell(writer *w)
{
    put_declarations(w);
    for (uint32_t i = 0; i < w->d->cell->equation_count; i++)
        if (!w->d->cell->equations[i].constant && !is_kept(w->d->cell, &w->d->cell->equations[i]))
            put_forward(w, &w->d->cell->equations[i]);
    gt_text_print(w->text, "backward\n");
}

void gt_derivation_explicit(gt_derivation *d, gt_text *text)
{
    writer w = {d, text};
    put_cell(&w);
    for (uint32_t i = 0; i < d->line_count; i++)
        if (d->lines[i].kind != GT_DERIVED_VALUE)
            put_equation(&w, "", line_name(d, &d->lines[i]), renamed(d, d->lines[i].value, true));
}

/* ---- the Jacobian -------------------------------------------------------------------------- */

/* What reaches the state along a path: its matrices transposed, the leftmost first. */
static gt_expr along(gt_derivation *d, const gt_path *path)
{
    gt_expr g = gt_build_name(d, joined(d, "d", path->to, "'"));
    for (const gt_path_factor *f = path->factors; f != NULL; f = f->next)
        g = f->diagonal ? gt_build_product(d, g, f->value) : gt_build_matmul(d, gt_build_transpose(d, f->value), g);
    return path->negative ? gt_build_negation(d, g) : g;
}

bool gt_derivation_explicit_paths(gt_derivation *d, gt_text *text)
{
    writer w = {d, text};
    uint32_t count = 0;
    put_cell(&w);
    for (uint32_t i = 0; i < d->cell->declaration_count; i++) {
        const char *name = d->cell->declarations[i].name;
        bool complete;
        gt_expr sum = NULL;
        if (d->cell->declarations[i].role != GT_LANG_STATE)
            continue;
        const gt_path *path = gt_derive_find_paths(d, name, &complete);
        for (; complete && path != NULL; path = path->next)
            sum = sum == NULL ? along(d, path) : gt_build_sum(d, sum, along(d, path));
        if (sum != NULL) {
            put_equation(&w, "d", name, renamed(d, sum, true));
            count++;
        }
    }
    return count > 0;
}
