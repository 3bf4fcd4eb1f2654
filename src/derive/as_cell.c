/* A derivation in the cell language: the cell as it is written, with the block behind it. */
#include "derive/forms.h"
#include "lang/print.h"

#include <string.h>

static uint32_t line_before(const char *text, uint32_t place)
{
    place -= place > 0;
    while (place > 0 && text[place - 1] != '\n' && text[place - 1] != '\r')
        place--;
    return place;
}

/* From the comment above the cell to the end of its last equation's line. */
static void put_cell(const gt_derivation *d, gt_text *text)
{
    const gt_lang_equation *last = &d->cell->equations[d->cell->equation_count - 1];
    while (last->implied)
        last--;
    const char *from = d->file->text, *all = from;
    uint32_t begin = d->cell->place.offset, end = last->place.offset + last->place.length;
    while (begin > 0 && from[begin - 1] != '\n' && from[begin - 1] != '\r')
        begin--;
    while (begin > 0 && from[line_before(from, begin)] == '#')
        begin = line_before(from, begin);
    while (end < d->file->size && from[end] != '\n' && from[end] != '\r')
        end++;
    gt_derive_put_definitions(d, begin, text);
    gt_text_put(text, all + begin, end - begin);
    gt_text_print(text, "\n\n");
}

static size_t width_of(const gt_derivation *d)
{
    size_t width = 0;
    for (uint32_t i = 0; i < d->line_count; i++)
        width = strlen(d->lines[i].name) > width ? strlen(d->lines[i].name) : width;
    return width;
}

static const char *said_of(const gt_derived_line *line)
{
    switch (line->kind) {
    case GT_DERIVED_VALUE:
        return "of the forward pass";
    case GT_DERIVED_TOTAL:
        return "all that reaches ";
    default:
        return NULL;
    }
}

static void put_line(gt_derivation *d, const gt_derived_line *line, size_t width, gt_text *text)
{
    static const gt_formula_job job = {.reader = &gt_lang_formula_reader, .notation = &gt_notation_cell};
    gt_text_print(text, "  %-*s = ", (int)width, line->name);
    gt_derive_put(d, text, &job, line->value);
    const char *said = said_of(line);
    if (said != NULL)
        gt_text_print(text, "  # %s%s", said, line->kind == GT_DERIVED_TOTAL ? line->of : "");
    gt_text_print(text, "\n");
}

static bool reads(const gt_lang_expression *e, const char *name)
{
    bool found = e->kind == GT_LANG_NAME && strcmp(e->name, name) == 0;
    for (uint32_t i = 0; i < gt_lang_operand_count(e) && !found; i++)
        found = reads(gt_lang_operand(e, i), name);
    return found;
}

/* What a state begins with has no gradient in a step, and what a step does with it none of that. */
static void put_beginnings(const gt_derivation *d, const char *name, bool in_steps, gt_text *text)
{
    for (uint32_t i = 0; i < d->cell->declaration_count; i++) {
        const gt_lang_declaration *of = &d->cell->declarations[i];
        if (of->begins_with == NULL || !reads(of->initial, name))
            continue;
        gt_text_print(text, "  # d%s is %sd%s at the first step, summed over the examples", name,
                      in_steps ? "also " : "", of->name);
        in_steps = true;
        if (of->initial->kind == GT_LANG_NAME)
            gt_text_print(text, "\n");
        else
            gt_text_print(text, ", through %s\n", of->begins_with);
    }
}

/* Names of which nothing depends have no gradient to be written. */
static void put_unreached(const gt_derivation *d, gt_text *text)
{
    for (uint32_t i = 0; i < d->cell->declaration_count; i++) {
        const char *name = d->cell->declarations[i].name;
        const gt_lang_symbol *symbol = gt_lang_symbols_find(&d->meaning.symbols, name);
        bool begins = symbol != NULL && symbol->begins != NULL;
        put_beginnings(d, name, !begins, text);
        if (!begins && !gt_derivation_reaches(d, name))
            gt_text_print(text, "  # no gradient reaches %s\n", name);
    }
}

void gt_derive_write_cell(gt_derivation *d, const gt_derive_options *options, gt_text *text)
{
    size_t width = width_of(d);
    if (!options->fragment)
        put_cell(d, text);
    gt_text_print(text, "backward\n");
    for (uint32_t i = 0; i < d->line_count; i++)
        put_line(d, &d->lines[i], width, text);
    put_unreached(d, text);
}
