/*
 * A cell's backward pass in every notation: what is derived is verified by the tape, the cell with its
 * `backward` block is one that can be read, and documents are text. Bytes that begin with a letter of
 * ASCII are the text of a cell; all others make one, whose choices they are.
 */
#include "cell_writer.h"
#include "fuzz.h"

#include "base/utf8.h"
#include "gradtape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The lines that the fuzzer may ask to be left blank: those there are, and one that there is not. */
static const char *const blanks[] = {NULL, "dW0", "da,dx", "dz"};

static gt_derive_options read_options(fuzz_bytes *bytes)
{
    gt_derive_options o = {.form = (gt_derive_form)fuzz_choose(bytes, GT_DERIVE_HTML + 1)};
    uint32_t flags = fuzz_choose(bytes, 256);
    bool document = o.form >= GT_DERIVE_LATEX;
    o.by_op = (flags & 1) != 0;
    o.fragment = (flags & 2) != 0 && (o.form == GT_DERIVE_CELL || o.form == GT_DERIVE_NUMPY);
    o.beamer = (flags & 4) != 0 && o.form == GT_DERIVE_LATEX;
    o.notation = document ? (gt_derive_notation)(flags >> 3 & 3) % 3 : GT_DERIVE_D;
    o.blank = document ? blanks[flags >> 5 & 3] : NULL;
    return o;
}

/* A whole cell is read again without an error, and has a line for each gradient. */
static void read_again(const char *text, size_t size)
{
    gt_error error = {0};
    gt_parsed_cell *again = gt_cell_parse(text, size, &(gt_cell_parse_options){.file = "derived.cell"});
    if (gt_parsed_cell_status(again, &error) != GT_OK || strstr(text, "backward") == NULL) {
        fprintf(stderr, "%s\n%s\n", text, error.message);
        abort();
    }
    gt_parsed_cell_free(again);
}

static void derive(const gt_parsed_cell *parsed, const gt_derive_options *options)
{
    gt_error error = {0};
    char *text = NULL;
    size_t size = 0;
    gt_status status = gt_derive(parsed, options, &text, &size, &error);
    if (status == GT_OK) {
        if (text == NULL || size == 0 || strlen(text) != size || !gt_utf8_valid(text, size))
            abort();
        if (options->form == GT_DERIVE_CELL && !options->fragment)
            read_again(text, size);
    } else if (text != NULL || error.message[0] == '\0' || status == GT_ERROR_VALUE) {
        fprintf(stderr, "%s\n", error.message); /* GT_ERROR_VALUE: a line that the tape refutes */
        abort();
    }
    gt_derive_free(text);
}

static void derive_text(const char *text, size_t size, const gt_derive_options *options)
{
    gt_parsed_cell *parsed = gt_cell_parse(text, size, &(gt_cell_parse_options){.file = "fuzz.cell"});
    if (getenv("FUZZ_SHOW") != NULL)
        fprintf(stderr, "%.*s\nform %d\n", (int)size, text, (int)options->form);
    if (parsed != NULL && gt_parsed_cell_get(parsed) != NULL)
        derive(parsed, options);
    gt_parsed_cell_free(parsed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t hash = fuzz_hash(data, size);
    const uint8_t made[] = {(uint8_t)hash, (uint8_t)(hash >> 8)};
    cell_source source = cell_begin((fuzz_bytes){data, data + size}, (fuzz_bytes){made, made + sizeof made});
    gt_derive_options options = read_options(&source.choices);
    if (cell_end(&source))
        derive_text(source.text, source.size, &options);
    return 0;
}
