/* Reading the header of a .npy array. */
#include "io/npy.h"

#include <string.h>

/* What is left of the header's text. */
typedef struct gt_words {
    const char *at, *end;
} gt_words;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Takes `c` if it comes next after blanks. */
static bool accept(gt_words *words, char c)
{
    while (words->at < words->end && is_blank(*words->at))
        words->at++;
    if (words->at == words->end || *words->at != c)
        return false;
    words->at++;
    return true;
}

static bool next_is(const gt_words *words, char c)
{
    gt_words ahead = *words;
    return accept(&ahead, c);
}

static bool accept_word(gt_words *words, const char *word)
{
    size_t length = strlen(word);
    gt_words ahead = *words;
    if (!accept(&ahead, *word) || (size_t)(ahead.end - ahead.at) < length - 1 ||
        memcmp(ahead.at, word + 1, length - 1) != 0)
        return false;
    words->at = ahead.at + (length - 1);
    return true;
}

/* A text in single or double quotes, of printable ASCII without escapes. */
static bool take_quoted(gt_words *words, char *text, size_t size)
{
    char quote = '\'';
    if (!accept(words, quote)) {
        quote = '"';
        if (!accept(words, quote))
            return false;
    }
    for (size_t i = 0; i < size && words->at < words->end; i++) {
        char c = *words->at++;
        if (c == quote) {
            text[i] = '\0';
            return true;
        }
        if (c < ' ' || c > '~' || c == '\\')
            return false;
        text[i] = c;
    }
    return false;
}

/* Digits, with the L that Python 2 wrote behind a long one. */
static bool take_size(gt_words *words, int64_t *size, bool *overflow)
{
    const char *start = words->at;
    *size = 0;
    for (; words->at < words->end && *words->at >= '0' && *words->at <= '9'; words->at++)
        if (__builtin_mul_overflow(*size, 10, size) || __builtin_add_overflow(*size, *words->at - '0', size))
            *overflow = true;
    if (words->at == start)
        return false;
    accept(words, 'L');
    return true;
}

static gt_status malformed(gt_error *error)
{
    return gt_error_set(error, GT_ERROR_FORMAT,
                        "has a malformed header: {'descr': ..., 'fortran_order': ..., 'shape': "
                        "...} was expected");
}

/* ---- element types ------------------------------------------------------------------------- */

static const char *kind_meaning(char kind)
{
    static const struct {
        char kind;
        const char *meaning;
    } kinds[] = {
        {'?', "booleans"},
        {'b', "booleans"},
        {'i', "integers"},
        {'u', "unsigned integers"},
        {'f', "floating-point numbers"},
        {'c', "complex numbers"},
        {'O', "Python objects"},
        {'S', "byte strings"},
        {'a', "byte strings"},
        {'U', "text"},
        {'V', "raw bytes"},
        {'M', "dates"},
        {'m', "time spans"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].kind == kind)
            return kinds[i].meaning;
    return "entries of an unknown type";
}

static gt_status parse_type(const char *type, gt_npy_layout *layout, gt_error *error)
{
    const uint16_t one = 1;
    const bool little_endian = *(const uint8_t *)&one == 1;
    const char *code = type;
    bool little = little_endian;
    if (*code == '<' || *code == '>')
        little = *code == '<';
    if (*code == '<' || *code == '>' || *code == '=' || *code == '|')
        code++;
    layout->swapped = little != little_endian;
    layout->type = gt_file_type_by_code(code);
    if (layout->type == NULL)
        return gt_error_set(error, GT_ERROR_TYPE,
                            "holds %s (NumPy's type '%s'), but real or whole numbers of up to 64 bits are "
                            "read: convert it with .astype('f8')%s",
                            kind_meaning(*code), type, strcmp(code, "V2") == 0 ? "; is it bfloat16?" : "");
    return GT_OK;
}

static gt_status take_type(gt_words *words, gt_npy_layout *layout, gt_error *error)
{
    if (next_is(words, '['))
        return gt_error_set(error, GT_ERROR_TYPE,
                            "has a structured type, but real or whole numbers are read: save its "
                            "fields as arrays of their own");
    char type[32];
    if (!take_quoted(words, type, sizeof type))
        return malformed(error);
    return parse_type(type, layout, error);
}

/* ---- shapes -------------------------------------------------------------------------------- */

static gt_status check_shape(const gt_npy_layout *layout, gt_error *error)
{
    char text[128];
    gt_shape_format(layout->shape, text, sizeof text);
    for (int i = 0; i < layout->shape.rank; i++)
        if (layout->shape.size[i] == 0)
            return gt_error_set(error, GT_ERROR_SHAPE,
                                "has the shape %s and so no entries: every size must be at least 1", text);
    int64_t count = gt_shape_count(layout->shape);
    if (count < 0 || count > GT_NPY_MAX_BYTES / layout->type->item_size)
        return gt_error_set(error, GT_ERROR_SIZE,
                            "has the shape %s, which is more than the limit of 2^40 bytes or of this "
                            "machine's addresses",
                            text);
    return GT_OK;
}

/* (), (5,), (5, 10), (5, 10,) */
static gt_status take_shape(gt_words *words, gt_shape *shape, gt_error *error)
{
    if (!accept(words, '('))
        return malformed(error);
    int32_t rank = 0;
    bool overflow = false, comma = true;
    *shape = GT_SCALAR;
    while (!accept(words, ')')) {
        int64_t size;
        if (!comma || !take_size(words, &size, &overflow))
            return malformed(error);
        if (rank < GT_MAX_RANK)
            shape->size[rank] = size;
        rank++; /* a header is too short for this to overflow */
        comma = accept(words, ',');
    }
    if (rank == 1 && !comma)
        return malformed(error); /* in Python (5) is no tuple */
    if (overflow)
        return gt_error_set(error, GT_ERROR_SIZE, "has a size that overflows 64 bits");
    if (rank > GT_MAX_RANK)
        return gt_error_set(error, GT_ERROR_SHAPE, "has %d axes, but at most %d can be read", (int)rank, GT_MAX_RANK);
    shape->rank = rank;
    return GT_OK;
}

/* ---- the header ---------------------------------------------------------------------------- */

enum { HAS_TYPE = 1, HAS_ORDER = 2, HAS_SHAPE = 4, HAS_ALL = 7 };

/* One key and its value. *seen gathers the keys, each of which may come once. */
static gt_status take_pair(gt_words *words, gt_npy_layout *layout, int *seen, gt_error *error)
{
    char key[16];
    if (!take_quoted(words, key, sizeof key) || !accept(words, ':'))
        return malformed(error);
    int field = strcmp(key, "descr") == 0           ? HAS_TYPE
                : strcmp(key, "fortran_order") == 0 ? HAS_ORDER
                : strcmp(key, "shape") == 0         ? HAS_SHAPE
                                                    : 0;
    if (field == 0 || (*seen & field) != 0)
        return malformed(error);
    *seen |= field;
    if (field == HAS_TYPE)
        return take_type(words, layout, error);
    if (field == HAS_SHAPE)
        return take_shape(words, &layout->shape, error);
    layout->column_major = accept_word(words, "True");
    return layout->column_major || accept_word(words, "False") ? GT_OK : malformed(error);
}

gt_status gt_npy_parse_header(const char *text, size_t size, gt_npy_layout *layout, gt_error *error)
{
    gt_words words = {text, text + size};
    int seen = 0;
    bool comma = true;
    if (!accept(&words, '{'))
        return malformed(error);
    while (!accept(&words, '}')) {
        if (!comma)
            return malformed(error);
        gt_status status = take_pair(&words, layout, &seen, error);
        if (status != GT_OK)
            return status;
        comma = accept(&words, ',');
    }
    while (words.at < words.end && is_blank(*words.at))
        words.at++;
    if (seen != HAS_ALL || words.at != words.end)
        return malformed(error);
    return check_shape(layout, error);
}

gt_status gt_npy_check_magic(const uint8_t bytes[GT_NPY_MAGIC_SIZE], uint32_t *length_size, gt_error *error)
{
    if (memcmp(bytes, "\x93NUMPY", 6) != 0)
        return gt_error_set(error, GT_ERROR_FORMAT, "is not in NumPy's .npy format");
    if (bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0)
        return gt_error_set(error, GT_ERROR_FORMAT,
                            "is in version %d.%d of the .npy format; 1.0, 2.0 and 3.0 can be read", bytes[6], bytes[7]);
    *length_size = bytes[6] == 1 ? 2 : 4;
    return GT_OK;
}

uint32_t gt_npy_header_length(const uint8_t *bytes, uint32_t length_size)
{
    uint32_t length = 0;
    for (uint32_t i = 0; i < length_size; i++)
        length |= (uint32_t)bytes[i] << (8 * i);
    return length;
}

gt_status gt_npy_read_header(gt_npy_read *read, void *from, uint8_t *chunk, uint32_t most, gt_npy_layout *layout,
                             gt_error *error)
{
    uint8_t prefix[GT_NPY_MAGIC_SIZE];
    uint32_t length_size = 0;
    gt_status status = read(from, prefix, GT_NPY_MAGIC_SIZE, error);
    if (status == GT_OK)
        status = gt_npy_check_magic(prefix, &length_size, error);
    if (status == GT_OK)
        status = read(from, prefix, length_size, error);
    if (status != GT_OK)
        return status;
    uint32_t length = gt_npy_header_length(prefix, length_size);
    if (length > most)
        return gt_error_set(error, GT_ERROR_SIZE, "has a header of %u bytes; at most %u are read", (unsigned)length,
                            (unsigned)most);
    status = read(from, chunk, length, error);
    return status == GT_OK ? gt_npy_parse_header((const char *)chunk, length, layout, error) : status;
}
