#include "derive/symbols.h"

#include "base/utf8.h"
#include "derive/forms.h"
#include "lang/copy.h"
#include "lang/print.h"

#include <string.h>

static const char *kept(const gt_document *doc, const char *text)
{
    doc->d->no_memory = doc->d->no_memory || text == NULL;
    return text != NULL ? text : "";
}

static const char *joined(const gt_document *doc, const char *a, const char *b, const char *c)
{
    char text[1200];
    gt_utf8_format(text, sizeof text, "%s%s%s", a, b, c);
    return kept(doc, gt_lang_text(&doc->d->pool, text, strlen(text)));
}

static const gt_lang_equation *equation_of(const gt_document *doc, const char *name)
{
    for (uint32_t i = 0; i < doc->d->cell->equation_count; i++)
        if (strcmp(doc->d->cell->equations[i].name, name) == 0)
            return &doc->d->cell->equations[i];
    return NULL;
}

/* The time step of what has one: states, inputs and outputs. */
static const char *time_of(const gt_document *doc, const char *name)
{
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&doc->d->meaning.symbols, name);
    const gt_lang_equation *equation = equation_of(doc, name);
    if (symbol == NULL)
        return "";
    if (symbol->kind == GT_LANG_SYMBOL_STATE)
        return "t-1";
    if (symbol->kind == GT_LANG_SYMBOL_INPUT || (equation != NULL && equation->target != GT_LANG_LOCAL))
        return "t";
    return "";
}

/* Wf is W with f below, n_a n with a below; what has several letters else is a word. */
const char *gt_document_forward(const gt_document *doc, const char *name, const char *above)
{
    const gt_lang_symbol *known = gt_lang_symbols_find(&doc->d->meaning.symbols, name);
    size_t letters = strcspn(name, "'"), base = strcspn(name, "_'");
    const char *time = time_of(doc, name);
    if (base == letters && known != NULL && known->kind == GT_LANG_SYMBOL_PARAMETER && letters > 1)
        base = 1;
    if (base == 0)
        base = letters;
    size_t rest = base + (base < letters && name[base] == '_');
    const char *below = kept(doc, gt_lang_text(&doc->d->pool, name + rest, letters - rest));
    gt_symbol symbol = {.base = kept(doc, gt_lang_text(&doc->d->pool, name, base)),
                        .below = *time == '\0' ? below : joined(doc, below, *below != '\0' ? "," : "", time),
                        .above = above,
                        .word = base > 1};
    return kept(doc, doc->markup->symbol(doc->d, &symbol));
}

const char *gt_document_gradient(const gt_document *doc, const char *name, const char *above)
{
    const char *const *around = doc->markup->gradients[doc->notation];
    return joined(doc, around[0], gt_document_forward(doc, name, above), around[1]);
}

static bool has_total(const gt_derivation *d, const char *name)
{
    for (uint32_t i = 0; i < d->line_count; i++)
        if (d->lines[i].kind == GT_DERIVED_TOTAL && strcmp(d->lines[i].of, name) == 0)
            return true;
    return false;
}

const char *gt_document_symbol(const gt_document *doc, const char *name)
{
    const gt_derived_line *line = gt_derivation_line(doc->d, name);
    const gt_lang_symbol *known = gt_lang_symbols_find(&doc->d->meaning.symbols, name);
    if (line != NULL && line->kind != GT_DERIVED_VALUE)
        return gt_document_gradient(doc, line->of, "");
    /* Of all that reaches c' what comes from outside of the step is one part. */
    if (known != NULL && known->kind == GT_LANG_SYMBOL_GIVEN)
        return gt_document_gradient(doc, name + 1, has_total(doc->d, name + 1) ? "ext" : "");
    return gt_document_forward(doc, name, "");
}

static const char *name_of(void *naming, const gt_formula_node *node)
{
    return gt_document_symbol(naming, node->name);
}

static gt_formula_node look_several(const void *node)
{
    gt_formula_node seen = gt_lang_formula_reader.look(node);
    seen.axis += seen.axis >= 0 ? GT_DOCUMENT_SEVERAL : 0;
    return seen;
}

void gt_document_put(const gt_document *doc, const gt_lang_expression *e)
{
    gt_formula_reader several = gt_lang_formula_reader;
    several.look = look_several;
    bool axes = gt_lang_has_several_sizes(&doc->d->meaning);
    const gt_formula_job job = {.reader = axes ? &several : &gt_lang_formula_reader,
                                .notation = doc->markup->notation,
                                .name = name_of,
                                .naming = (void *)doc,
                                .digits = 6};
    gt_derive_put(doc->d, doc->text, &job, e);
}
