#include "derive/forms.h"

#include "base/memory.h"
#include "base/sized.h"
#include "base/utf8.h"
#include "derive/names.h"
#include "derive/verify.h"
#include "gradtape/nearest.h"
#include "lang/parsed.h"

#include <string.h>

typedef void gt_derive_writer(gt_derivation *d, const gt_derive_options *options, gt_text *text);

static gt_derive_writer *const writers[] = {
    [GT_DERIVE_CELL] = gt_derive_write_cell,      [GT_DERIVE_NUMPY] = gt_derive_write_numpy,
    [GT_DERIVE_TORCH] = gt_derive_write_torch,    [GT_DERIVE_C] = gt_derive_write_c,
    [GT_DERIVE_LATEX] = gt_derive_write_document, [GT_DERIVE_MARKDOWN] = gt_derive_write_document,
    [GT_DERIVE_HTML] = gt_derive_write_document,
};

void gt_derive_put(gt_derivation *d, gt_text *text, const gt_formula_job *job, const gt_lang_expression *e)
{
    if (e == NULL) {
        d->no_memory = true;
        return;
    }
    size_t length = gt_formula_print(job, e, NULL, 0);
    char *words = gt_pool_new(&d->pool, length + 1, 1);
    d->no_memory = d->no_memory || words == NULL;
    if (words == NULL)
        return;
    gt_formula_print(job, e, words, length + 1);
    gt_text_put(text, words, length);
}

void gt_derive_put_definitions(const gt_derivation *d, uint32_t begin, gt_text *text)
{
    for (uint32_t i = 0; i < d->file->definition_count; i++) {
        gt_lang_place place = d->file->definitions[i];
        if (place.offset + place.length > begin)
            break;
        gt_text_put(text, d->file->text + place.offset, place.length);
        gt_text_put(text, "\n", 1);
    }
}

static bool is_document(const gt_derive_options *options)
{
    return options->form == GT_DERIVE_LATEX || options->form == GT_DERIVE_MARKDOWN || options->form == GT_DERIVE_HTML;
}

/* Each name of the list "dWf,dc" must be that of a line. */
static gt_status check_blank(const gt_derivation *d, const char *list, gt_error *error)
{
    while (list != NULL && *list != '\0') {
        char name[GT_LANG_MAX_NAME + 4];
        gt_nearest nearest = {.wanted = name};
        size_t length = strcspn(list, ",");
        gt_utf8_format(name, sizeof name, "%.*s", (int)length, list);
        for (uint32_t i = 0; i < d->line_count; i++)
            gt_nearest_offer(&nearest, d->lines[i].name);
        if (gt_derivation_line(d, name) == NULL)
            return gt_error_set(error, GT_ERROR_ARGUMENT, "no line gives %s, so it cannot be left blank%s%s%s",
                                *name != '\0' ? name : "''", nearest.best != NULL ? "; did you mean " : "",
                                nearest.best != NULL ? nearest.best : "", nearest.best != NULL ? "?" : "");
        list += length + (list[length] == ',');
    }
    return GT_OK;
}

static gt_status write(gt_derivation *d, const gt_derive_options *options, gt_text *text, gt_error *error)
{
    gt_status status = check_blank(d, options->blank, error);
    if (status == GT_OK && is_document(options))
        status = gt_derivation_verify_paths(d, error);
    if (status == GT_OK && options->form == GT_DERIVE_TORCH && gt_derive_calls(d, GT_LANG_ARANGE))
        status = gt_error_set(error, GT_ERROR_ARGUMENT,
                              "%s cannot be written for PyTorch: arange(n), and with it an array of constants, has no "
                              "type and no device there; write it as NumPy or C",
                              d->cell->name);
    bool rows = options->form == GT_DERIVE_NUMPY || options->form == GT_DERIVE_TORCH || options->form == GT_DERIVE_C;
    if (status == GT_OK && rows && gt_lang_has_several_sizes(&d->meaning))
        status = gt_error_set(error, GT_ERROR_ARGUMENT,
                              "%s cannot be written as a program: its arrays have several sizes for each example, as "
                              "S[n_k, n_v] has; as a cell and as a document it can",
                              d->cell->name);
    if (status != GT_OK)
        return status;
    writers[options->form](d, options, text);
    if (!text->failed && !d->no_memory && !d->checker.no_memory)
        return GT_OK;
    return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the text");
}

static gt_status check_options(const gt_derive_options *o, gt_error *error)
{
    if ((size_t)o->form >= sizeof writers / sizeof *writers || (unsigned)o->notation > GT_DERIVE_BAR)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "there is no such form, or no such notation");
    if (!is_document(o) && (o->blank != NULL || o->notation != GT_DERIVE_D))
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "blanks and notations are for documents: latex, markdown and html");
    if (o->beamer && o->form != GT_DERIVE_LATEX)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "beamer is a class of LaTeX");
    return GT_OK;
}

gt_status gt_derive(const gt_parsed_cell *parsed, const gt_derive_options *options, char **text, size_t *size,
                    gt_error *error)
{
    gt_derive_options o = {0};
    gt_text written = {0};
    gt_derivation derivation = {0};
    *text = NULL;
    if (options != NULL)
        gt_take_sized(&o, options, sizeof o);
    if (gt_parsed_cell_get(parsed) == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "a cell without errors is needed");
    gt_status status = check_options(&o, error);
    if (status == GT_OK)
        status = gt_derivation_open(&derivation, parsed->file, gt_parsed_cell_tree(parsed), o.by_op, error);
    if (status == GT_OK)
        status = write(&derivation, &o, &written, error);
    gt_derivation_close(&derivation);
    if (status != GT_OK) {
        gt_text_free(&written);
        return status;
    }
    *text = written.bytes;
    if (size != NULL)
        *size = written.count;
    return GT_OK;
}

void gt_derive_free(char *text)
{
    gt_memory_free(text);
}
