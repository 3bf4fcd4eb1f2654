/* A derivation as a document: equations, lines with shapes and reasons, the recursion, the Jacobian. */
#include "derive/as_python.h"
#include "derive/build.h"
#include "derive/page.h"
#include "dump/svg.h"
#include "lang/check_axes.h"
#include "lang/copy.h"

#include <string.h>

static void put_size(gt_page *w, const gt_lang_size *size)
{
    gt_lang_size examples = gt_lang_size_name(GT_LANG_EXAMPLES);
    bool sum = size->term_count > 1;
    if (gt_lang_size_equal(size, &examples)) { /* whatever the cell calls m */
        const char *m = w->m->symbol(w->doc.d, &(gt_symbol){GT_LANG_EXAMPLES, "", "", false});
        w->doc.d->no_memory = w->doc.d->no_memory || m == NULL;
        gt_page_put(w, m != NULL ? m : "");
        return;
    }
    gt_page_put(w, sum ? w->m->notation->open : "");
    gt_document_put(&w->doc, gt_build_size(w->doc.d, size));
    gt_page_put(w, sum ? w->m->notation->close : "");
}

static void put_shape(gt_page *w, const gt_lang_shape *shape)
{
    gt_page_put(w, w->m->math[0]);
    for (uint32_t axis = 0; axis < gt_lang_axis_count(shape); axis++) {
        gt_lang_size size = gt_lang_axis_size(shape, axis);
        put_size(w, &size);
        gt_page_put(w, w->m->by);
    }
    put_size(w, &shape->columns);
    gt_page_put(w, w->m->math[1]);
}

static const char *rule_words(const char *rule)
{
    static const char *const words[][2] = {
        {"+", "the sum"},        {"-", "the difference"},     {"*", "the product"},
        {"/", "the quotient"},   {"@", "the matrix product"}, {"**", "the power"},
        {".T", "the transpose"}, {"=", "a second name"},      {"slice", "the slice"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], rule) == 0)
            return words[i][1];
    return rule;
}

/* "from (F2), rule of sigmoid" */
static void put_rule(gt_page *w, const gt_derived_term *term)
{
    if (term->equation < 0) {
        gt_page_put(w, "from outside of the step");
        return;
    }
    gt_text_print(w->doc.text, "from (F%d), rule of ", term->equation + 1);
    gt_page_words(w, rule_words(term->rule));
}

/* "through f (F2)", of one contribution among several. */
static void put_source(gt_page *w, const gt_derived_term *term)
{
    if (term->equation < 0) {
        gt_page_put(w, "from outside of the step");
        return;
    }
    gt_page_put(w, "through ");
    gt_page_words(w, w->doc.d->cell->equations[term->equation].name);
    gt_text_print(w->doc.text, " (F%d)", term->equation + 1);
}

/* ---- lines --------------------------------------------------------------------------------- */

static bool sums_examples(gt_derivation *d, const gt_lang_expression *e)
{
    if (e->kind == GT_LANG_CALL && e->function == GT_LANG_SUM && e->axis > 0) {
        gt_lang_shape shape = gt_build_shape(d, e->arguments[0]);
        if (e->axis == (int)gt_lang_axis_count(&shape))
            return true;
    }
    for (uint32_t i = 0; i < e->argument_count; i++)
        if (sums_examples(d, e->arguments[i]))
            return true;
    return false;
}

static void put_reason(gt_page *w, const gt_derived_line *line)
{
    put_shape(w, &line->shape);
    if (line->kind == GT_DERIVED_VALUE)
        gt_page_put(w, "; a part of the forward pass that is read again");
    else if (line->term_count > 1)
        gt_page_put(w, "; what meets here is added");
    else if (line->term_count == 1) {
        gt_page_put(w, "; ");
        put_rule(w, &line->terms[0]);
    }
    if (line->kind != GT_DERIVED_VALUE && sums_examples(w->doc.d, line->value))
        gt_page_put(w, "; summed over the examples, along which it was stretched");
}

/* A row of a formula: what it begins with, its terms, and words behind it. */
static void put_row(gt_page *w, uint32_t i, const gt_derived_term *term)
{
    bool negative = i > 0 && gt_build_is_negative(term->value);
    gt_page_put(w, i == 0 ? w->m->equals : negative ? w->m->minus : w->m->plus);
    gt_document_put(&w->doc, negative ? gt_build_negation(w->doc.d, term->value) : term->value);
    gt_page_put(w, w->m->row[2]);
    put_source(w, term);
    gt_page_put(w, w->m->row[3]);
}

/* ---- for programs ---------------------------------------------------------------------------- */

static void put_attribute(gt_text *tag, const char *name, const gt_text *words)
{
    gt_text_print(tag, " data-%s=\"", name);
    gt_svg_write_text(tag, words->bytes != NULL ? words->bytes : "");
    gt_text_print(tag, "\"");
    tag->failed = tag->failed || words->failed;
}

/* A line with what it is of, its name, and what it is in LaTeX and in NumPy. */
static void begin_line(gt_page *w, char kind, uint32_t number, const char *of, const char *name, gt_expr value)
{
    gt_text tag = {0}, latex = {0}, numpy = {0};
    gt_document doc = {w->doc.d, &gt_markup_latex, w->doc.notation, &latex};
    if (!w->tagged || w->m != &gt_markup_html) {
        gt_page_line(w, kind, number);
        return;
    }
    gt_text_print(&tag, " data-of=\"%s\"", of);
    if (strcmp(name, of) != 0)
        gt_text_print(&tag, " data-name=\"%s\"", name);
    gt_text_print(&latex, "%s = ", gt_document_symbol(&doc, name));
    gt_document_put(&doc, value);
    put_attribute(&tag, "latex", &latex);
    if (!gt_lang_has_several_sizes(&w->doc.d->meaning)) { /* NumPy's forms know rows and columns alone */
        gt_numpy_put_line(w->doc.d, name, value, &numpy);
        put_attribute(&tag, "numpy", &numpy);
    }
    w->doc.text->failed = w->doc.text->failed || tag.failed;
    w->tag = &tag;
    gt_page_line(w, kind, number);
    w->tag = NULL;
    gt_text_free(&tag);
    gt_text_free(&latex);
    gt_text_free(&numpy);
}

/* ---- lines, continued ------------------------------------------------------------------------ */

/* Contributions that meet, one below the other, and what they come to if that is not their mere sum. */
static void put_meeting(gt_page *w, const gt_derived_line *line)
{
    gt_expr sum = line->terms[0].value;
    w->lines_in_row += line->term_count / 2;
    gt_page_put(w, w->m->rows[0]);
    gt_page_put(w, gt_document_symbol(&w->doc, line->name));
    gt_page_put(w, w->m->row[1]);
    for (uint32_t i = 0; i < line->term_count; i++) {
        if (i > 0) {
            gt_page_put(w, w->m->row_break);
            gt_page_put(w, w->m->row[1]);
            sum = gt_build_sum(w->doc.d, sum, line->terms[i].value);
        }
        put_row(w, i, &line->terms[i]);
    }
    if (sum != NULL && !gt_lang_equal(sum, line->value)) {
        gt_page_put(w, w->m->row_break);
        gt_page_put(w, w->m->row[1]);
        gt_page_put(w, w->m->equals);
        gt_document_put(&w->doc, line->value);
    }
    gt_page_put(w, w->m->rows[1]);
}

static void put_formula(gt_page *w, const gt_derived_line *line)
{
    if (line->kind != GT_DERIVED_VALUE && line->term_count > 1) {
        put_meeting(w, line);
        return;
    }
    gt_page_put(w, gt_document_symbol(&w->doc, line->name));
    gt_page_put(w, w->m->equals);
    gt_document_put(&w->doc, line->value);
}

/* Whether a name is in the list "dWf,dc". */
static bool is_listed(const char *list, const char *name)
{
    size_t length = strlen(name);
    while (list != NULL && *list != '\0') {
        size_t item = strcspn(list, ",");
        if (item == length && memcmp(list, name, length) == 0)
            return true;
        list += item + (list[item] == ',');
    }
    return false;
}

static void put_line(gt_page *w, uint32_t i, bool blank)
{
    const gt_derived_line *line = &w->doc.d->lines[i];
    begin_line(w, 'B', i + 1, line->of, line->name, line->value);
    if (blank) {
        gt_page_put(w, gt_document_symbol(&w->doc, line->name));
        gt_page_put(w, w->m->equals);
        gt_page_put(w, w->m->blank);
    } else {
        put_formula(w, line);
    }
    gt_page_put(w, w->m->line[2]);
    if (blank)
        put_shape(w, &line->shape);
    else
        put_reason(w, line);
    gt_page_put(w, w->m->line[3]);
}

/* ---- sections ------------------------------------------------------------------------------ */

static void put_forward(gt_page *w)
{
    const gt_derivation *d = w->doc.d;
    gt_page_heading(w, "Forward");
    gt_page_begin(w);
    for (uint32_t i = 0; i < d->cell->equation_count; i++) {
        const gt_lang_equation *e = &d->cell->equations[i];
        begin_line(w, 'F', i + 1, e->name, e->name, e->value);
        gt_page_put(w, gt_document_symbol(&w->doc, e->name));
        gt_page_put(w, w->m->equals);
        gt_document_put(&w->doc, e->value);
        gt_page_put(w, w->m->line[2]);
        if (!d->meaning.equations[i].shape.number)
            put_shape(w, &d->meaning.equations[i].shape);
        gt_page_put(w, w->m->line[3]);
    }
    gt_page_put(w, w->m->lines[1]);
}

static void put_backward(gt_page *w)
{
    gt_page_heading(w, "Backward, one step");
    gt_page_begin(w);
    for (uint32_t i = 0; i < w->doc.d->line_count; i++)
        put_line(w, i, is_listed(w->blank, w->doc.d->lines[i].name));
    gt_page_put(w, w->m->lines[1]);
}

static void put_solution(gt_page *w)
{
    gt_page_heading(w, "Solution");
    gt_page_begin(w);
    for (uint32_t i = 0; i < w->doc.d->line_count; i++)
        if (is_listed(w->blank, w->doc.d->lines[i].name))
            put_line(w, i, false);
    gt_page_put(w, w->m->lines[1]);
}

/* ---- all of it ----------------------------------------------------------------------------- */

static const gt_markup *markup_of(const gt_derive_options *options)
{
    if (options->form == GT_DERIVE_LATEX)
        return options->beamer ? &gt_markup_beamer : &gt_markup_latex;
    return options->form == GT_DERIVE_HTML ? &gt_markup_html : &gt_markup_markdown;
}

void gt_derive_write_document(gt_derivation *d, const gt_derive_options *options, gt_text *text)
{
    const gt_markup *m = markup_of(options);
    gt_page w = {{d, m, options->notation, text}, m, .blank = options->blank, .tagged = options->tagged};
    gt_page_put(&w, options->fragment ? m->fragment[0] : m->document[0]);
    if (!options->fragment) {
        gt_page_put(&w, "The backward pass of ");
        gt_page_words(&w, d->cell->name);
        gt_page_put(&w, m->document[1]);
    }
    put_forward(&w);
    put_backward(&w);
    gt_page_time(&w);
    gt_page_jacobian(&w);
    if (options->blank != NULL)
        put_solution(&w);
    gt_page_put(&w, options->fragment ? m->fragment[1] : m->document[2]);
}
