/* A derivation as a document: equations, lines with shapes and reasons, the recursion, the Jacobian. */
#include "derive/build.h"
#include "derive/forms.h"
#include "derive/jacobian.h"
#include "derive/symbols.h"
#include "lang/copy.h"

#include <string.h>

typedef struct writer {
    gt_document doc;
    const gt_markup *m;
    const char *blank;     /* lines to leave out; NULL: none */
    uint32_t lines_in_row; /* since `lines` began; two rows of a formula are one more */
    uint32_t numbered;     /* lines of the section that have no number of their own */
} writer;

/* ---- words --------------------------------------------------------------------------------- */

static void put(writer *w, const char *text)
{
    gt_text_print(w->doc.text, "%s", text);
}

/* Names of a cell as they are written there. */
static void put_words(writer *w, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '_' && w->m->escapes)
            put(w, "\\_");
        else
            gt_text_put(w->doc.text, text, 1);
}

static void put_heading(writer *w, const char *title)
{
    gt_text_print(w->doc.text, "%s%s%s", w->m->heading[0], title, w->m->heading[1]);
}

static void begin_lines(writer *w)
{
    put(w, w->m->lines[0]);
    w->lines_in_row = 0;
    w->numbered = 0;
}

/* number 0: the next of its section. */
static void begin_line(writer *w, char kind, uint32_t number)
{
    w->numbered += number == 0;
    if (w->m->most_lines > 0 && w->lines_in_row >= w->m->most_lines) {
        put(w, w->m->lines[1]);
        put(w, w->m->lines[0]);
        w->lines_in_row = 0;
    }
    w->lines_in_row++;
    put(w, w->m->line[0]);
    gt_text_print(w->doc.text, "(%c%u)", kind, number > 0 ? number : w->numbered);
    put(w, w->m->line[1]);
}

static void put_size(writer *w, const gt_lang_size *size)
{
    gt_lang_size examples = gt_lang_size_name(GT_LANG_EXAMPLES);
    bool sum = size->term_count > 1;
    if (gt_lang_size_equal(size, &examples)) { /* whatever the cell calls m */
        const char *m = w->m->symbol(w->doc.d, &(gt_symbol){GT_LANG_EXAMPLES, "", "", false});
        w->doc.d->no_memory = w->doc.d->no_memory || m == NULL;
        put(w, m != NULL ? m : "");
        return;
    }
    put(w, sum ? w->m->notation->open : "");
    gt_document_put(&w->doc, gt_build_size(w->doc.d, size));
    put(w, sum ? w->m->notation->close : "");
}

static void put_shape(writer *w, const gt_lang_shape *shape)
{
    put(w, w->m->math[0]);
    put_size(w, &shape->rows);
    put(w, w->m->by);
    put_size(w, &shape->columns);
    put(w, w->m->math[1]);
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
static void put_rule(writer *w, const gt_derived_term *term)
{
    if (term->equation < 0) {
        put(w, "from outside of the step");
        return;
    }
    gt_text_print(w->doc.text, "from (F%d), rule of ", term->equation + 1);
    put_words(w, rule_words(term->rule));
}

/* "through f (F2)", of one contribution among several. */
static void put_source(writer *w, const gt_derived_term *term)
{
    if (term->equation < 0) {
        put(w, "from outside of the step");
        return;
    }
    put(w, "through ");
    put_words(w, w->doc.d->cell->equations[term->equation].name);
    gt_text_print(w->doc.text, " (F%d)", term->equation + 1);
}

/* ---- lines --------------------------------------------------------------------------------- */

static bool sums_examples(const gt_lang_expression *e)
{
    if (e->kind == GT_LANG_CALL && e->function == GT_LANG_SUM && e->axis == 1)
        return true;
    for (uint32_t i = 0; i < e->argument_count; i++)
        if (sums_examples(e->arguments[i]))
            return true;
    return false;
}

static void put_reason(writer *w, const gt_derived_line *line)
{
    put_shape(w, &line->shape);
    if (line->kind == GT_DERIVED_VALUE)
        put(w, "; a part of the forward pass that is read again");
    else if (line->term_count > 1)
        put(w, "; what meets here is added");
    else if (line->term_count == 1) {
        put(w, "; ");
        put_rule(w, &line->terms[0]);
    }
    if (line->kind != GT_DERIVED_VALUE && sums_examples(line->value))
        put(w, "; summed over the examples, along which it was stretched");
}

/* A row of a formula: what it begins with, its terms, and words behind it. */
static void put_row(writer *w, uint32_t i, const gt_derived_term *term)
{
    bool negative = i > 0 && gt_build_is_negative(term->value);
    put(w, i == 0 ? w->m->equals : negative ? w->m->minus : w->m->plus);
    gt_document_put(&w->doc, negative ? gt_build_negation(w->doc.d, term->value) : term->value);
    put(w, w->m->row[2]);
    put_source(w, term);
    put(w, w->m->row[3]);
}

/* Contributions that meet, one below the other, and what they come to if that is not their mere sum. */
static void put_meeting(writer *w, const gt_derived_line *line)
{
    gt_expr sum = line->terms[0].value;
    w->lines_in_row += line->term_count / 2;
    put(w, w->m->rows[0]);
    put(w, gt_document_symbol(&w->doc, line->name));
    put(w, w->m->row[1]);
    for (uint32_t i = 0; i < line->term_count; i++) {
        if (i > 0) {
            put(w, w->m->row_break);
            put(w, w->m->row[1]);
            sum = gt_build_sum(w->doc.d, sum, line->terms[i].value);
        }
        put_row(w, i, &line->terms[i]);
    }
    if (sum != NULL && !gt_lang_equal(sum, line->value)) {
        put(w, w->m->row_break);
        put(w, w->m->row[1]);
        put(w, w->m->equals);
        gt_document_put(&w->doc, line->value);
    }
    put(w, w->m->rows[1]);
}

static void put_formula(writer *w, const gt_derived_line *line)
{
    if (line->kind != GT_DERIVED_VALUE && line->term_count > 1) {
        put_meeting(w, line);
        return;
    }
    put(w, gt_document_symbol(&w->doc, line->name));
    put(w, w->m->equals);
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

static void put_line(writer *w, uint32_t i, bool blank)
{
    const gt_derived_line *line = &w->doc.d->lines[i];
    begin_line(w, 'B', i + 1);
    if (blank) {
        put(w, gt_document_symbol(&w->doc, line->name));
        put(w, w->m->equals);
        put(w, w->m->blank);
    } else {
        put_formula(w, line);
    }
    put(w, w->m->line[2]);
    if (blank)
        put_shape(w, &line->shape);
    else
        put_reason(w, line);
    put(w, w->m->line[3]);
}

/* ---- sections ------------------------------------------------------------------------------ */

static void put_forward(writer *w)
{
    const gt_derivation *d = w->doc.d;
    put_heading(w, "Forward");
    begin_lines(w);
    for (uint32_t i = 0; i < d->cell->equation_count; i++) {
        const gt_lang_equation *e = &d->cell->equations[i];
        begin_line(w, 'F', i + 1);
        put(w, gt_document_symbol(&w->doc, e->name));
        put(w, w->m->equals);
        gt_document_put(&w->doc, e->value);
        put(w, w->m->line[2]);
        if (!d->meaning.equations[i].shape.number)
            put_shape(w, &d->meaning.equations[i].shape);
        put(w, w->m->line[3]);
    }
    put(w, w->m->lines[1]);
}

static void put_backward(writer *w)
{
    put_heading(w, "Backward, one step");
    begin_lines(w);
    for (uint32_t i = 0; i < w->doc.d->line_count; i++)
        put_line(w, i, is_listed(w->blank, w->doc.d->lines[i].name));
    put(w, w->m->lines[1]);
}

static void put_solution(writer *w)
{
    put_heading(w, "Solution");
    begin_lines(w);
    for (uint32_t i = 0; i < w->doc.d->line_count; i++)
        if (is_listed(w->blank, w->doc.d->lines[i].name))
            put_line(w, i, false);
    put(w, w->m->lines[1]);
}

/* ---- through time -------------------------------------------------------------------------- */

static const gt_derived_line *gradient_line(const gt_derivation *d, const char *of, uint32_t *number)
{
    for (*number = 1; *number <= d->line_count; ++*number)
        if (d->lines[*number - 1].kind == GT_DERIVED_GRADIENT && strcmp(d->lines[*number - 1].of, of) == 0)
            return &d->lines[*number - 1];
    return NULL;
}

static const char *primed(writer *w, const char *state)
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
static void put_recursion(writer *w, const char *state)
{
    uint32_t number;
    const char *next = primed(w, state);
    const gt_derived_line *back = gradient_line(w->doc.d, state, &number);
    char name[GT_LANG_MAX_NAME + 4] = "d";
    strcat(name, next);
    begin_line(w, 'T', 0);
    put(w, gt_document_symbol(&w->doc, name));
    put(w, w->m->equals);
    put(w, gt_document_gradient(&w->doc, next, "cost"));
    if (back != NULL) {
        put(w, w->m->plus);
        put(w, gt_document_gradient(&w->doc, next, "t+1"));
    }
    put(w, w->m->line[2]);
    put(w, "from the cost of step t");
    if (back != NULL)
        gt_text_print(w->doc.text, ", and from step t + 1: its (B%u); nothing comes from behind the last step", number);
    put(w, w->m->line[3]);
}

/* The first parameter stands for all. */
static void put_parameter_sums(writer *w)
{
    const gt_lang_cell *cell = w->doc.d->cell;
    uint32_t number, count = 0;
    for (uint32_t i = 0; i < cell->declaration_count; i++) {
        const char *name = cell->declarations[i].name;
        if (cell->declarations[i].role != GT_LANG_PARAMETER || gradient_line(w->doc.d, name, &number) == NULL)
            continue;
        if (count++ == 0) {
            begin_line(w, 'T', 0);
            put(w, gt_document_gradient(&w->doc, name, ""));
            put(w, w->m->equals);
            put(w, w->m->total[0]);
            put(w, gt_document_gradient(&w->doc, name, "(t)"));
            put(w, w->m->total[1]);
            put(w, w->m->line[2]);
            gt_text_print(w->doc.text, "the share of step t is its (B%u)", number);
        } else {
            put(w, count == 2 ? "; likewise " : ", ");
            put_words(w, name);
            gt_text_print(w->doc.text, " (B%u)", number);
        }
    }
    put(w, count > 0 ? w->m->line[3] : "");
}

static void put_time(writer *w)
{
    const gt_lang_cell *cell = w->doc.d->cell;
    put_heading(w, "Through time");
    begin_lines(w);
    for (uint32_t i = 0; i < cell->declaration_count; i++)
        if (cell->declarations[i].role == GT_LANG_STATE)
            put_recursion(w, cell->declarations[i].name);
    put_parameter_sums(w);
    put(w, w->m->lines[1]);
}

/* ---- the Jacobian -------------------------------------------------------------------------- */

static void put_path(writer *w, const gt_path *path)
{
    if (path->factors == NULL)
        put(w, w->m->identity);
    for (const gt_path_factor *f = path->factors; f != NULL; f = f->next) {
        bool sum = gt_build_is_binary(f->value, GT_LANG_ADD) || gt_build_is_binary(f->value, GT_LANG_SUBTRACT);
        if (f != path->factors)
            put(w, w->m->juxtaposed);
        put(w, f->diagonal ? w->m->diagonal[0] : sum ? w->m->notation->open : "");
        gt_document_put(&w->doc, f->value);
        put(w, f->diagonal ? w->m->diagonal[1] : sum ? w->m->notation->close : "");
    }
    put(w, w->m->row[2]);
    put(w, path->direct ? "direct path, (" : "through ");
    if (!path->direct) {
        put_words(w, w->doc.d->cell->equations[path->equation].name);
        put(w, " (");
    }
    gt_text_print(w->doc.text, "F%u)", path->equation + 1);
    put(w, w->m->row[3]);
}

static void put_block(writer *w, const gt_path *paths, const char *to, const char *from)
{
    uint32_t count = 0;
    for (const gt_path *path = paths; path != NULL; path = path->next)
        count += strcmp(path->to, to) == 0;
    if (count == 0)
        return;
    begin_line(w, 'J', 0);
    w->lines_in_row += count / 2;
    put(w, w->m->rows[0]);
    gt_text_print(w->doc.text, "%s%s%s%s%s", w->m->ratio[0], gt_document_forward(&w->doc, to, ""), w->m->ratio[1],
                  gt_document_forward(&w->doc, from, ""), w->m->ratio[2]);
    put(w, w->m->row[1]);
    count = 0;
    for (const gt_path *path = paths; path != NULL; path = path->next) {
        if (strcmp(path->to, to) != 0)
            continue;
        if (count > 0) {
            put(w, w->m->row_break);
            put(w, w->m->row[1]);
        }
        put(w, count++ == 0 ? w->m->equals : path->negative ? w->m->minus : w->m->plus);
        if (count == 1 && path->negative)
            put(w, w->m->minus);
        put_path(w, path);
    }
    put(w, w->m->rows[1]);
    put(w, w->m->line[2]);
    put(w, "of one example");
    put(w, w->m->line[3]);
}

/* What cannot be verified as a product of matrices is not written as one. */
static void put_no_paths(writer *w, const char *state)
{
    begin_line(w, 'J', 0);
    put(w, gt_document_forward(&w->doc, state, ""));
    put(w, w->m->line[2]);
    put(w, "what goes from it to the next step is no sum of products of matrices, or one of very many");
    put(w, w->m->line[3]);
}

static void put_jacobian(writer *w)
{
    gt_derivation *d = w->doc.d;
    const gt_lang_cell *cell = d->cell;
    bool complete;
    put_heading(w, "The Jacobian of one step");
    begin_lines(w);
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
    put(w, w->m->lines[1]);
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
    writer w = {{d, m, options->notation, text}, m, options->blank, 0, 0};
    put(&w, options->fragment ? m->fragment[0] : m->document[0]);
    if (!options->fragment) {
        put(&w, "The backward pass of ");
        put_words(&w, d->cell->name);
        put(&w, m->document[1]);
    }
    put_forward(&w);
    put_backward(&w);
    put_time(&w);
    put_jacobian(&w);
    if (options->blank != NULL)
        put_solution(&w);
    put(&w, options->fragment ? m->fragment[1] : m->document[2]);
}
