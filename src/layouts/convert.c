/* From one layout to another: what is given is compared with its layout, and each gate's parts are moved. */
#include "base/memory.h"
#include "base/types.h"
#include "base/utf8.h"
#include "io/archive.h"
#include "layouts/given.h"
#include "layouts/move.h"

#include <string.h>

enum { MOST_UNITS = 1 << 24 }; /* of a layer: products of sizes stay small numbers */

typedef struct conversion {
    const gt_convert_options *options;
    const gt_layout_cell *cell;
    gt_given given;
    gt_dtype dtype;
    bool layers; /* names of ours have "layer1." */
    uint32_t misfits;
    gt_archive *result;
    gt_error *error;
} conversion;

static const gt_layout_framework *framework_of(gt_framework framework)
{
    return &gt_layout_frameworks[framework];
}

/* ---- what does not fit ------------------------------------------------------------------------- */

static void tell(const conversion *c, const char *name, gt_shape shape, const char *reason)
{
    if (c->options->misfit != NULL)
        c->options->misfit(c->options->context, name, shape, reason);
}

/* The first becomes the error; all of them are told. */
static void misfit(conversion *c, const char *name, gt_shape shape, const char *reason)
{
    char text[128];
    if (c->misfits++ == 0)
        gt_error_set(c->error, GT_ERROR_SHAPE, "'%.*s' %s: %s", gt_utf8_fit(name, 100), name,
                     shape.rank < 0 ? "is missing" : gt_shape_format(shape, text, sizeof text), reason);
    tell(c, name, shape, reason);
}

/* ---- sizes of a layer -------------------------------------------------------------------------- */

static int64_t size_along(const conversion *c, uint32_t layer, bool reverse, const char *kind, int axis)
{
    const gt_given_array *array = gt_given_find(&c->given, layer, reverse, kind);
    return array == NULL ? 0 : array->array.shape.size[axis];
}

static gt_layout_sizes sizes_of(const conversion *c, uint32_t layer, bool reverse)
{
    gt_layout_sizes sizes = {.direction_count = c->given.direction_count, .direction = reverse};
    const gt_layout_framework *from = framework_of(c->options->from);
    const gt_layout_gate *gate = &c->cell->gates[0];
    const char *input = from->forms[0].name, *recurrent = from->forms[1].name;
    int columns = from->arrangement == GT_LAYOUT_GATES_FIRST ? 1 : from->arrangement == GT_LAYOUT_GATES_LAST ? 0 : 2;
    bool in_one_array = c->options->from == GT_FRAMEWORK_ONNX;
    if (c->options->from == GT_FRAMEWORK_GRADTAPE) {
        input = gate->names[GT_LAYOUT_INPUT];
        recurrent = gate->names[GT_LAYOUT_RECURRENT];
    }
    sizes.input = size_along(c, layer, reverse && !in_one_array, input, columns);
    sizes.hidden = size_along(c, layer, reverse && !in_one_array, recurrent, columns);
    if (input == recurrent) { /* (n, n + n_x) */
        sizes.hidden = size_along(c, layer, reverse, recurrent, 0);
        sizes.input -= sizes.hidden;
    }
    return sizes;
}

/* ---- names ------------------------------------------------------------------------------------- */

enum { NAME = 512, MOST_PREFIX = NAME - 128 }; /* a name behind a prefix is never cut: it would be another's */

static void format_name(const conversion *c, gt_framework framework, uint32_t layer, bool reverse, const char *kind,
                        char name[NAME])
{
    const gt_layout_framework *own = framework_of(framework);
    const char *prefix = c->options->prefix == NULL || framework == GT_FRAMEWORK_GRADTAPE ? "" : c->options->prefix;
    const char *back = reverse ? own->reverse : "";
    bool bare = c->given.layer_count < 2 && c->given.direction_count < 2 && !c->layers;
    if (framework == GT_FRAMEWORK_PYTORCH)
        gt_utf8_format(name, NAME, "%s%s%s%u%s", prefix, kind, own->layer, layer + own->first, back);
    else if (bare && framework != GT_FRAMEWORK_KERAS)
        gt_utf8_format(name, NAME, "%s%s", prefix, kind);
    else
        gt_utf8_format(name, NAME, "%s%s%u%s%s%s", prefix, own->layer, layer + own->first, back, own->separator, kind);
}

/* ---- comparing what is given ------------------------------------------------------------------- */

/* The array of the layout, with its shape compared; NULL data if there is none. */
static void *find_data(conversion *c, uint32_t layer, bool reverse, const gt_layout_array *wanted)
{
    bool in_one_array = c->options->from == GT_FRAMEWORK_ONNX;
    gt_given_array *array = gt_given_find(&c->given, layer, reverse && !in_one_array, wanted->name);
    char text[128], reason[256], name[NAME];
    gt_shape_format(wanted->shape, text, sizeof text);
    if (array == NULL) {
        format_name(c, c->options->from, layer, reverse, wanted->name, name);
        gt_utf8_format(reason, sizeof reason, "%s was expected", text);
        if (!wanted->optional)
            misfit(c, name, (gt_shape){.rank = -1}, reason);
        return NULL;
    }
    array->used = true;
    if (gt_shape_equal(array->array.shape, wanted->shape))
        return array->array.data;
    gt_utf8_format(reason, sizeof reason, "%s was expected of the %s of layer %u", text, wanted->name, layer + 1);
    misfit(c, array->name, array->array.shape, reason);
    return NULL;
}

/* What a layer of the cell consists of, for a person: "Wf, bf, Wi, ..." */
static void list_names(const conversion *c, char *text, size_t size)
{
    gt_layout layout;
    gt_layout_describe(c->options->from, c->cell, &(gt_layout_sizes){2, 1, 1, 0}, &layout);
    text[0] = '\0';
    for (uint32_t i = 0; i < layout.array_count; i++)
        gt_utf8_append(text, size, "%s%s", i == 0 ? "" : ", ", layout.arrays[i].name);
}

/* Arrays whose names mean nothing, or the same as those of others. */
static void look_at_rest(conversion *c)
{
    char names[200], reason[400];
    list_names(c, names, sizeof names);
    gt_utf8_format(reason, sizeof reason, "means nothing in a %s of %s, which has %s for each layer", c->cell->name,
                   framework_of(c->options->from)->title, names);
    /* What stands before the names of a module was found by its first one: others were not asked for, nor named. */
    bool found = c->options->from == GT_FRAMEWORK_PYTORCH && c->options->prefix == NULL;
    for (uint32_t i = 0; i < c->given.count; i++) {
        const gt_given_array *array = &c->given.list[i];
        bool of_training = !array->read && c->options->from == GT_FRAMEWORK_GRADTAPE; /* in a model file */
        if (array->used || array->extra >= 0 || of_training)
            continue;
        if (!array->read && !found)
            tell(c, array->name, array->array.shape, "left out: its name does not begin as those that are read");
        else if (c->options->partial)
            tell(c, array->name, array->array.shape, "left out: its name means nothing here");
        else
            misfit(c, array->name, array->array.shape, reason);
    }
}

static gt_status check_type(conversion *c)
{
    const char *first = NULL;
    for (uint32_t i = 0; i < c->given.count; i++) {
        const gt_given_array *array = &c->given.list[i];
        if (!array->used && array->extra < 0)
            continue;
        if (!gt_type_is_real(array->array.dtype) || array->array.data == NULL)
            return gt_error_set(c->error, GT_ERROR_TYPE, "'%.*s' is %s: weights are real numbers",
                                gt_utf8_fit(array->name, 100), array->name,
                                array->array.data == NULL ? "not loaded" : "whole numbers");
        if (first != NULL && array->array.dtype != c->dtype)
            return gt_error_set(c->error, GT_ERROR_TYPE, "'%.*s' is %s, but '%.*s' %s: all are to be of one type",
                                gt_utf8_fit(array->name, 100), array->name, gt_dtype_name(array->array.dtype),
                                gt_utf8_fit(first, 100), first, gt_dtype_name(c->dtype));
        first = array->name;
        c->dtype = array->array.dtype;
    }
    return GT_OK;
}

/* ---- writing ----------------------------------------------------------------------------------- */

/* Zeros under that name, unless an array is there already. NULL on an error. */
static void *make_array(conversion *c, const char *name, gt_shape shape)
{
    gt_array there = gt_archive_find(c->result, name);
    if (there.data != NULL && gt_shape_equal(there.shape, shape)) /* the other direction's, too */
        return there.data;
    uint64_t count = (uint64_t)gt_shape_count(shape);
    gt_array made = {gt_memory_new(count, gt_dtype_size(c->dtype)), c->dtype, shape};
    if (made.data == NULL) {
        gt_error_set(c->error, GT_ERROR_MEMORY, "no memory for the array '%s'", name);
        return NULL;
    }
    return gt_archive_take_array(c->result, name, made, c->error) == GT_OK ? made.data : NULL;
}

static gt_layout_part part_of(const gt_layout *layout, void *const *data, gt_layout_kind kind, char gate)
{
    const gt_layout_region *region = gt_layout_find(layout, kind, gate);
    return (gt_layout_part){region, region == NULL ? NULL : data[region->array]};
}

/* A bias that is one of two there and the only one here gets both. */
static void move_parts(const conversion *c, const gt_layout *from, void *const *given, const gt_layout *to,
                       void *const *made)
{
    for (uint32_t i = 0; i < to->region_count; i++) {
        const gt_layout_region *region = &to->regions[i];
        bool both =
            region->kind == GT_LAYOUT_BIAS && gt_layout_find(to, GT_LAYOUT_RECURRENT_BIAS, region->gate) == NULL;
        gt_layout_part first = part_of(from, given, region->kind, region->gate);
        gt_layout_part second = part_of(from, given, both ? GT_LAYOUT_RECURRENT_BIAS : GT_LAYOUT_NONE, region->gate);
        gt_layout_move(c->dtype, (gt_layout_part){region, made[region->array]}, first, second);
    }
}

static bool write_layer(conversion *c, uint32_t layer, bool reverse, const gt_layout *from, void *const *given)
{
    gt_layout_sizes sizes = sizes_of(c, layer, reverse);
    gt_layout to;
    void *made[GT_LAYOUT_ARRAYS];
    char name[NAME];
    gt_layout_describe(c->options->to, c->cell, &sizes, &to);
    for (uint32_t i = 0; i < to.array_count; i++) {
        format_name(c, c->options->to, layer, reverse, to.arrays[i].name, name);
        made[i] = make_array(c, name, to.arrays[i].shape);
        if (made[i] == NULL)
            return false;
    }
    move_parts(c, from, given, &to, made);
    return true;
}

/* ---- layers ------------------------------------------------------------------------------------ */

static bool sizes_are_good(conversion *c, uint32_t layer, bool reverse, const gt_layout_sizes *sizes)
{
    if (sizes->hidden >= 1 && sizes->hidden <= MOST_UNITS && sizes->input >= 1 && sizes->input <= MOST_UNITS)
        return true;
    char names[200], reason[300], place[64];
    list_names(c, names, sizeof names);
    gt_utf8_format(place, sizeof place, "layer %u%s", layer + 1, reverse ? ", reverse direction" : "");
    gt_utf8_format(reason, sizeof reason, "its matrices tell no sizes; a layer has %s", names);
    misfit(c, place, (gt_shape){.rank = -1}, reason);
    return false;
}

/* Compares one layer and direction, and with `writes` moves it. */
static bool do_layer(conversion *c, uint32_t layer, bool reverse, bool writes)
{
    gt_layout_sizes sizes = sizes_of(c, layer, reverse);
    gt_layout from;
    void *given[GT_LAYOUT_ARRAYS];
    if (!writes && !sizes_are_good(c, layer, reverse, &sizes))
        return true;
    gt_layout_describe(c->options->from, c->cell, &sizes, &from);
    for (uint32_t i = 0; i < from.array_count; i++)
        given[i] = find_data(c, layer, reverse, &from.arrays[i]);
    return !writes || write_layer(c, layer, reverse, &from, given);
}

static bool do_layers(conversion *c, bool writes)
{
    for (uint32_t layer = 0; layer < c->given.layer_count; layer++)
        for (uint32_t direction = 0; direction < c->given.direction_count; direction++)
            if (!do_layer(c, layer, direction == 1, writes))
                return false;
    return true;
}

/* Two directions of a layer are as large as each other: they read the same, and may share their arrays. */
static gt_status check_directions(conversion *c)
{
    for (uint32_t layer = 0; layer < c->given.layer_count && c->given.direction_count == 2; layer++) {
        gt_layout_sizes one = sizes_of(c, layer, false), other = sizes_of(c, layer, true);
        if (one.hidden != other.hidden || one.input != other.input)
            return gt_error_set(c->error, GT_ERROR_SHAPE,
                                "layer %u has %lld units on %lld inputs, and its reverse direction %lld on %lld: "
                                "both must have as many",
                                layer + 1, (long long)one.hidden, (long long)one.input, (long long)other.hidden,
                                (long long)other.input);
    }
    return GT_OK;
}

/* One number of units for all layers, which a module of PyTorch has. */
static gt_status check_widths(conversion *c)
{
    for (uint32_t layer = 1; layer < c->given.layer_count && c->options->to == GT_FRAMEWORK_PYTORCH; layer++)
        if (sizes_of(c, layer, false).hidden != sizes_of(c, 0, false).hidden)
            return gt_error_set(c->error, GT_ERROR_SHAPE,
                                "layer %u has %lld units and layer 1 has %lld: a module of PyTorch has as many in all",
                                layer + 1, (long long)sizes_of(c, layer, false).hidden,
                                (long long)sizes_of(c, 0, false).hidden);
    return GT_OK;
}

/* ---- embedding and output layer ---------------------------------------------------------------- */

static const char *extra_name(const conversion *c, int32_t extra)
{
    bool bare = c->options->to == GT_FRAMEWORK_GRADTAPE && !c->layers && c->given.layer_count < 2;
    if (bare && extra == GT_LAYOUT_OUTPUT_WEIGHT && c->cell->output_weight != NULL)
        return c->cell->output_weight;
    return gt_layout_extras[extra].names[c->options->to];
}

static bool copy_extra(conversion *c, const gt_given_array *array)
{
    const gt_layout_extra *extra = &gt_layout_extras[array->extra];
    gt_shape is = array->array.shape, shape = is;
    if (is.rank > 2 || (extra->vector && is.size[1] != 1)) {
        misfit(c, array->name, is, extra->vector ? "a vector was expected" : "a matrix was expected");
        return false;
    }
    bool turned = extra->transposed[c->options->from] != extra->transposed[c->options->to];
    if (extra->vector)
        shape = c->options->to == GT_FRAMEWORK_GRADTAPE ? GT_SHAPE(is.size[0], 1) : GT_SHAPE(is.size[0]);
    else
        shape = turned ? GT_SHAPE(is.size[1], is.size[0]) : GT_SHAPE(is.size[0], is.size[1]);
    if (gt_archive_find(c->result, extra_name(c, array->extra)).data != NULL) {
        misfit(c, array->name, is, "another array means the same");
        return false;
    }
    void *made = make_array(c, extra_name(c, array->extra), shape);
    if (made == NULL)
        return false;
    if (turned)
        gt_layout_transpose(c->dtype, array->array.data, made, is.size[0], is.size[1]);
    else
        memcpy(made, array->array.data, (size_t)gt_shape_count(is) * gt_dtype_size(c->dtype));
    return true;
}

static bool copy_extras(conversion *c, bool before)
{
    for (uint32_t i = 0; i < c->given.count; i++)
        if (c->given.list[i].extra >= 0 && (c->given.list[i].extra == GT_LAYOUT_EMBEDDING) == before &&
            !copy_extra(c, &c->given.list[i]))
            return false;
    return true;
}

static bool has_embedding(const gt_given *given)
{
    for (uint32_t i = 0; i < given->count; i++)
        if (given->list[i].extra == GT_LAYOUT_EMBEDDING)
            return true;
    return false;
}

/* ---- the whole --------------------------------------------------------------------------------- */

static gt_status check_options(const gt_convert_options *options, const gt_layout_cell *cell, gt_error *error)
{
    const gt_framework both[] = {options->from, options->to};
    char known[200] = "";
    for (uint32_t i = 0; gt_convert_cell(i) != NULL; i++)
        gt_utf8_append(known, sizeof known, "%s%s", i == 0 ? "" : ", ", gt_convert_cell(i));
    for (int i = 0; i < 2; i++) {
        if ((unsigned)both[i] >= GT_FRAMEWORK_COUNT)
            return gt_error_set(error, GT_ERROR_ARGUMENT, "there is no framework of number %d", (int)both[i]);
        if (cell != NULL && cell->orders[both[i]] == NULL)
            return gt_error_set(error, GT_ERROR_ARGUMENT, "%s has no layer that computes what the cell %s does",
                                framework_of(both[i])->title, cell->name);
    }
    if (options->prefix != NULL && strlen(options->prefix) > MOST_PREFIX)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "the prefix has more than %d bytes", MOST_PREFIX);
    if (cell != NULL || options->from == options->to)
        return GT_OK;
    if (options->cell == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "which cell is it? One of %s", known);
    return gt_error_set(error, GT_ERROR_ARGUMENT, "the cell '%.*s' has no layout in other frameworks; %s have",
                        gt_utf8_fit(options->cell, 60), options->cell, known);
}

/* Before anything is written, all is compared. */
static gt_status compare(conversion *c)
{
    if (c->given.layer_count == 0) {
        char names[200];
        list_names(c, names, sizeof names);
        return gt_error_set(c->error, GT_ERROR_ARGUMENT, "none of the arrays is of a %s of %s, which has %s",
                            c->cell->name, framework_of(c->options->from)->title, names);
    }
    do_layers(c, false);
    look_at_rest(c);
    if (c->misfits > 0)
        return GT_ERROR_SHAPE;
    gt_status status = check_type(c);
    if (status == GT_OK)
        status = check_directions(c);
    return status == GT_OK ? check_widths(c) : status;
}

static gt_status convert(conversion *c)
{
    gt_status status = compare(c);
    if (status != GT_OK)
        return status;
    c->layers = c->options->layers || has_embedding(&c->given);
    return copy_extras(c, true) && do_layers(c, true) && copy_extras(c, false) ? GT_OK : GT_ERROR_SHAPE;
}

static gt_status copy(const gt_archive *given, gt_archive *result, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < gt_archive_count(given) && status == GT_OK; i++)
        status =
            gt_archive_add(result, gt_archive_name(given, i), gt_archive_find(given, gt_archive_name(given, i)), error);
    return status;
}

gt_archive *gt_convert(const gt_archive *given, const gt_convert_options *options, gt_error *error)
{
    gt_error own = {0};
    conversion c = {.options = options, .cell = gt_layout_cell_find(options->cell), .error = &own};
    gt_status status = check_options(options, c.cell, &own);
    c.result = gt_archive_new();
    if (status == GT_OK && c.result == NULL)
        status = gt_error_set(&own, GT_ERROR_MEMORY, "no memory for an archive");
    if (status == GT_OK && options->from == options->to)
        status = copy(given, c.result, &own);
    else if (status == GT_OK) {
        status = gt_given_open(&c.given, given, options, c.cell, &own);
        if (status == GT_OK)
            status = convert(&c);
        gt_given_close(&c.given);
    }
    if (status == GT_OK)
        return c.result;
    gt_archive_free(c.result);
    gt_error_set(error, own.status, "%s", own.message);
    return NULL;
}
