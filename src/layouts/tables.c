#include "layouts/tables.h"

#include <string.h>

/* clang-format off */

/* A gate with one matrix on (a, x), as most of ours are. */
#define JOINED(LETTER, W, B) {.letter = LETTER, .names = {W, W, B}}

static const gt_layout_cell cells[] = {
    {
        .name = "lstm", .gate_count = 4,
        .gates = {JOINED('f', "Wf", "bf"), JOINED('i', "Wi", "bi"), JOINED('g', "Wc", "bc"), JOINED('o', "Wo", "bo")},
        .orders = {"figo", "ifgo", "ifgo", "iofg"},
        .output_weight = "Wy", .output_bias = "by",
    },
    {
        .name = "gru_after", .gate_count = 3,
        .gates = {JOINED('r', "Wr", "br"), JOINED('z', "Wu", "bu"),
                  {.letter = 'n', .names = {"Wg", "Ug", "bg", "cg"}}},
        .orders = {"rzn", "rzn", "zrn", "zrn"},
        .rows_of_biases = true,
    },
    {
        .name = "gru", .gate_count = 3,
        .gates = {JOINED('r', "Wr", "br"),
                  {.letter = 'z', .names = {"Wu", "Wu", "bu"}, .negated = true}, JOINED('n', "Wc", "bc")},
        .orders = {"rzn", NULL, "zrn", "zrn"},
        .output_weight = "Wy", .output_bias = "by",
    },
    {
        .name = "rnn", .gate_count = 1,
        .gates = {{.letter = 'h', .names = {"Wax", "Waa", "ba"}}},
        .orders = {"h", "h", "h", "h"},
        .output_weight = "Wya", .output_bias = "by",
    },
    {
        .name = "peephole_lstm", .gate_count = 4,
        .gates = {{.letter = 'f', .names = {"Wf", "Wf", "bf", NULL, "pf"}},
                  {.letter = 'i', .names = {"Wi", "Wi", "bi", NULL, "pi"}}, JOINED('g', "Wc", "bc"),
                  {.letter = 'o', .names = {"Wo", "Wo", "bo", NULL, "po"}}},
        .orders = {"figo", NULL, NULL, "iofg"}, .diagonals = "iof",
    },
};

const gt_layout_framework gt_layout_frameworks[GT_FRAMEWORK_COUNT] = {
    [GT_FRAMEWORK_GRADTAPE] = {
        .name = "gradtape", .title = "gradtape", .arrangement = GT_LAYOUT_GATES_FIRST,
        .layer = "layer", .reverse = "_reverse", .separator = ".", .first = 1,
    },
    [GT_FRAMEWORK_PYTORCH] = {
        .name = "pytorch", .title = "PyTorch", .arrangement = GT_LAYOUT_GATES_FIRST,
        .forms = {{"weight_ih", GT_LAYOUT_INPUT, GT_LAYOUT_NONE, false},
                  {"weight_hh", GT_LAYOUT_RECURRENT, GT_LAYOUT_NONE, false},
                  {"bias_ih", GT_LAYOUT_BIAS, GT_LAYOUT_NONE, true},
                  {"bias_hh", GT_LAYOUT_RECURRENT_BIAS, GT_LAYOUT_NONE, true}},
        .layer = "_l", .reverse = "_reverse", .separator = "",
    },
    [GT_FRAMEWORK_KERAS] = {
        .name = "keras", .title = "Keras", .arrangement = GT_LAYOUT_GATES_LAST,
        .forms = {{"kernel", GT_LAYOUT_INPUT, GT_LAYOUT_NONE, false},
                  {"recurrent_kernel", GT_LAYOUT_RECURRENT, GT_LAYOUT_NONE, false},
                  {"bias", GT_LAYOUT_BIAS, GT_LAYOUT_RECURRENT_BIAS, true}},
        .layer = "layer", .reverse = "_backward", .separator = "/", .first = 1,
    },
    [GT_FRAMEWORK_ONNX] = {
        .name = "onnx", .title = "ONNX", .arrangement = GT_LAYOUT_DIRECTIONS_FIRST,
        .forms = {{"W", GT_LAYOUT_INPUT, GT_LAYOUT_NONE, false},
                  {"R", GT_LAYOUT_RECURRENT, GT_LAYOUT_NONE, false},
                  {"B", GT_LAYOUT_BIAS, GT_LAYOUT_RECURRENT_BIAS, true},
                  {"P", GT_LAYOUT_DIAGONAL, GT_LAYOUT_NONE, true}},
        .layer = "layer", .reverse = "", .separator = ".", .first = 1,
    },
};

const gt_layout_extra gt_layout_extras[GT_LAYOUT_EXTRAS] = {
    [GT_LAYOUT_EMBEDDING] = {{"embedding", "embedding.weight", "embedding/embeddings", "embedding"},
                             {false, true, true, true}, false},
    [GT_LAYOUT_OUTPUT_WEIGHT] = {{"Wy", "linear.weight", "dense/kernel", "Wy"}, {false, false, true, true}, false},
    [GT_LAYOUT_OUTPUT_BIAS] = {{"by", "linear.bias", "dense/bias", "by"}, {false}, true},
};

/* clang-format on */

const gt_layout_cell *gt_layout_cell_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof cells / sizeof *cells; i++)
        if (strcmp(cells[i].name, name) == 0)
            return &cells[i];
    return NULL;
}

const char *gt_convert_cell(uint32_t i)
{
    return i < sizeof cells / sizeof *cells ? cells[i].name : NULL;
}

const char *gt_framework_name(gt_framework framework)
{
    return (unsigned)framework < GT_FRAMEWORK_COUNT ? gt_layout_frameworks[framework].name : NULL;
}
