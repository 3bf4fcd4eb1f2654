/*
 * A cell from text to numbers: parsed, recorded, differentiated, planned without some
 * of the passes, run, and compared with the interpreter. Bytes that begin with a
 * letter of ASCII are the text of a cell; all others make one, whose choices they are.
 */
#include "fuzz.h"

#include "cell_writer.h"
#include "run_cell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static run_settings read_settings(fuzz_bytes *bytes)
{
    run_settings s = {.steps = 1};
    for (int i = 0; i < 4; i++)
        s.sizes[i] = 1 + (3 + i + (int64_t)fuzz_choose(bytes, 5)) % 5;
    s.examples = 1 + (int64_t)fuzz_choose(bytes, 6);
    s.steps = 1 + (int64_t)fuzz_choose(bytes, 4);
    uint32_t flags = fuzz_choose(bytes, 256);
    s.unrolled = (flags & 1) != 0;
    s.second_order = (flags & 6) == 6;
    /* All passes in one case of two: what fails then fails for users, too. */
    for (int i = 0; i < 3 && (flags & 8) != 0; i++)
        s.skip = s.skip << 8 | fuzz_choose(bytes, 256);
    s.seed = fuzz_choose(bytes, 256);
    return s;
}

/* With FUZZ_SHOW set, for a person who looks at an input that fails. */
static void show(const char *text, size_t size, const run_settings *s, const gt_parsed_cell *parsed)
{
    gt_error error = {0};
    gt_parsed_cell_status(parsed, &error);
    fprintf(stderr, "%.*s\n%s\n", (int)size, text, error.message);
    fprintf(stderr, "sizes %d %d %d, m = %d, T = %d, unrolled %d, second order %d, skip %x, seed %u\n",
            (int)s->sizes[0], (int)s->sizes[1], (int)s->sizes[2], (int)s->examples, (int)s->steps, s->unrolled,
            s->second_order, (unsigned)s->skip, (unsigned)s->seed);
}

static void run_text(const char *text, size_t size, const run_settings *settings)
{
    const gt_cell_parse_options options = {.file = "fuzz.cell"};
    gt_parsed_cell *parsed = gt_cell_parse(text, size, &options);
    if (getenv("FUZZ_SHOW") != NULL)
        show(text, size, settings, parsed);
    if (parsed != NULL && gt_parsed_cell_get(parsed) != NULL)
        run_cell(parsed, settings);
    gt_parsed_cell_free(parsed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t hash = fuzz_hash(data, size);
    uint8_t made[16];
    for (int i = 0; i < 16; i++)
        made[i] = (uint8_t)((hash = hash * 1664525u + 1013904223u) >> 24);
    cell_source source = cell_begin((fuzz_bytes){data, data + size}, (fuzz_bytes){made, made + sizeof made});
    run_settings settings = read_settings(&source.choices);
    if (cell_end(&source))
        run_text(source.text, source.size, &settings);
    return 0;
}
