#include "gradtape/parameters.h"

#include "base/hash.h"
#include "base/initializer_formula.h"
#include "base/types.h"
#include "base/utf8.h"
#include "models/initializers.h"

#include <string.h>

typedef struct gt_entry {
    char *name;
    gt_array array;
    gt_initializer initializer;
    uint32_t place;
    bool added;
    UT_hash_handle hh;
} gt_entry;

struct gt_parameters {
    gt_dtype dtype;
    gt_error error; /* the first */
    gt_entry *by_name;
    gt_entry **list; /* in order of addition */
    size_t count, capacity;
    int64_t total;
};

gt_parameters *gt_parameters_new(gt_dtype dtype)
{
    gt_parameters *set = gt_memory_new(1, sizeof *set);
    if (set == NULL)
        return NULL;
    set->dtype = dtype;
    if (!gt_type_is_real(dtype))
        gt_error_set(&set->error, GT_ERROR_TYPE, "parameters are f64 or f32, not %s", gt_dtype_name(dtype));
    return set;
}

static void free_entry(gt_entry *entry)
{
    if (entry == NULL)
        return;
    gt_memory_free(entry->name);
    gt_memory_free(entry->array.data);
    gt_initializer_release(entry->initializer);
    gt_memory_free(entry);
}

void gt_parameters_free(gt_parameters *set)
{
    if (set == NULL)
        return;
    HASH_CLEAR(hh, set->by_name);
    for (size_t i = 0; i < set->count; i++)
        free_entry(set->list[i]);
    gt_memory_free(set->list);
    gt_memory_free(set);
}

gt_status gt_parameters_status(const gt_parameters *set)
{
    return set == NULL ? GT_ERROR_MEMORY : set->error.status;
}

const char *gt_parameters_message(const gt_parameters *set)
{
    return set == NULL ? "no memory for a set of parameters" : set->error.message;
}

/* ---- adding -------------------------------------------------------------------------------- */

static gt_status check_new(gt_parameters *set, const char *name, gt_shape shape, gt_initializer initializer)
{
    if (name == NULL || *name == '\0')
        return gt_error_set(&set->error, GT_ERROR_ARGUMENT, "a parameter needs a name");
    if (gt_parameters_find(set, name) >= 0)
        return gt_error_set(&set->error, GT_ERROR_ARGUMENT,
                            "there is a parameter '%.*s' already; give this one another name", gt_utf8_fit(name, 100),
                            name);
    int64_t count = gt_shape_count(shape), total;
    char text[128];
    if (count < 1)
        return gt_error_set(&set->error, GT_ERROR_SHAPE, "parameter '%.*s' has the impossible shape %s",
                            gt_utf8_fit(name, 100), name, gt_shape_format(shape, text, sizeof text));
    if (__builtin_add_overflow(set->total, count, &total) || set->count >= INT32_MAX)
        return gt_error_set(&set->error, GT_ERROR_SIZE, "parameter '%.*s' makes the set larger than 64-bit sizes",
                            gt_utf8_fit(name, 100), name);
    return gt_initializer_check(initializer, name, set->dtype, shape, &set->error);
}

static bool copy_initializer(gt_initializer *copy, gt_initializer from)
{
    if (from.kind == GT_INITIALIZE_FORMULA)
        from.formula = from.formula->copy(from.formula);
    if (from.kind == GT_INITIALIZE_FORMULA && from.formula == NULL)
        return false;
    *copy = from;
    return true;
}

/* False on no memory; the set is then as it was. */
static bool append(gt_parameters *set, const char *name, gt_shape shape, gt_initializer initializer)
{
    gt_entry *entry = gt_memory_new(1, sizeof *entry);
    if (entry == NULL)
        return false;
    size_t count = (size_t)gt_shape_count(shape);
    entry->name = gt_memory_text(name);
    entry->array = (gt_array){gt_memory_new(count, gt_dtype_size(set->dtype)), set->dtype, shape};
    bool copied = copy_initializer(&entry->initializer, initializer);
    entry->place = (uint32_t)set->count;
    if (copied && entry->name != NULL && entry->array.data != NULL &&
        GT_RESERVE(set->list, set->capacity, set->count + 1)) {
        entry->added = true;
        HASH_ADD_KEYPTR(hh, set->by_name, entry->name, strlen(entry->name), entry);
        if (entry->added) {
            set->list[set->count++] = entry;
            set->total += (int64_t)count;
            return true;
        }
    }
    free_entry(entry);
    return false;
}

gt_status gt_parameters_add(gt_parameters *set, const char *name, gt_shape shape, gt_initializer initializer)
{
    gt_status status = gt_parameters_status(set);
    if (status == GT_OK)
        status = check_new(set, name, shape, initializer);
    if (status == GT_OK && !append(set, name, shape, initializer)) {
        char text[128];
        status = gt_error_set(&set->error, GT_ERROR_MEMORY, "no memory for parameter '%.*s' of shape %s",
                              gt_utf8_fit(name, 100), name, gt_shape_format(shape, text, sizeof text));
    }
    return status;
}

/* ---- looking ------------------------------------------------------------------------------- */

gt_dtype gt_parameters_dtype(const gt_parameters *set)
{
    return set == NULL ? GT_F64 : set->dtype;
}

uint32_t gt_parameters_count(const gt_parameters *set)
{
    return set == NULL ? 0 : (uint32_t)set->count;
}

int64_t gt_parameters_find(const gt_parameters *set, const char *name)
{
    gt_entry *entry = NULL;
    if (set != NULL && name != NULL)
        HASH_FIND_STR(set->by_name, name, entry);
    return entry == NULL ? -1 : (int64_t)entry->place;
}

const char *gt_parameters_name(const gt_parameters *set, uint32_t i)
{
    return i < gt_parameters_count(set) ? set->list[i]->name : NULL;
}

gt_array gt_parameters_array(const gt_parameters *set, uint32_t i)
{
    return i < gt_parameters_count(set) ? set->list[i]->array : (gt_array){.data = NULL};
}

int64_t gt_parameters_total(const gt_parameters *set)
{
    return set == NULL ? 0 : set->total;
}

/* ---- using --------------------------------------------------------------------------------- */

gt_status gt_parameters_initialize(gt_parameters *set, uint64_t seed)
{
    gt_status status = gt_parameters_status(set);
    for (uint32_t i = 0; i < gt_parameters_count(set) && status == GT_OK; i++) {
        gt_entry *entry = set->list[i];
        status = gt_initializer_fill(entry->initializer, seed, entry->name, entry->array, &set->error);
    }
    return status;
}

gt_status gt_parameters_record(const gt_parameters *set, gt_tape *tape, gt_var *vars)
{
    if (gt_parameters_status(set) != GT_OK)
        gt_tape_fail(tape, gt_parameters_status(set), "parameters: %s", gt_parameters_message(set));
    else if (gt_tape_status(tape) == GT_OK && gt_tape_dtype(tape) != set->dtype)
        gt_tape_fail(tape, GT_ERROR_TYPE, "parameters of type %s on a tape of type %s", gt_dtype_name(set->dtype),
                     gt_dtype_name(gt_tape_dtype(tape)));
    /* After an error gt_parameter gives invalid vars, which is what they should be. */
    for (uint32_t i = 0; i < gt_parameters_count(set); i++)
        vars[i] = gt_parameter(tape, set->list[i]->name, set->list[i]->array.shape);
    return gt_tape_status(tape);
}

gt_status gt_parameters_bind(const gt_parameters *set, gt_interpreter *run, const gt_var *vars)
{
    gt_status status = gt_parameters_status(set);
    for (uint32_t i = 0; i < gt_parameters_count(set) && status == GT_OK; i++) {
        gt_array array = set->list[i]->array;
        /* The interpreter reads as much memory as the var says. */
        if (gt_var_valid(vars[i]) && gt_var_dtype(vars[i]) != array.dtype)
            return GT_ERROR_TYPE;
        if (gt_var_valid(vars[i]) && !gt_shape_equal(gt_var_shape(vars[i]), array.shape))
            return GT_ERROR_SHAPE;
        status = gt_interpreter_bind(run, vars[i], array.data);
    }
    return status;
}
