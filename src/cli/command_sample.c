/* gradtape sample: text that a trained model writes. */
#include "base/utf8.h"
#include "command/json.h"
#include "command/options.h"
#include "command/signals.h"
#include "command/terminal.h"
#include "training/model.h"

#include <stdlib.h>
#include <string.h>

static int sample(const gt_command *command, int argument_count, char **arguments);

const gt_command gt_command_sample = {
    .name = "sample",
    .summary = "writes text with a trained model",
    .run = sample,
};

typedef struct sample_settings {
    const char *model, *prompt;
    double temperature;
    int64_t length, seed, threads;
    bool json;
} sample_settings;

static const char description[] =
    "Writes text, one character after the other, each drawn with the probability that the model "
    "gives it after those before. The prompt, if there is one, comes first. The same seed gives "
    "the same text.";

static const char examples[] = "  gradtape sample --model c.model.npz --prompt 'static int ' --temperature 0.6\n";

static bool parse(sample_settings *s, const gt_command *command, int argument_count, char **arguments, int *status)
{
    const gt_option options[] = {
        GT_OPTION_TEXT("model", "FILE", &s->model, "model that gradtape train saved", .required = true,
                       .file = GT_FILE_ARCHIVE),
        GT_OPTION_TEXT("prompt", "TEXT", &s->prompt, "text to go on from"),
        GT_OPTION_REAL("temperature", "R", &s->temperature, 0, 100,
                       "below 1 more cautious, above more daring; 0: always the most probable"),
        GT_OPTION_INTEGER("length", "N", &s->length, 1, 1000000000, "characters to write"),
        GT_OPTION_INTEGER("seed", "N", &s->seed, 0, 4294967295, "start of everything random"),
        GT_OPTION_THREADS(&s->threads),
        GT_OPTION_FLAG("json", &s->json, "print JSON", .file = GT_FILE_PRINTED),
        GT_OPTION_END,
    };
    const gt_usage usage = {.command = command, .options = options, .description = description, .examples = examples};
    return gt_usage_parse(&usage, argument_count, arguments, status);
}

/* ---- the prompt ---------------------------------------------------------------------------- */

static bool check_known(const gt_vocabulary *vocabulary, const gt_symbols *prompt, gt_error *error)
{
    for (size_t i = 0; i < prompt->count; i++) {
        uint32_t symbol = prompt->list[i];
        if (gt_vocabulary_token(vocabulary, symbol) >= 0)
            continue;
        char text[GT_SYMBOL_SIZE] = "";
        gt_vocabulary_text(&(gt_vocabulary){.symbols = &symbol, .count = 1, .bytes = vocabulary->bytes}, 0, text);
        bool printable = symbol > 32 && symbol != 127 && (!vocabulary->bytes || symbol < 127);
        gt_error_set(error, GT_ERROR_VALUE,
                     "--prompt: character %zu, %s%s%s%s%04X, does not occur in the text that the "
                     "model was trained on",
                     i + 1, printable ? "'" : "", printable ? text : "", printable ? "' " : "",
                     vocabulary->bytes ? "0x" : "U+", symbol);
        return false;
    }
    return true;
}

static bool read_prompt(const gt_vocabulary *vocabulary, const char *prompt, gt_symbols *symbols, gt_error *error)
{
    if (prompt == NULL)
        return true;
    if (!vocabulary->bytes && !gt_utf8_valid(prompt, strlen(prompt))) {
        gt_error_set(error, GT_ERROR_FORMAT,
                     "--prompt is not UTF-8, but the model reads characters: write it in a terminal whose encoding is "
                     "UTF-8, or train a model with 'gradtape train --bytes'");
        return false;
    }
    return gt_symbols_append(symbols, "--prompt", (const unsigned char *)prompt, strlen(prompt), vocabulary->bytes,
                             error) &&
           check_known(vocabulary, symbols, error);
}

/* Without a prompt the model goes on from the end of a line, or failing that from its first symbol. */
static int32_t first_token(const gt_vocabulary *vocabulary)
{
    int32_t newline = gt_vocabulary_token(vocabulary, '\n');
    return newline >= 0 ? newline : 0;
}

/* ---- the text ------------------------------------------------------------------------------ */

/* Where written text goes: to stdout as it comes, or kept for JSON. */
typedef struct writer {
    const gt_vocabulary *vocabulary;
    bool terminal;    /* stdout is one: it is not sent its own control codes */
    gt_symbols *kept; /* NULL: print */
} writer;

static bool keep(gt_symbols *symbols, uint32_t symbol)
{
    if (symbols->count == symbols->capacity) {
        size_t capacity = symbols->capacity * 2 + 256;
        uint32_t *list = realloc(symbols->list, capacity * sizeof *list);
        if (list == NULL)
            return false;
        symbols->list = list;
        symbols->capacity = capacity;
    }
    symbols->list[symbols->count++] = symbol;
    return true;
}

/* False when there is no use in going on. */
static bool write_token(const writer *w, int32_t token)
{
    uint32_t symbol = w->vocabulary->symbols[token];
    if (w->kept != NULL)
        return keep(w->kept, symbol);
    char text[GT_SYMBOL_SIZE];
    size_t size = gt_vocabulary_text(w->vocabulary, token, text);
    if (w->terminal && symbol != '\n' && symbol != '\t')
        gt_terminal_text(stdout, text, size);
    else
        fwrite(text, 1, size, stdout);
    /* Somebody looks at a terminal; what reads a file or a pipe gets lines. */
    return w->terminal || symbol == '\n' ? fflush(stdout) == 0 : !ferror(stdout);
}

/* Feeds the prompt and then what comes out; writes both. */
static bool generate(gt_sampler *sampler, const gt_symbols *prompt, const sample_settings *s, const writer *w,
                     gt_error *error)
{
    const gt_vocabulary *vocabulary = w->vocabulary;
    int32_t next = first_token(vocabulary);
    if (prompt->count == 0 && gt_sampler_step(sampler, next, &next, error) != GT_OK)
        return false;
    for (size_t i = 0; i < prompt->count; i++) {
        int32_t token = gt_vocabulary_token(vocabulary, prompt->list[i]);
        gt_sampler_reseed(sampler,
                          (uint32_t)s->seed); /* the text depends on the seed, not on the length of the prompt */
        if (!write_token(w, token) || gt_sampler_step(sampler, token, &next, error) != GT_OK)
            return false;
    }
    for (int64_t i = 0; i < s->length && !gt_signals_came(NULL); i++) {
        if (!write_token(w, next))
            return false;
        if (i + 1 < s->length && gt_sampler_step(sampler, next, &next, error) != GT_OK)
            return false;
    }
    return true;
}

/* ---- JSON ---------------------------------------------------------------------------------- */

/* Symbols as UTF-8; of a model of bytes, what is not ASCII becomes U+FFFD. */
static char *join(const gt_vocabulary *vocabulary, const gt_symbols *symbols)
{
    char *text = calloc(symbols->count + 1, 4);
    size_t size = 0;
    for (size_t i = 0; text != NULL && i < symbols->count; i++) {
        uint32_t symbol = symbols->list[i];
        if ((vocabulary->bytes && symbol >= 128) || symbol == 0)
            symbol = 0xFFFD;
        char one[GT_SYMBOL_SIZE];
        gt_vocabulary character = {.symbols = &symbol, .count = 1};
        size_t length = gt_vocabulary_text(&character, 0, one);
        memcpy(text + size, one, length);
        size += length;
    }
    return text;
}

static int print_json(const gt_command *command, const sample_settings *s, const gt_model *model,
                      const gt_symbols *symbols)
{
    char *text = join(&model->vocabulary, symbols);
    if (text == NULL)
        return gt_command_fail(command, "out of memory");
    gt_json *json = gt_json_begin(command, 1);
    if (json == NULL) {
        free(text);
        return GT_EXIT_USAGE;
    }
    gt_json_text(json, "model", s->model);
    gt_json_real(json, "temperature", s->temperature);
    gt_json_integer(json, "seed", s->seed);
    gt_json_text(json, "encoding", model->vocabulary.bytes ? "bytes" : "utf-8");
    gt_json_text(json, "text", text);
    gt_json_array(json, "symbols"); /* code points or bytes, exactly */
    for (size_t i = 0; i < symbols->count; i++)
        gt_json_integer(json, NULL, symbols->list[i]);
    gt_json_close(json);
    free(text);
    return gt_json_finish(json, GT_EXIT_GOOD);
}

/* ---- the command --------------------------------------------------------------------------- */

static int run(const gt_command *command, const sample_settings *s, gt_model *model, gt_threads **threads,
               gt_sampler **sampler, gt_symbols *prompt, gt_symbols *kept)
{
    gt_error error = {0};
    if (!gt_model_load(model, s->model, false, &error) || !read_prompt(&model->vocabulary, s->prompt, prompt, &error) ||
        gt_engine_threads(gt_settings_engine(&model->settings), s->threads, threads, &error) != GT_OK)
        return gt_command_fail_error(command, &error);
    if (model->data.present) {
        gt_error_set(&error, GT_ERROR_ARGUMENT, "%s learnt from sequences, not from a text: it does not write",
                     s->model);
        return gt_command_fail_error(command, &error);
    }
    *sampler = gt_sampler_new(&model->network, model->parameters, s->temperature, (uint32_t)s->seed,
                              gt_settings_engine(&model->settings), *threads, &error);
    if (*sampler == NULL)
        return gt_command_fail_error(command, &error);
    const writer w = {
        .vocabulary = &model->vocabulary, .terminal = gt_terminal_is(stdout), .kept = s->json ? kept : NULL};
    gt_signals_ask();
    bool good = generate(*sampler, prompt, s, &w, &error);
    gt_signals_end_again();
    if (!s->json && !ferror(stdout))
        putchar('\n');
    if (error.status != GT_OK)
        return gt_command_fail_error(command, &error);
    if (!good) /* no memory, or stdout is full or closed, of which gt_terminal_finish speaks */
        return s->json ? gt_command_fail(command, "out of memory") : GT_EXIT_USAGE;
    return s->json ? print_json(command, s, model, kept) : GT_EXIT_GOOD;
}

static int sample(const gt_command *command, int argument_count, char **arguments)
{
    sample_settings s = {.temperature = 0.8, .length = 500, .seed = 1};
    int status;
    if (!parse(&s, command, argument_count, arguments, &status))
        return status;
    gt_model model = {0};
    gt_threads *threads = NULL;
    gt_sampler *sampler = NULL;
    gt_symbols prompt = {0}, kept = {0};
    status = run(command, &s, &model, &threads, &sampler, &prompt, &kept);
    gt_sampler_free(sampler);
    gt_threads_free(threads);
    gt_model_free(&model);
    gt_symbols_free(&prompt);
    gt_symbols_free(&kept);
    return status;
}
