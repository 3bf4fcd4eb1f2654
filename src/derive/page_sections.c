/* What stands behind the derivation of one step: time, and the Jacobian. */
#include "derive/build.h"
#include "derive/jacobian.h"
#include "derive/page.h"
#include "lang/copy.h"

#include <string.h>

/* ---- through time -------------------------------------------------------------------------- */

static const gt_derived_line *gradient_line(const gt_derivation *d, const char *of, uint32_t *number)
{
    for (*number = 1; *number <= d->line_count; ++*number)
        if (d->lines[*number - 1].kind == GT_DERIVED_GRADIENT && strcmp(d->lines[*number - 1].of, of) == 0)
            return &d->lines[*number - 1];
    return NULL;
}

static const char *primed(gt_page *w, const char *state)
{
    char text[GT_LANG_MAX_NAME + 2];
    size_t length = strlen(state);
    memcpy(text, state, length);
    text[length] = '\'';
    const char *copy = gt_lang_text(&w->doc.d->pool, text, length + 1);
    w->doc.d->no_memory = w->doc.d->no_memory || copy == NULL;
    return copy != NULL ? copy : "";
}

/* dc_t from outside is what the cost of step t sends, and what step t + 1 sends back. */
static void put_recursion(gt_page *w, const char *state)
{
    uint32_t number;
    const char *next = primed(w, state);
    const gt_derived_line *back = gradient_line(w->doc.d, state, &number);
    char name[GT_LANG_MAX_NAME + 4] = "d";
    strcat(name, next);
    gt_page_line(w, 'T', 0);
    gt_page_put(w, gt_document_symbol(&w->doc, name));
    gt_page_put(w, w->m->equals);
    gt_page_put(w, gt_document_gradient(&w->doc, next, "cost"));
    if (back != NULL) {
        gt_page_put(w, w->m->plus);
        gt_page_put(w, gt_document_gradient(&w->doc, next, "t+1"));
    }
    gt_page_put(w, w->m->line[2]);
    gt_page_put(w, "from the cost of step t");
    if (back != NULL)
        gt_text_print(w->doc.text, ", and from step t + 1: its (B%u); nothing comes from behind the last step", number);
    gt_page_put(w, w->m->line[3]);
}

/* The first parameter stands for all. */
static void put_parameter_sums(gt_page *w)
{
    const gt_lang_cell *cell = w->doc.d->cell;
    uint32_t number, count = 0;
    for (uint32_t i = 0; i < cell->declaration_count; i++) {
        const char *name = cell->declarations[i].name;
        if (cell->declarations[i].role != GT_LANG_PARAMETER || gradient_line(w->doc.d, name, &number) == NULL)
            continue;
        if (count++ == 0) {
            gt_page_line(w, 'T', 0);
            gt_page_put(w, gt_document_gradient(&w->doc, name, ""));
            gt_page_put(w, w->m->equals);
            gt_page_put(w, w->m->total[0]);
            gt_page_put(w, gt_document_gradient(&w->doc, name, "(t)"));
            gt_page_put(w, w->m->total[1]);
            gt_page_put(w, w->m->line[2]);
            gt_text_print(w->doc.text, "the share of step t is its (B%u)", number);
        } else {
            gt_page_put(w, count == 2 ? "; likewise " : ", ");
            gt_page_words(w, name);
            gt_text_print(w->doc.text, " (B%u)", number);
        }
    }
    gt_page_put(w, count > 0 ? w->m->line[3] : "");
}

/* What a state begins with that is computed of parameters, which so get a gradient from before the first step. */
static void put_beginning(gt_page *w, const gt_lang_declaration *state)
{
    gt_page_line(w, 'T', 0);
    gt_page_put(w, gt_document_symbol(&w->doc, state->name));
    gt_page_put(w, w->m->equals);
    gt_document_put(&w->doc, state->initial);
    gt_page_put(w, w->m->line[2]);
    gt_page_put(w,
                "before the first step, in each example; the gradient there, summed over the examples, is that of it");
    gt_page_put(w, w->m->line[3]);
}

void gt_page_time(gt_page *w)
{
    const gt_lang_cell *cell = w->doc.d->cell;
    gt_page_heading(w, "Through time");
    gt_page_begin(w);
    for (uint32_t i = 0; i < cell->declaration_count; i++)
        if (cell->declarations[i].role == GT_LANG_STATE)
            put_recursion(w, cell->declarations[i].name);
    put_parameter_sums(w);
    for (uint32_t i = 0; i < cell->declaration_count; i++)
        if (cell->declarations[i].begins_with != NULL)
            put_beginning(w, &cell->declarations[i]);
    gt_page_put(w, w->m->lines[1]);
}

/* ---- the Jacobian -------------------------------------------------------------------------- */

static void put_path(gt_page *w, const gt_path *path)
{
    if (path->factors == NULL)
        gt_page_put(w, w->m->identity);
    for (const gt_path_factor *f = path->factors; f != NULL; f = f->next) {
        bool sum = gt_build_is_binary(f->value, GT_LANG_ADD) || gt_build_is_binary(f->value, GT_LANG_SUBTRACT);
        if (f != path->factors)
            gt_page_put(w, w->m->juxtaposed);
        gt_page_put(w, f->diagonal ? w->m->diagonal[0] : sum ? w->m->notation->open : "");
        gt_document_put(&w->doc, f->value);
        gt_page_put(w, f->diagonal ? w->m->diagonal[1] : sum ? w->m->notation->close : "");
    }
    gt_page_put(w, w->m->row[2]);
    gt_page_put(w, path->direct ? "direct path, (" : "through ");
    if (!path->direct) {
        gt_page_words(w, w->doc.d->cell->equations[path->equation].name);
        gt_page_put(w, " (");
    }
    gt_text_print(w->doc.text, "F%u)", path->equation + 1);
    gt_page_put(w, w->m->row[3]);
}

static void put_block(gt_page *w, const gt_path *paths, const char *to, const char *from)
{
    uint32_t count = 0;
    for (const gt_path *path = paths; path != NULL; path = path->next)
        count += strcmp(path->to, to) == 0;
    if (count == 0)
        return;
    gt_page_line(w, 'J', 0);
    w->lines_in_row += count / 2;
    gt_page_put(w, w->m->rows[0]);
    gt_text_print(w->doc.text, "%s%s%s%s%s", w->m->ratio[0], gt_document_forward(&w->doc, to, ""), w->m->ratio[1],
                  gt_document_forward(&w->doc, from, ""), w->m->ratio[2]);
    gt_page_put(w, w->m->row[1]);
    count = 0;
    for (const gt_path *path = paths; path != NULL; path = path->next) {
        if (strcmp(path->to, to) != 0)
            continue;
        if (count > 0) {
            gt_page_put(w, w->m->row_break);
            gt_page_put(w, w->m->row[1]);
        }
        gt_page_put(w, count++ == 0 ? w->m->equals : path->negative ? w->m->minus : w->m->plus);
        if (count == 1 && path->negative)
            gt_page_put(w, w->m->minus);
        put_path(w, path);
    }
    gt_page_put(w, w->m->rows[1]);
    gt_page_put(w, w->m->line[2]);
    gt_page_put(w, "of one example");
    gt_page_put(w, w->m->line[3]);
}

/* What cannot be verified as a product of matrices is not written as one. */
static void put_no_paths(gt_page *w, const char *state)
{
    gt_page_line(w, 'J', 0);
    gt_page_put(w, gt_document_forward(&w->doc, state, ""));
    gt_page_put(w, w->m->line[2]);
    gt_page_put(w, "what goes from it to the next step is no sum of products of matrices, or one of very many");
    gt_page_put(w, w->m->line[3]);
}

void gt_page_jacobian(gt_page *w)
{
    gt_derivation *d = w->doc.d;
    const gt_lang_cell *cell = d->cell;
    bool complete;
    gt_page_heading(w, "The Jacobian of one step");
    gt_page_begin(w);
    for (uint32_t i = 0; i < cell->declaration_count; i++) {
        if (cell->declarations[i].role != GT_LANG_STATE)
            continue;
        const gt_path *paths = gt_derive_find_paths(d, cell->declarations[i].name, &complete);
        if (!complete) {
            put_no_paths(w, cell->declarations[i].name);
            continue;
        }
        for (uint32_t k = 0; k < cell->equation_count; k++)
            if (cell->equations[k].target == GT_LANG_NEXT)
                put_block(w, paths, cell->equations[k].name, cell->declarations[i].name);
    }
    gt_page_put(w, w->m->lines[1]);
}
