#include "derive/forms.h"

#include "base/memory.h"
#include "base/sized.h"
#include "lang/parsed.h"
#include "lang/print.h"

typedef void gt_derive_writer(gt_derivation *d, const gt_derive_options *options, gt_text *text);

static gt_derive_writer *const writers[] = {
    [GT_DERIVE_CELL] = gt_derive_write_cell,
    [GT_DERIVE_NUMPY] = gt_derive_write_numpy,
    [GT_DERIVE_TORCH] = gt_derive_write_torch,
    [GT_DERIVE_C] = gt_derive_write_c,
};

void gt_derive_put(gt_derivation *d, gt_text *text, const gt_formula_job *job, const gt_lang_expression *e)
{
    size_t length = gt_formula_print(job, e, NULL, 0);
    char *words = gt_pool_new(&d->pool, length + 1, 1);
    d->no_memory = d->no_memory || words == NULL;
    if (words == NULL)
        return;
    gt_formula_print(job, e, words, length + 1);
    gt_text_put(text, words, length);
}

static gt_status write(gt_derivation *d, const gt_derive_options *options, gt_text *text, gt_error *error)
{
    writers[options->form](d, options, text);
    if (!text->failed && !d->no_memory)
        return GT_OK;
    return gt_error_set(error, GT_ERROR_MEMORY, "derive: no memory for the text");
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
    if (gt_parsed_cell_get(parsed) == NULL || (size_t)o.form >= sizeof writers / sizeof *writers)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "derive: a cell without errors is needed, and a form that there is");
    gt_status status = gt_derivation_open(&derivation, parsed->file, gt_parsed_cell_tree(parsed), o.by_op, error);
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
