/* Layers of a network as a person writes them. */
#include "gradtape/network.h"

#include "base/utf8.h"

#include <string.h>

#define BLANKS " \t\n"
#define MOST_UNITS 65536

static const char form[] = "write layers as \"gru, lstm\" or \"bi(lstm 128), gru 64\"";

typedef struct reading {
    const char *text, *at;
    gt_error *error;
} reading;

static void skip(reading *r)
{
    r->at += strspn(r->at, BLANKS);
}

static bool fail(const reading *r, const char *what)
{
    int length = gt_utf8_fit(r->at, 40);
    gt_error_set(r->error, GT_ERROR_ARGUMENT, "%s%s%.*s%s: %s", what, *r->at == '\0' ? " at the end of " : " before \"",
                 *r->at == '\0' ? gt_utf8_fit(r->text, 80) : length, *r->at == '\0' ? r->text : r->at,
                 *r->at == '\0' ? "" : "\"", form);
    return false;
}

/* " 128", if there is one. */
static bool read_units(reading *r, gt_layer_text *layer)
{
    skip(r);
    size_t digits = strspn(r->at, "0123456789"), word = strcspn(r->at, BLANKS ",()");
    if (word == 0)
        return true;
    for (size_t i = 0; i < digits && layer->hidden <= MOST_UNITS; i++)
        layer->hidden = 10 * layer->hidden + (r->at[i] - '0');
    if (digits < word || layer->hidden < 1 || layer->hidden > MOST_UNITS)
        return fail(r, "a comma, or the number of units, from 1 to 65536, is missing");
    r->at += word;
    skip(r);
    return true;
}

static bool read_cell(reading *r, gt_layer_text *layer)
{
    skip(r);
    layer->cell = r->at;
    layer->length = strcspn(r->at, BLANKS ",()");
    if (layer->length == 0)
        return fail(r, "a cell is missing");
    r->at += layer->length;
    return read_units(r, layer);
}

static bool read_layer(reading *r, gt_layer_text *layer)
{
    *layer = (gt_layer_text){.cell = NULL};
    skip(r);
    layer->bidirectional = strncmp(r->at, "bi", 2) == 0 && r->at[2 + strspn(r->at + 2, BLANKS)] == '(';
    if (layer->bidirectional)
        r->at = strchr(r->at, '(') + 1;
    if (!read_cell(r, layer))
        return false;
    if (layer->bidirectional && *r->at++ != ')') {
        r->at--;
        return fail(r, "the ) of bi(, which holds one layer, is missing");
    }
    skip(r);
    return *r->at == ',' || *r->at == '\0' || fail(r, "a comma is missing");
}

gt_status gt_layers_read(const char *text, gt_layer_text layers[GT_MAX_LAYERS], uint32_t *count, gt_error *error)
{
    reading r = {text, text, error};
    *count = 0;
    for (;; r.at++) {
        if (*count == GT_MAX_LAYERS)
            return gt_error_set(error, GT_ERROR_ARGUMENT, "a network has at most %d layers", GT_MAX_LAYERS);
        if (!read_layer(&r, &layers[*count]))
            return GT_ERROR_ARGUMENT;
        ++*count;
        if (*r.at == '\0')
            return GT_OK;
    }
}
