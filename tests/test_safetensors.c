/* safetensors files: what is written is read back bit for bit, and nothing in a header is believed. */
#include "gradtape.h"
#include "io/members.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file of a header and entries. */
typedef struct file {
    char bytes[4096];
    size_t size;
} file;

static file make(const char *header, const void *entries, size_t size)
{
    file f = {.size = 8 + strlen(header) + size};
    for (int i = 0; i < 8; i++)
        f.bytes[i] = (char)((uint64_t)strlen(header) >> (8 * i));
    memcpy(f.bytes + 8, header, strlen(header));
    if (size > 0)
        memcpy(f.bytes + 8 + strlen(header), entries, size);
    return f;
}

static gt_archive *parse(file f, gt_error *error)
{
    return gt_safetensors_parse(f.bytes, f.size, "mine", error);
}

/* ---- reading --------------------------------------------------------------------------------- */

Test(safetensors, entries_in_c_order_become_column_major)
{
    const float entries[] = {1, 2, 3, 4, 5, 6};
    gt_error error = {0};
    gt_archive *a = parse(make("{\"W\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                               "\"__metadata__\":{\"format\":\"pt\"}}   ",
                               entries, sizeof entries),
                          &error);
    cr_assert_not_null(a, "%s", error.message);
    gt_array W = gt_archive_find(a, "W");
    cr_assert(gt_shape_equal(W.shape, GT_SHAPE(2, 3)) && W.dtype == GT_F32);
    cr_expect_arr_eq(W.data, ((float[]){1, 4, 2, 5, 3, 6}), sizeof entries);
    cr_expect_str_eq(gt_archive_text(a, "format"), "pt");
    cr_expect_str_eq(gt_archive_type(a, "W"), "float32");
    gt_archive_free(a);
}

Test(safetensors, every_type_is_read)
{
    static const struct {
        const char *type, *name;
        size_t size;
        uint64_t bits;
        gt_dtype dtype;
        double value;
    } rows[] = {
        {"F64", "float64", 8, 0x3ff8000000000000, GT_F64, 1.5},
        {"F32", "float32", 4, 0x3fc00000, GT_F32, 1.5},
        {"F16", "float16", 2, 0x3e00, GT_F32, 1.5},
        {"BF16", "bfloat16", 2, 0x3fc0, GT_F32, 1.5},
        {"BF16", "bfloat16", 2, 0xc2c8, GT_F32, -100},
        {"BOOL", "bool", 1, 1, GT_I32, 1},
        {"I8", "int8", 1, 0xff, GT_I32, -1},
        {"U8", "uint8", 1, 0xff, GT_I32, 255},
        {"I16", "int16", 2, 0xfffe, GT_I32, -2},
        {"U16", "uint16", 2, 0xfffe, GT_I32, 65534},
        {"I32", "int32", 4, 0xfffffffd, GT_I32, -3},
        {"U32", "uint32", 4, 0xfffffffd, GT_F64, 4294967293.0},
        {"I64", "int64", 8, 7, GT_I32, 7},
        {"I64", "int64", 8, (uint64_t)1 << 40, GT_F64, 1099511627776.0},
        {"U64", "uint64", 8, 7, GT_I32, 7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char header[200], entry[8];
        gt_error error = {0};
        snprintf(header, sizeof header, "{\"x\":{\"dtype\":\"%s\",\"shape\":[],\"data_offsets\":[0,%zu]}}",
                 rows[i].type, rows[i].size);
        for (size_t k = 0; k < 8; k++)
            entry[k] = (char)(rows[i].bits >> (8 * k));
        gt_archive *a = parse(make(header, entry, rows[i].size), &error);
        cr_assert_not_null(a, "%s: %s", rows[i].type, error.message);
        gt_array x = gt_archive_find(a, "x");
        double value = x.dtype == GT_F64   ? *(double *)x.data
                       : x.dtype == GT_F32 ? (double)*(float *)x.data
                                           : *(int32_t *)x.data;
        cr_expect(x.dtype == rows[i].dtype && value == rows[i].value && x.shape.rank == 0, "%s: %g", rows[i].type,
                  value);
        cr_expect_str_eq(gt_archive_type(a, "x"), rows[i].name);
        gt_archive_free(a);
    }
}

/* ---- refusals -------------------------------------------------------------------------------- */

#define ROW(TYPE, SHAPE, PLACE) "{\"dtype\":\"" TYPE "\",\"shape\":" SHAPE ",\"data_offsets\":" PLACE "}"

Test(safetensors, a_header_is_not_believed)
{
    static const struct {
        const char *header;
        gt_status status;
        const char *words;
    } rows[] = {
        {" {}", GT_ERROR_FORMAT, "does not begin with {"},
        {"[]", GT_ERROR_FORMAT, "does not begin with {"},
        {"{", GT_ERROR_FORMAT, "header is not valid"},
        {"{} x", GT_ERROR_FORMAT, "header is not valid"},
        {"{\"a\":" ROW("F32", "[2]", "[0,8]") ",\"a\":" ROW("F32", "[2]", "[0,8]") "}", GT_ERROR_FORMAT, "duplicate"},
        {"{}", GT_ERROR_FORMAT, "8 bytes behind the last array"},
        {"{\"a\":1}", GT_ERROR_FORMAT, "'a' has no dtype"},
        {"{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", GT_ERROR_FORMAT, "'a' has no dtype"},
        {"{\"a\":" ROW("F8_E4M3", "[8]", "[0,8]") "}", GT_ERROR_TYPE, "type F8_E4M3"},
        {"{\"a\":" ROW("F32", "2", "[0,8]") "}", GT_ERROR_FORMAT, "no shape"},
        {"{\"a\":" ROW("F32", "[2.0]", "[0,8]") "}", GT_ERROR_FORMAT, "not of whole numbers"},
        {"{\"a\":" ROW("F32", "[-2]", "[0,8]") "}", GT_ERROR_FORMAT, "not of whole numbers"},
        {"{\"a\":" ROW("F32", "[0]", "[0,0]") "}", GT_ERROR_SHAPE, "axis of size 0"},
        {"{\"a\":" ROW("F32", "[1,1,1,1,2]", "[0,8]") "}", GT_ERROR_SHAPE, "more than 4 axes"},
        {"{\"a\":" ROW("F32", "[9223372036854775807,9223372036854775807]", "[0,8]") "}", GT_ERROR_SIZE, "more entries"},
        {"{\"a\":" ROW("F32", "[4611686018427387904,4]", "[0,8]") "}", GT_ERROR_SIZE, "more entries"},
        {"{\"a\":" ROW("F32", "[99999999999999999999]", "[0,8]") "}", GT_ERROR_FORMAT, "header is not valid"},
        {"{\"a\":" ROW("F32", "[2]", "[8,0]") "}", GT_ERROR_FORMAT, "no place in the file"},
        {"{\"a\":" ROW("F32", "[2]", "[0]") "}", GT_ERROR_FORMAT, "no place in the file"},
        {"{\"a\":" ROW("F32", "[2]", "[-8,0]") "}", GT_ERROR_FORMAT, "no place in the file"},
        {"{\"a\":" ROW("F32", "[4]", "[0,16]") "}", GT_ERROR_FORMAT, "no place in the file"},
        {"{\"a\":" ROW("F32", "[1]", "[0,8]") "}", GT_ERROR_FORMAT, "as many bytes as its shape"},
        {"{\"a\":" ROW("F32", "[1]", "[4,8]") "}", GT_ERROR_FORMAT, "where the one before it ends"},
        {"{\"a\":" ROW("F32", "[1]", "[0,4]") "}", GT_ERROR_FORMAT, "4 bytes behind"},
        {"{\"a\":" ROW("F32", "[2]", "[0,8]") ",\"b\":" ROW("F32", "[1]", "[4,8]") "}", GT_ERROR_FORMAT,
         "'b' does not begin"},
        {"{\"a\":" ROW("F32", "[2]", "[0,8]") ",\"__metadata__\":[]}", GT_ERROR_FORMAT, "is no object"},
        {"{\"a\":" ROW("F32", "[2]", "[0,8]") ",\"__metadata__\":{\"k\":1}}", GT_ERROR_FORMAT, "no text"},
        {"{\"a\\u0000\":" ROW("F32", "[2]", "[0,8]") "}", GT_ERROR_FORMAT, "header is not valid"},
        {"{\"a\\u001b\":" ROW("F32", "[2]", "[0,8]") "}", GT_ERROR_ARGUMENT, ""},
        {"{\"a\":" ROW("U64", "[]", "[0,8]") "}", GT_ERROR_VALUE, "no double holds exactly"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gt_error error = {0};
        gt_archive *a = parse(make(rows[i].header, "\xff\xff\xff\xff\xff\xff\xff\xff", 8), &error);
        cr_expect_null(a, "%s was read", rows[i].header);
        cr_expect_eq(error.status, rows[i].status, "%s: %s", rows[i].header, error.message);
        cr_expect(strstr(error.message, rows[i].words) != NULL, "%s: %s", rows[i].header, error.message);
        gt_archive_free(a);
        cr_expect_null(parse(make(rows[i].header, "\xff\xff\xff\xff\xff\xff\xff\xff", 8), NULL));
    }
}

Test(safetensors, lengths_are_not_believed)
{
    file good = make("{\"a\":" ROW("F32", "[2]", "[0,8]") "}", "abcdefgh", 8);
    gt_error error = {0};
    for (size_t size = 0; size < good.size; size++) {
        gt_archive *a = gt_safetensors_parse(good.bytes, size, NULL, &error);
        cr_expect_null(a, "the first %zu bytes were read", size);
        gt_archive_free(a);
    }
    for (int i = 0; i < 8; i++) {
        file bad = good;
        bad.bytes[i] = (char)0xff;
        cr_expect_null(parse(bad, &error), "with the length's byte %d", i);
    }
    gt_archive *a = parse(good, &error);
    cr_expect_not_null(a);
    gt_archive_free(a);
    cr_expect_null(gt_safetensors_parse(NULL, 9, "mine", &error));
}

/* ---- writing --------------------------------------------------------------------------------- */

static gt_archive *some_arrays(void)
{
    static float f[6] = {1, -0.0f, 3, 4, 5, INFINITY};
    static double d[24];
    static int32_t n[2] = {-7, INT32_MAX};
    gt_archive *a = gt_archive_new();
    for (int i = 0; i < 24; i++)
        d[i] = i == 5 ? NAN : 1.0 / (i + 1);
    cr_assert_eq(gt_archive_add(a, "small", (gt_array){f, GT_F32, GT_SHAPE(2, 3)}, NULL), GT_OK);
    cr_assert_eq(gt_archive_add(a, "large", (gt_array){d, GT_F64, GT_SHAPE(2, 3, 4)}, NULL), GT_OK);
    cr_assert_eq(gt_archive_add(a, "Größe \"n\"", (gt_array){n, GT_I32, GT_SHAPE(2)}, NULL), GT_OK);
    cr_assert_eq(gt_archive_add(a, "one", (gt_array){d, GT_F64, GT_SCALAR}, NULL), GT_OK);
    cr_assert_eq(gt_archive_add_text(a, "model.json", "{\"a\": \"\\n\"}", NULL), GT_OK);
    return a;
}

static void expect_same(const gt_archive *a, const gt_archive *b)
{
    cr_assert_eq(gt_archive_count(a), gt_archive_count(b));
    for (uint32_t i = 0; i < gt_archive_count(a); i++) {
        const char *name = gt_archive_name(a, i);
        gt_array x = gt_archive_find(a, name), y = gt_archive_find(b, name);
        cr_assert(y.data != NULL && x.dtype == y.dtype && x.shape.rank == y.shape.rank &&
                      gt_shape_equal(x.shape, y.shape),
                  "%s", name);
        cr_expect_arr_eq(x.data, y.data, (size_t)gt_shape_count(x.shape) * gt_dtype_size(x.dtype), "%s", name);
    }
    cr_expect_str_eq(gt_archive_text(b, "model.json"), gt_archive_text(a, "model.json"));
}

Test(safetensors, what_is_written_is_read_bit_for_bit)
{
    gt_archive *a = some_arrays();
    gt_error error = {0};
    char *bytes, *again;
    size_t size, size_again;
    cr_assert_eq(gt_safetensors_render(a, &bytes, &size, &error), GT_OK, "%s", error.message);
    gt_archive *b = gt_safetensors_parse(bytes, size, "mine", &error);
    cr_assert_not_null(b, "%s", error.message);
    expect_same(a, b);
    cr_expect_str_eq(gt_archive_name(b, 0), "large", "what has 8 bytes an entry comes first");
    cr_assert_eq(gt_safetensors_render(a, &again, &size_again, &error), GT_OK);
    cr_expect(size == size_again && memcmp(bytes, again, size) == 0);
    cr_expect_eq(((const unsigned char *)bytes)[0] % 8, 0, "the entries are aligned");
    gt_archive_bytes_free(bytes);
    gt_archive_bytes_free(again);
    gt_archive_free(a);
    gt_archive_free(b);
}

Test(safetensors, files_are_replaced)
{
    char path[] = "/tmp/gradtape-safetensors-XXXXXX";
    int descriptor = mkstemp(path);
    cr_assert_geq(descriptor, 0);
    close(descriptor);
    gt_archive *a = some_arrays();
    gt_error error = {0};
    cr_assert_eq(gt_safetensors_write(a, path, &error), GT_OK, "%s", error.message);
    gt_archive *b = gt_safetensors_read(path, &error);
    cr_assert_not_null(b, "%s", error.message);
    expect_same(a, b);
    cr_expect_null(gt_safetensors_read("/nowhere/at/all", &error));
    cr_expect_eq(error.status, GT_ERROR_FILE);
    cr_expect_null(gt_safetensors_read("/tmp", &error));
    cr_expect_null(gt_safetensors_read(NULL, &error));
    cr_expect_eq(gt_safetensors_write(a, "/nowhere/at/all", &error), GT_ERROR_FILE);
    cr_expect_eq(gt_safetensors_write(NULL, path, &error), GT_ERROR_ARGUMENT);
    unlink(path);
    gt_archive_free(a);
    gt_archive_free(b);
}

Test(safetensors, an_empty_archive_is_a_file)
{
    gt_archive *a = gt_archive_new(), *b;
    char *bytes;
    size_t size;
    gt_error error = {0};
    cr_assert_eq(gt_safetensors_render(a, &bytes, &size, &error), GT_OK);
    b = gt_safetensors_parse(bytes, size, "mine", &error);
    cr_assert_not_null(b, "%s", error.message);
    cr_expect_eq(gt_archive_count(b), 0);
    gt_archive_bytes_free(bytes);
    gt_archive_free(a);
    gt_archive_free(b);
}

/* ---- at the edges ---------------------------------------------------------------------------- */

static void expect_said(const char *header, const char *words)
{
    const double two[2] = {1, 2};
    gt_error error = {0};
    gt_archive *a = parse(make(header, two, sizeof two), &error);
    cr_expect_eq(a != NULL, words == NULL, "%s: %s", header, error.message);
    cr_expect(words == NULL || strstr(error.message, words) != NULL, "%s: %s", header, error.message);
    gt_archive_free(a);
}

Test(safetensors, sizes_and_places)
{
    expect_said("{\"a\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]}}", NULL);
    expect_said("{\"a\":{\"dtype\":\"F64\",\"shape\":[1048576,1048576],\"data_offsets\":[0,16]}}", "more entries");
    expect_said("{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                "\"b\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
                "does not begin where the one before it ends");
    expect_said("{\"__metadata__\":{\"a\":1,\"b\":\"c\"}}", "something that is no text");
    expect_said("{\"a\":", "the header is not valid");
}

/* ---- large arrays ---------------------------------------------------------------------------- */

/* Entries are read piece by piece; a bad one ends the reading in whatever piece it is. */
Test(safetensors, arrays_of_several_pieces)
{
    enum { COUNT = 30000, SIZE = 8 * COUNT };
    static const char header[] = "{\"a\":" ROW("I64", "[30000]", "[0,240000]") "}";
    size_t length = strlen(header), size = 8 + length + SIZE;
    uint8_t *bytes = calloc(size, 1);
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)length >> (8 * i));
    memcpy(bytes + 8, header, length);
    for (size_t k = 0; k < COUNT; k++)
        for (int i = 0; i < 4; i++)
            bytes[8 + length + 8 * k + (size_t)i] = (uint8_t)(k >> (8 * i));
    gt_error error = {0};
    gt_archive *a = gt_safetensors_parse(bytes, size, "large", &error);
    cr_assert_not_null(a, "%s", error.message);
    gt_array read = gt_archive_find(a, "a");
    cr_assert_eq(read.dtype, GT_I32);
    for (int k = 0; k < COUNT; k++)
        cr_assert_eq(((const int32_t *)read.data)[k], k);
    gt_archive_free(a);
    static const size_t bad[] = {0, COUNT / 2, COUNT - 1};
    for (int i = 0; i < 3; i++) {
        uint8_t *entry = bytes + 8 + length + 8 * bad[i], kept[8];
        memcpy(kept, entry, 8);
        memset(entry, 0x7f, 8);
        cr_expect_null(gt_safetensors_parse(bytes, size, "large", &error));
        cr_expect_eq(error.status, GT_ERROR_VALUE, "%s", error.message);
        memcpy(entry, kept, 8);
    }
    free(bytes);
}
