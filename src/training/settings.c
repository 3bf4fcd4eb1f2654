#include "training/settings.h"

#include "base/utf8.h"
#include "command/constants.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- choices ------------------------------------------------------------------------------- */

static const char *const optimizers[] = {"adam", "sgd", "adamw", "rmsprop", "adagrad", NULL}; /* gt_optimizer_kind */
static const double usual_rates[] = {0.005, 0.5, 0.005, 0.002, 0.02};
static const char *const schedules[] = {"auto", "constant", "cosine", "exponential", NULL};
enum { SCHEDULE_AUTO, SCHEDULE_CONSTANT, SCHEDULE_COSINE, SCHEDULE_EXPONENTIAL };

gt_dtype gt_settings_dtype(const gt_settings *settings)
{
    return gt_real_type(settings->dtype);
}

gt_engine gt_settings_engine(const gt_settings *settings)
{
    return (gt_engine)settings->engine;
}

/* ---- the table ----------------------------------------------------------------------------- */

void gt_settings_fixed(gt_settings *s, gt_option rows[GT_FIXED_COUNT + 1])
{
    const gt_option table[GT_FIXED_COUNT + 1] = {
        GT_OPTION_TEXT(
            "cell", "CELL", &s->cell,
            "recurrent cell: a name ('gradtape cells' lists them), or FILE.cell; or layers, from below: 'bi(lstm 128), "
            "gru 64', where bi( ) reads in both directions and a number is the layer's --hidden",
            .file = GT_FILE_CELL),
        GT_OPTION_TEXT("dims", "NAME=N,...", &s->dims, "sizes that the cell names besides n_x and n_a",
                       .no_default = true),
        GT_OPTION_INTEGER("hidden", "N", &s->hidden, 1, 65536, "units of each layer"),
        GT_OPTION_INTEGER("layers", "N", &s->layers, 1, GT_MAX_LAYERS,
                          "layers of cells; of several in --cell: how often they follow each other"),
        GT_OPTION_INTEGER("embedding", "N", &s->embedding, 1, 65536, "numbers that stand for a character"),
        GT_OPTION_CHOICE("dtype", &s->dtype, gt_real_types, "type of all real numbers"),
        GT_OPTION_FLAG("bytes", &s->bytes, "read bytes, not UTF-8 characters"),
        GT_OPTION_ENGINE(&s->engine),
        GT_OPTION_INTEGER("steps", "T", &s->steps, 1, 1000000, "steps through which gradients flow back"),
        GT_OPTION_INTEGER("batch", "M", &s->batch, 1, 65536, "places of the text that are read side by side"),
        GT_OPTION_REAL("dropout", "P", &s->dropout, 0, 0.99, "part of each layer's output that is dropped"),
        GT_OPTION_INTEGER("seed", "N", &s->seed, 0, 9007199254740992, "start of everything random"),
        GT_OPTION_REAL("validation", "P", &s->validation, 0, 0.9,
                       "part at the end of each file that is kept for validation"),
        GT_OPTION_INTEGER("validate-every", "N", &s->validate_every, 1, 1000000000, "iterations between validations"),
        GT_OPTION_CHOICE("optimizer", &s->optimizer, optimizers, "optimizer"),
        GT_OPTION_REAL("lr", "R", &s->rate, 0, 1e38,
                       "highest learning rate (default 0.005 for adam and adamw, 0.5 for sgd, 0.002 for rmsprop, "
                       "0.02 for adagrad)",
                       .no_default = true),
        GT_OPTION_REAL("momentum", "P", &s->momentum, 0, 0.999999, "momentum of sgd"),
        GT_OPTION_REAL("clip", "R", &s->clip, 0, 1e30, "largest norm of all gradients together; 0 is no limit"),
        GT_OPTION_INTEGER("warmup", "N", &s->warmup, 0, 1000000000, "iterations over which the learning rate rises"),
        GT_OPTION_CHOICE("schedule", &s->schedule, schedules,
                         "decay of the learning rate after that; auto is cosine if the number of "
                         "iterations is known, and otherwise constant"),
        GT_OPTION_REAL("last-lr", "P", &s->last_rate, 0, 1, "where the decay ends, as a part of --lr"),
        GT_OPTION_INTEGER("decay-iterations", "N", &s->decay_iterations, 0, 1000000000000,
                          "iterations until then (default: all)", .no_default = true),
        GT_OPTION_REAL("weight-decay", "R", &s->weight_decay, 0, 1e6,
                       "how much of each parameter a step takes away, times the learning rate (default 0.01 for "
                       "adamw, and otherwise 0)",
                       .no_default = true),
        GT_OPTION_TEXT("task", "TASK", &s->task,
                       "what is to be predicted of --data: classify, tag, regress, forecast, lm; or a task that makes "
                       "its sequences, as adding:200 ('gradtape tasks' lists them)",
                       .no_default = true),
        GT_OPTION_INTEGER("examples", "N", &s->examples, 1, 100000000, "sequences that a task makes to train on"),
        GT_OPTION_TEXT("lr-factors", "NAME=R,...", &s->rates,
                       "parameters with a learning rate of their own: so many times --lr", .no_default = true),
        GT_OPTION_END,
    };
    for (int i = 0; i <= GT_FIXED_COUNT; i++) {
        rows[i] = table[i];
        rows[i].given = i < GT_FIXED_COUNT ? &s->given[i] : NULL;
    }
}

gt_settings gt_settings_defaults(void)
{
    return (gt_settings){
        .cell = "lstm",
        .dims = "",
        .hidden = 128,
        .layers = 1,
        .embedding = 64,
        .steps = 64,
        .batch = 32,
        .seed = 1,
        .validation = 0.05,
        .validate_every = 100,
        .rate = -1,
        .weight_decay = -1,
        .rates = "",
        .task = "",
        .examples = 10000,
        .last_rate = 0.1,
        .momentum = 0.9,
        .clip = 1,
        .warmup = 50,
        .save_every = 60,
    };
}

void gt_settings_complete(gt_settings *s)
{
    if (s->rate < 0)
        s->rate = usual_rates[s->optimizer];
    if (s->weight_decay < 0)
        s->weight_decay = gt_optimizer_defaults((gt_optimizer_kind)s->optimizer).weight_decay;
    if (s->iterations == 0 && s->epochs == 0 && s->minutes == 0)
        s->iterations = 2000;
}

enum { HIDDEN_ROW = 2 }; /* of the table above */

/* ---- the command line ---------------------------------------------------------------------- */

static const char description[] =
    "Trains a network of layers of a cell, and saves it: on a text (--text), whose next character it learns to "
    "predict; on sequences (--data with --task); or on those that a task makes (--task adding:200).\n"
    "A text is read "
    "in --batch places side by side; after every --steps characters the parameters take a step "
    "against the gradient (truncated backpropagation through time), and the state is carried on. "
    "All of the text takes part: where the places do not come out even, what is left over is read "
    "together with what stands before it. Each layer hands on the output that the cell declares, "
    "and otherwise its first state; an output of n_y rows is an output layer, in whose place the "
    "model has its own.\n"
    "The same options and the same text give the same losses, on every run.\n"
    "Ctrl-C saves the model and ends; --resume goes on from there as if nothing had happened. "
    "A model or a log that is there already is replaced only with --overwrite. "
    "Without --iterations, --epochs or --minutes, 2000 iterations are done.\n"
    "Sequences are read whole, in an order of the seed's, --batch at a time. An archive of them has x, numbers "
    "(features, examples, T) or tokens (examples, T), under that name or the cell's; further inputs of the cell by "
    "their "
    "names; y, which for classify is (examples), for tag (examples, T), whole numbers from 0, and for regress "
    "(outputs, examples, T) or, at the end, (outputs, examples); and, if not all steps count, lengths (examples) or a "
    "mask "
    "(examples, T). forecast and lm predict x itself, one step later.\n"
    "Losses are in bits, of a text per character; of numbers they are mean squared errors. The log has a line per "
    "iteration.";

static const char examples[] = "  gradtape train --text src/*.c --minutes 1 --save c.model.npz\n"
                               "  gradtape train --text src/*.c --cell my_idea.cell --minutes 1 --save mine.model.npz\n"
                               "  gradtape train --resume --save c.model.npz --iterations 5000 --log c.csv\n"
                               "  gradtape train --task adding:100 --cell gru --save adding.npz\n"
                               "  gradtape train --data train.npz --task classify --save classes.npz\n"
                               "  gradtape sample --model c.model.npz --prompt 'static int '\n";

#define RUN_ROWS 20

static void run_rows(gt_settings *s, gt_option *rows)
{
    const gt_option table[RUN_ROWS] = {
        GT_OPTION_TEXTS("text", "FILE", &s->text, "text to learn from; - for stdin", .file = GT_FILE_READ),
        GT_OPTION_TEXT("data", "FILE", &s->data,
                       "sequences to learn from, instead of a text (.npz: x, y, lengths or mask)",
                       .file = GT_FILE_ARCHIVE),
        GT_OPTION_TEXT("validation-data", "FILE", &s->validation_data,
                       "sequences to validate on (default: the --validation part of --data)", .file = GT_FILE_ARCHIVE),
        GT_OPTION_TEXT("save", "FILE", &s->save, "where the model is saved (.npz)", .required = true,
                       .file = GT_FILE_SAVED),
        GT_OPTION_CONSTANTS(&s->set),
        GT_OPTION_INTEGER("parameters", "N", &s->parameters, 1, 1000000000000,
                          "find --hidden so that the model has about so many parameters", .no_default = true),
        GT_OPTION_FLAG("resume", &s->resume, "go on with the model in --save"),
        GT_OPTION_FLAG("other-data", &s->other_data, "with --resume: the text or the data may be others than before"),
        GT_OPTION_FLAG("overwrite", &s->overwrite, "replace the model in --save and the log in --log"),
        GT_OPTION_INTEGER("iterations", "N", &s->iterations, 1, 1000000000000,
                          "stop after so many iterations, earlier runs included", .no_default = true),
        GT_OPTION_REAL("epochs", "R", &s->epochs, 1e-6, 1e9, "stop when the text has been read so many times",
                       .no_default = true),
        GT_OPTION_REAL("minutes", "R", &s->minutes, 1e-6, 1e9, "stop after so many minutes, validation included",
                       .no_default = true),
        GT_OPTION_INTEGER("patience", "N", &s->patience, 1, 1000000000,
                          "stop after so many validations without a better one, and keep the best parameters beside "
                          "the last",
                          .no_default = true),
        GT_OPTION_REAL("save-every", "SECONDS", &s->save_every, 0.001, 1e9, "also save so often while training"),
        GT_OPTION_TEXT("log", "FILE", &s->log, "write the losses to a CSV file; - for stdout", .file = GT_FILE_WRITTEN),
        GT_OPTION_THREADS(&s->threads),
        GT_OPTION_BYTES("memory", &s->memory,
                        "most memory of an iteration's own, such as 64M: loops are cut for it, and computed again"),
        GT_OPTION_FLAG("quiet", &s->quiet, "show no progress", .letter = 'q'),
        GT_OPTION_FLAG("json", &s->json, "print a summary as JSON", .file = GT_FILE_PRINTED),
        GT_OPTION_END,
    };
    memcpy(rows, table, sizeof table);
}

const char *gt_settings_contradiction(const gt_settings *s)
{
    if (s->parameters > 0 && s->given[HIDDEN_ROW])
        return "--parameters finds --hidden: leave one of them out";
    if (s->schedule == SCHEDULE_EXPONENTIAL && s->last_rate == 0)
        return "an exponential decay never reaches 0; give a --last-lr above 0";
    return NULL;
}

static bool check_together(const gt_settings *s, const gt_command *command, int *status)
{
    const char *wrong = NULL;
    if (s->resume && s->set != NULL)
        wrong = "--set is for a new model: the saved one has the constants of its cell; leave it out to resume";
    else if (s->resume && s->overwrite)
        wrong = "--resume goes on with the model, --overwrite replaces it; give one of them";
    else if (!s->resume && s->text.count == 0 && s->data == NULL && *s->task == '\0')
        wrong = "give what to learn from: a text with --text FILE, sequences with --data FILE.npz, or a --task; or "
                "--resume";
    else if (s->parameters > 0 && s->resume)
        wrong = "--parameters is for a new model: leave it out, or --resume";
    else if (s->text.count > 0 && (s->data != NULL || (*s->task != '\0' && !s->resume)))
        wrong = "a text is learnt character by character: leave --data and --task out, or --text";
    else if (s->validation_data != NULL && s->data == NULL)
        wrong = "--validation-data is for sequences that are given with --data";
    else if (s->other_data && !s->resume)
        wrong = "--other-data is for going on with --resume";
    else if (!s->resume && s->data != NULL && *s->task == '\0')
        wrong = "say with --task what is to be predicted of --data: classify, tag, regress, forecast or lm";
    else if (s->schedule > SCHEDULE_CONSTANT && s->iterations == 0 && s->epochs == 0 && s->minutes != 0 &&
             s->decay_iterations == 0 && !s->resume)
        wrong = "with --minutes alone nobody knows when the learning rate is to reach its end; "
                "give --decay-iterations";
    else
        wrong = gt_settings_contradiction(s);
    if (wrong == NULL)
        return true;
    *status = gt_command_fail(command, "%s", wrong);
    return false;
}

bool gt_settings_parse(gt_settings *settings, const gt_command *command, int argument_count, char **arguments,
                       int *status)
{
    gt_option rows[RUN_ROWS + GT_FIXED_COUNT], fixed[GT_FIXED_COUNT + 1];
    *settings = gt_settings_defaults();
    run_rows(settings, rows);
    gt_settings_fixed(settings, fixed);
    memcpy(rows + RUN_ROWS - 1, fixed, sizeof fixed); /* over the end of the rows of the run */
    const gt_usage usage = {.command = command, .options = rows, .description = description, .examples = examples};
    if (!gt_usage_parse(&usage, argument_count, arguments, status))
        return false;
    if (check_together(settings, command, status))
        return true;
    gt_text_list_free(&settings->text);
    return false;
}

/* ---- resuming ------------------------------------------------------------------------------ */

static size_t target_size(const gt_option *row)
{
    switch (row->kind) {
    case GT_KIND_FLAG:
        return sizeof(bool);
    case GT_KIND_INTEGER:
        return sizeof(int64_t);
    case GT_KIND_REAL:
        return sizeof(double);
    case GT_KIND_TEXT:
        return sizeof(char *);
    default:
        return sizeof(int);
    }
}

static void describe_value(const gt_option *row, char *text, size_t size)
{
    switch (row->kind) {
    case GT_KIND_FLAG:
        gt_utf8_format(text, size, "%s", *(bool *)row->target ? "on" : "off");
        break;
    case GT_KIND_INTEGER:
        snprintf(text, size, "%lld", (long long)*(int64_t *)row->target);
        break;
    case GT_KIND_REAL:
        snprintf(text, size, "%.15g", *(double *)row->target);
        break;
    case GT_KIND_TEXT:
        gt_utf8_format(text, size, "%s", *(const char **)row->target);
        break;
    default:
        gt_utf8_format(text, size, "%s", row->choices[*(int *)row->target]);
        break;
    }
}

static bool same_value(const gt_option *a, const gt_option *b)
{
    if (a->kind == GT_KIND_TEXT)
        return strcmp(*(const char **)a->target, *(const char **)b->target) == 0;
    return memcmp(a->target, b->target, target_size(a)) == 0;
}

bool gt_settings_resume(gt_settings *settings, gt_settings *saved, gt_error *error)
{
    gt_option rows[GT_FIXED_COUNT + 1], saved_rows[GT_FIXED_COUNT + 1];
    gt_settings_fixed(settings, rows);
    gt_settings_fixed(saved, saved_rows);
    for (int i = 0; i < GT_FIXED_COUNT; i++) {
        if (settings->given[i] && !same_value(&rows[i], &saved_rows[i])) {
            char given[64], has[64];
            describe_value(&rows[i], given, sizeof given);
            describe_value(&saved_rows[i], has, sizeof has);
            gt_error_set(error, GT_ERROR_ARGUMENT,
                         "--%s is %s here but %s in the saved model; leave it out to resume, or "
                         "train a new model, with --overwrite if it is to replace this one",
                         rows[i].name, given, has);
            return false;
        }
        memcpy(rows[i].target, saved_rows[i].target, target_size(&rows[i]));
    }
    return true;
}

/* ---- what the library is given ------------------------------------------------------------- */

/* One "Wf=0.1", up to its comma. */
static bool read_factor(gt_rate_factors *factors, const char *text, size_t length, gt_error *error)
{
    const char *equals = memchr(text, '=', length);
    char number[64] = "", *end = number;
    size_t name = equals == NULL ? 0 : (size_t)(equals - text), digits = equals == NULL ? 0 : length - name - 1;
    if (name > 0 && name < GT_SIZE_NAME && digits > 0 && digits < sizeof number && factors->count < GT_MAX_CELL_ARRAYS)
        memcpy(number, equals + 1, digits);
    double factor = strtod(number, &end);
    if (end == number || *end != '\0' || !(factor >= 0 && factor <= 1e9)) {
        gt_error_set(error, GT_ERROR_ARGUMENT,
                     "--lr-factors: \"%.*s\" is no NAME=FACTOR with a factor from 0 to 1e9, as in Wf=0.1",
                     gt_utf8_fit(text, length < 80 ? (int)length : 80), text);
        return false;
    }
    memcpy(factors->names[factors->count], text, name);
    factors->list[factors->count] = (gt_rate_factor){factors->names[factors->count], factor};
    factors->count++;
    return true;
}

bool gt_rate_factors_read(gt_rate_factors *factors, const char *text, gt_error *error)
{
    *factors = (gt_rate_factors){0};
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, ",");
        if (!read_factor(factors, text, length, error))
            return false;
        text += length + (text[length] == ',');
    }
    return true;
}

gt_optimizer_options gt_settings_optimizer(const gt_settings *s)
{
    gt_optimizer_options options = gt_optimizer_defaults((gt_optimizer_kind)s->optimizer);
    options.weight_decay = s->weight_decay;
    options.momentum = s->momentum;
    options.clip = s->clip;
    options.schedule =
        (gt_schedule){.rate = s->rate, .warmup = s->warmup, .last = s->last_rate, .length = s->decay_iterations};
    if (s->decay_iterations > 0 && (s->schedule == SCHEDULE_COSINE || s->schedule == SCHEDULE_AUTO))
        options.schedule.kind = GT_SCHEDULE_COSINE;
    else if (s->decay_iterations > 0 && s->schedule == SCHEDULE_EXPONENTIAL)
        options.schedule.kind = GT_SCHEDULE_EXPONENTIAL;
    return options;
}

gt_network gt_settings_network(const gt_settings *s, const gt_cell *cell, uint32_t vocabulary)
{
    return (gt_network){
        .cell = cell,
        .layer_count = (uint32_t)s->layers,
        .vocabulary = vocabulary,
        .embedding = s->embedding,
        .hidden = s->hidden,
        .dropout = s->dropout,
    };
}
