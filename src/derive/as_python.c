#include "derive/as_python.h"

#include "derive/build.h"
#include "derive/dimensions.h"
#include "lang/meaning_parts.h"
#include "lang/print.h"

#include <string.h>

static const char *name_of(void *naming, const gt_formula_node *node)
{
    return gt_python_name(naming, node->name);
}

/* A function of numbers alone, such as sqrt(n_a), is no function of arrays. */
static const gt_notation *notation_of(void *naming, const void *node)
{
    const gt_python *p = naming;
    bool number = p->number_notation != NULL && gt_build_shape(p->d, node).number;
    return number ? p->number_notation : p->notation;
}

void gt_python_put(const gt_python *p, const gt_lang_expression *e)
{
    const gt_formula_job job = {.reader = &gt_lang_formula_reader,
                                .notation = p->notation,
                                .notation_of = notation_of,
                                .name = name_of,
                                .naming = (void *)p};
    gt_derive_put(p->d, p->text, &job, e);
}

const char *gt_python_name(const gt_python *p, const char *name)
{
    return gt_derive_code_name(&p->naming, name);
}

const char *gt_python_joined(const gt_python *p, const char *before, const char *name)
{
    const char *joined = gt_lang_joined(&p->d->checker, before, name, "");
    return joined == NULL ? "" : gt_python_name(p, joined);
}

/* ---- lists of names ------------------------------------------------------------------------ */

void gt_python_put_names(const gt_python *p, gt_lang_role role, const char *before, const char *behind)
{
    bool first = true;
    for (uint32_t i = 0; i < p->d->cell->declaration_count; i++) {
        const gt_lang_declaration *declaration = &p->d->cell->declarations[i];
        if (declaration->role != role)
            continue;
        gt_text_print(p->text, "%s%s%s", first ? "" : ", ", gt_python_joined(p, before, declaration->name), behind);
        first = false;
    }
}

void gt_python_put_results(const gt_python *p, const char *before)
{
    bool first = true;
    for (uint32_t i = 0; i < p->d->cell->declaration_count; i++)
        if (p->d->cell->declarations[i].role == GT_LANG_STATE) {
            const char *primed = gt_lang_joined(&p->d->checker, before, p->d->cell->declarations[i].name, "'");
            gt_text_print(p->text, "%s%s", first ? "" : ", ", primed == NULL ? "" : gt_python_name(p, primed));
            first = false;
        }
    for (uint32_t i = 0; i < p->d->cell->equation_count; i++)
        if (p->d->cell->equations[i].target == GT_LANG_OUTPUT)
            gt_text_print(p->text, ", %s", gt_python_joined(p, before, p->d->cell->equations[i].name));
}

void gt_python_put_shapes(const gt_python *p, const char *indentation, const char *steps)
{
    for (uint32_t i = 0; i < p->d->cell->declaration_count; i++) {
        const gt_lang_declaration *declaration = &p->d->cell->declarations[i];
        bool matrix = declaration->role == GT_LANG_PARAMETER, initial = declaration->role == GT_LANG_STATE && *steps;
        gt_text_print(p->text, "%s%s%s (", indentation, gt_python_name(p, declaration->name), initial ? "0" : "");
        gt_python_put(p, declaration->rows);
        gt_text_print(p->text, ", ");
        if (!matrix)
            gt_text_print(p->text, "m");
        else if (declaration->columns == NULL)
            gt_text_print(p->text, "1");
        else
            gt_python_put(p, declaration->columns);
        gt_text_print(p->text, "%s)\n", declaration->role == GT_LANG_INPUT ? steps : "");
    }
}

/* ---- parts of a module --------------------------------------------------------------------- */

void gt_python_put_helpers(const gt_python *p, const gt_python_helper *helpers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (gt_derive_calls(p->d, helpers[i].function))
            gt_text_print(p->text, "%s\n\n", helpers[i].text);
}

/* (W.shape[1] - n_x) // 2 */
static void put_source(const gt_python *p, const gt_derive_source *source)
{
    gt_text_print(p->text, "%s%s.shape[%d]", source->rest.term_count > 0 ? "(" : "",
                  gt_python_name(p, source->array->name), source->axis);
    if (source->rest.term_count > 0) {
        gt_text_print(p->text, " - (");
        gt_python_put(p, gt_build_size(p->d, &source->rest));
        gt_text_print(p->text, "))");
    }
    if (source->factor != 1)
        gt_text_print(p->text, " // %lld", (long long)source->factor);
}

static bool reads(const gt_python *p, const char *name, bool forward)
{
    return forward ? gt_derive_forward_reads(p->d, name) : gt_derive_lines_read(p->d, name);
}

/* A dimension is needed if a formula reads it, or one that is computed of it. */
static bool is_needed(const gt_python *p, const gt_derive_source *sources, uint32_t count, uint32_t i, bool forward)
{
    if (reads(p, sources[i].dimension, forward))
        return true;
    for (uint32_t k = i + 1; k < count; k++)
        for (uint32_t t = 0; t < sources[k].rest.term_count; t++)
            for (int f = 0; f < GT_LANG_MAX_FACTORS && sources[k].rest.terms[t].factors[f] != NULL; f++)
                if (strcmp(sources[k].rest.terms[t].factors[f], sources[i].dimension) == 0 &&
                    is_needed(p, sources, count, k, forward))
                    return true;
    return false;
}

const char *gt_python_first(const gt_python *p, gt_lang_role role)
{
    for (uint32_t i = 0; i < p->d->cell->declaration_count; i++)
        if (p->d->cell->declarations[i].role == role)
            return p->d->cell->declarations[i].name;
    return "";
}

void gt_python_put_dimensions(const gt_python *p, bool forward, const char *indentation)
{
    uint32_t count;
    const gt_derive_source *sources = gt_derive_find_dimensions(p->d, &count);
    const gt_lang_symbol *m = gt_lang_symbols_find(&p->d->meaning.symbols, GT_LANG_EXAMPLES);
    for (uint32_t i = 0; i < count; i++)
        if (is_needed(p, sources, count, i, forward)) {
            gt_text_print(p->text, "%s%s = ", indentation, gt_python_name(p, sources[i].dimension));
            put_source(p, &sources[i]);
            gt_text_print(p->text, "\n");
        }
    if (m != NULL && m->kind == GT_LANG_SYMBOL_EXAMPLES && reads(p, GT_LANG_EXAMPLES, forward))
        gt_text_print(p->text, "%s%s = %s.shape[1]\n", indentation, gt_python_name(p, GT_LANG_EXAMPLES),
                      gt_python_name(p, gt_python_first(p, GT_LANG_INPUT)));
}

/* What nothing depends on. */
void gt_python_put_unreached(const gt_python *p, const char *indentation, const char *function)
{
    for (uint32_t i = 0; i < p->d->cell->declaration_count; i++) {
        const char *name = p->d->cell->declarations[i].name;
        if (gt_derivation_reaches(p->d, name))
            continue;
        gt_text_print(p->text, "%s%s = %s(%s)\n", indentation, gt_python_joined(p, "d", name), function,
                      gt_python_name(p, name));
    }
}

void gt_python_put_forward(const gt_python *p, const char *indentation)
{
    for (uint32_t i = 0; i < p->d->cell->equation_count; i++) {
        const gt_lang_equation *e = &p->d->cell->equations[i];
        gt_text_print(p->text, "%s%s = ", indentation, gt_python_name(p, e->name));
        gt_python_put(p, e->value);
        gt_text_print(p->text, "\n");
    }
}

void gt_python_put_backward(const gt_python *p, const char *indentation)
{
    for (uint32_t i = 0; i < p->d->line_count; i++) {
        gt_text_print(p->text, "%s%s = ", indentation, gt_python_name(p, p->d->lines[i].name));
        gt_python_put(p, p->d->lines[i].value);
        if (p->d->lines[i].kind == GT_DERIVED_TOTAL)
            gt_text_print(p->text, "  # all that reaches %s", gt_python_name(p, p->d->lines[i].of));
        gt_text_print(p->text, "\n");
    }
}

/* ---- what is remembered -------------------------------------------------------------------- */

/* Of a dimension the array that tells it. */
static bool tells_size(const gt_python *p, const char *name)
{
    uint32_t count;
    const gt_derive_source *sources = gt_derive_find_dimensions(p->d, &count);
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(sources[i].array->name, name) == 0 && is_needed(p, sources, count, i, false))
            return true;
    return strcmp(name, gt_python_first(p, GT_LANG_INPUT)) == 0 && gt_derive_lines_read(p->d, GT_LANG_EXAMPLES);
}

uint32_t gt_python_each_remembered(const gt_python *p, gt_python_visit *visit)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->d->cell->declaration_count; i++) {
        const char *name = p->d->cell->declarations[i].name;
        if (gt_derive_lines_read(p->d, name) || tells_size(p, name) || !gt_derivation_reaches(p->d, name))
            visit(p, name, count++);
    }
    for (uint32_t i = 0; i < p->d->cell->equation_count; i++)
        if (gt_derive_lines_read(p->d, p->d->cell->equations[i].name))
            visit(p, p->d->cell->equations[i].name, count++);
    return count;
}
