/* What people bring: other types of numbers, what macOS adds, and files that are no .npz files. */
#include "hostile.h"
#include "io/members.h"

TestSuite(archive_kinds, .init = make_folder, .fini = remove_folder);

/* ---- types --------------------------------------------------------------------------------- */

/* Reads an array "w" of two entries; `type` is NumPy's. */
static gt_archive *read_two(const char *type, const void *entries, size_t size, gt_error *error)
{
    static zip_builder zip;
    static uint8_t npy[512];
    char header[256];
    snprintf(header, sizeof header, HEADER("'%s'", "False", "(2,)"), type);
    uint32_t bytes = npy_build(npy, 1, header, entries, size);
    zip_build(&zip, &(zip_part){.name = "w.npy", .bytes = npy, .size = bytes}, 1);
    return read_built(&zip, error);
}

static double number(gt_array array, int i)
{
    return array.dtype == GT_F64   ? ((const double *)array.data)[i]
           : array.dtype == GT_F32 ? (double)((const float *)array.data)[i]
                                   : (double)((const int32_t *)array.data)[i];
}

static const struct {
    const char *type, *name;
    const char *bytes;
    size_t size; /* of both entries */
    gt_dtype dtype;
    double a, b;
} types[] = {
    {"|b1", "bool", "\0\1", 2, GT_I32, 0, 1},
    {"?", "bool", "\1\2", 2, GT_I32, 1, 1},
    {"|i1", "int8", "\x80\x7f", 2, GT_I32, -128, 127},
    {"|u1", "uint8", "\x80\xff", 2, GT_I32, 128, 255},
    {"<i2", "int16", "\xff\xff\x00\x80", 4, GT_I32, -1, -32768},
    {">i2", "int16", "\xff\xfe\x00\x03", 4, GT_I32, -2, 3},
    {"<u2", "uint16", "\xff\xff\x01\x00", 4, GT_I32, 65535, 1},
    {"<i4", "int32", "\0\0\0\x80\xff\xff\xff\x7f", 8, GT_I32, INT32_MIN, INT32_MAX},
    {"<u4", "uint32", "\0\0\0\x80\1\0\0\0", 8, GT_F64, 2147483648.0, 1},
    {"<u4", "uint32", "\xff\xff\xff\x7f\1\0\0\0", 8, GT_I32, INT32_MAX, 1},
    {"<i8", "int64", "\xfe\xff\xff\xff\xff\xff\xff\xff\7\0\0\0\0\0\0\0", 16, GT_I32, -2, 7},
    {">i8", "int64", "\0\0\0\1\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 16, GT_F64, 4294967296.0, -1},
    {"<i8", "int64", "\0\0\0\0\0\0\x20\0\0\0\0\0\0\0\xe0\xff", 16, GT_F64, 9007199254740992.0, -9007199254740992.0},
    {"<u8", "uint64", "\0\0\0\0\0\0\x20\0\0\0\0\0\0\0\0\0", 16, GT_F64, 9007199254740992.0, 0},
    /* 1.5 and the smallest number of half precision, 2^-24; then -65504, the largest, and 2^-14. */
    {"<f2", "float16", "\x00\x3e\x01\x00", 4, GT_F32, 1.5, 0x1p-24},
    {">f2", "float16", "\xfb\xff\x04\x00", 4, GT_F32, -65504, 0x1p-14},
    {">f4", "float32", "\x3f\xc0\0\0\xbf\x80\0\0", 8, GT_F32, 1.5, -1},
};

Test(archive_kinds, numbers_of_all_types)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        gt_error error;
        gt_archive *archive = read_two(types[i].type, types[i].bytes, types[i].size, &error);
        cr_assert_not_null(archive, "%s: %s", types[i].type, error.message);
        gt_array w = gt_archive_find(archive, "w");
        cr_expect_eq(w.dtype, types[i].dtype, "%s (%zu)", types[i].type, i);
        cr_expect_str_eq(gt_archive_type(archive, "w"), types[i].name);
        cr_expect(number(w, 0) == types[i].a && number(w, 1) == types[i].b, "%s: %g %g", types[i].type, number(w, 0),
                  number(w, 1));
        gt_archive_free(archive);
    }
}

Test(archive_kinds, not_a_number_in_half_precision)
{
    gt_error error;
    gt_archive *archive = read_two("<f2", "\x00\x7e\x00\xfc", 4, &error);
    cr_assert_not_null(archive, "%s", error.message);
    const float *w = gt_archive_find(archive, "w").data;
    cr_expect(w[0] != w[0] && w[1] == -__builtin_inff());
    gt_archive_free(archive);
}

/* 2^53 + 1 is no double, nor are numbers that would wrap around. */
Test(archive_kinds, inexact_whole_numbers_are_refused)
{
    static const struct {
        const char *type, *bytes, *entry;
    } cases[] = {
        {"<i8", "\1\0\0\0\0\0\x20\0\0\0\0\0\0\0\0\0", "9007199254740993"},
        {"<i8", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80", "-9223372036854775808"},
        {"<u8", "\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gt_error error;
        cr_assert_null(read_two(cases[i].type, cases[i].bytes, 16, &error));
        cr_expect_eq(error.status, GT_ERROR_VALUE);
        cr_expect_not_null(strstr(error.message, cases[i].entry), "%s", error.message);
    }
}

/* ---- members ------------------------------------------------------------------------------- */

static zip_part good_part(const char *name)
{
    static uint8_t npy[256];
    uint32_t size = npy_build(npy, 1, HEADER("'<f8'", "False", "(2,)"), two, sizeof two);
    return (zip_part){.name = name, .bytes = npy, .size = size};
}

Test(archive_kinds, what_macos_adds_is_passed_over)
{
    static zip_builder zip;
    gt_error error;
    zip_part junk = {.bytes = "\0\5\x16\7", .size = 4};
    zip_part parts[5] = {junk, good_part("a.npy"), junk, junk, junk};
    parts[0].name = ".DS_Store";
    parts[2].name = "__MACOSX/._a.npy";
    parts[3].name = "folder/._b.npy";
    parts[4].name = "__MACOSX/";
    zip_build(&zip, parts, 5);
    gt_archive *archive = read_built(&zip, &error);
    cr_assert_not_null(archive, "%s", error.message);
    cr_expect_eq(gt_archive_count(archive), 1);
    cr_expect_eq(memcmp(gt_archive_find(archive, "a").data, two, sizeof two), 0);
    gt_archive_free(archive);
}

/* Names and shapes at once, entries when they are wanted, each on its own. */
Test(archive_kinds, opened_archives_read_what_is_loaded)
{
    static zip_builder zip;
    gt_error error = {0};
    zip_part broken = good_part("b.npy");
    broken.wrong_crc = 1; /* is found at the end of the entries */
    zip_build(&zip, (zip_part[]){good_part("a.npy"), broken, {.name = "t", .bytes = "text", .size = 4}}, 3);
    write_file(path_of("x.npz"), zip.bytes, zip.size);
    gt_archive *archive = gt_archive_open(path_of("x.npz"), &error);
    cr_assert_not_null(archive, "%s", error.message);
    cr_expect_eq(gt_archive_count(archive), 2);
    cr_expect_null(gt_archive_find(archive, "a").data);
    cr_expect_eq(gt_archive_find(archive, "a").shape.size[0], 2);
    cr_expect_eq(gt_archive_find(archive, "c").shape.size[0], 0);
    cr_expect_null(gt_archive_text(archive, "t"));
    cr_assert_eq(gt_archive_load(archive, "a", &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_archive_load(archive, "a", &error), GT_OK);
    cr_expect_eq(memcmp(gt_archive_find(archive, "a").data, two, sizeof two), 0);
    cr_assert_eq(gt_archive_load_text(archive, "t", &error), GT_OK, "%s", error.message);
    cr_expect_str_eq(gt_archive_text(archive, "t"), "text");
    cr_expect_eq(gt_archive_load(archive, "b", &error), GT_ERROR_FORMAT);
    cr_expect_not_null(strstr(error.message, "array 'b'"), "%s", error.message);
    cr_expect_eq(gt_archive_load(archive, "c", &error), GT_ERROR_ARGUMENT);
    cr_expect_not_null(strstr(error.message, "no array 'c'"), "%s", error.message);
    cr_expect_eq(gt_archive_write(archive, path_of("y.npz"), false, &error), GT_ERROR_ARGUMENT);
    gt_archive_free(archive);
}

Test(archive_kinds, texts_have_a_limit)
{
    static zip_builder zip;
    static uint8_t packed[65028]; /* so many could hold it */
    zip_part part = {.name = "t", .bytes = packed, .size = sizeof packed, .method = 8};
    part.stated_size = (1 << 26) + 1;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_SIZE, "texts of at most 67108864 are read");
}

Test(archive_kinds, models_of_keras_are_called_what_they_are)
{
    static zip_builder zip;
    zip_build(&zip,
              (zip_part[]){{.name = "config.json", .bytes = "{}", .size = 2},
                           {.name = "model.weights.h5", .bytes = "\x89HDF", .size = 4}},
              2);
    expect_error(&zip, GT_ERROR_FORMAT, "is a model of Keras");
}

/* ---- one array ----------------------------------------------------------------------------- */

static gt_archive *read_npy(const char *name, const void *bytes, size_t size, gt_error *error)
{
    *error = (gt_error){GT_OK, ""};
    write_file(path_of(name), bytes, size);
    return gt_archive_read(path_of(name), error);
}

Test(archive_kinds, one_array_has_the_name_of_its_file)
{
    static const char *const names[][2] = {{"x.npy", "x"}, {"W.f.NPY", "W.f"}, {"array", "array"}};
    uint8_t npy[512];
    uint32_t size = npy_build(npy, 1, HEADER("'<f8'", "False", "(2,)"), two, sizeof two);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        gt_error error;
        gt_archive *archive = read_npy(names[i][0], npy, size, &error);
        cr_assert_not_null(archive, "%s", error.message);
        cr_expect_eq(gt_archive_count(archive), 1);
        cr_assert_str_eq(gt_archive_name(archive, 0), names[i][1]);
        cr_expect_eq(memcmp(gt_archive_find(archive, names[i][1]).data, two, sizeof two), 0);
        cr_expect_str_eq(gt_archive_type(archive, names[i][1]), "float64");
        cr_expect_eq(gt_archive_load(archive, names[i][1], &error), GT_OK);
        gt_archive_free(archive);
    }
}

Test(archive_kinds, one_array_that_is_broken)
{
    uint8_t npy[512];
    uint32_t size = npy_build(npy, 1, HEADER("'<f8'", "False", "(2,)"), two, sizeof two);
    gt_error error;
    for (uint32_t cut = 6; cut < size; cut++) {
        cr_assert_null(read_npy("x.npy", npy, cut, &error));
        cr_expect_eq(error.status, GT_ERROR_FORMAT, "%u bytes: %s", cut, error.message);
        cr_expect_not_null(strstr(error.message, "x.npy"), "%s", error.message);
    }
    cr_assert_null(read_npy("x.npy", npy, size + 1, &error));
    cr_expect_not_null(strstr(error.message, "17 bytes follow"), "%s", error.message);
    size = npy_build(npy, 1, HEADER("'<c16'", "False", "(1,)"), two, sizeof two);
    cr_assert_null(read_npy("x.npy", npy, size, &error));
    cr_expect_not_null(strstr(error.message, "complex"), "%s", error.message);
}

/* ---- files --------------------------------------------------------------------------------- */

Test(archive_kinds, other_files_are_called_what_they_are)
{
    static char tar[512] = "x.npy";
    memcpy(tar + 257, "ustar", 5);
    const struct {
        const char *bytes;
        size_t size;
        const char *words;
    } files[] = {
        {"", 0, "is empty"},
        {"\x93NUMPY\1\0v\0{'descr'", 18, "the array ends before its end"},
        {"\x89HDF\r\n\x1a\n\0\0", 10, "HDF5"},
        {"\x1f\x8b\x08\0\0", 5, "gzip"},
        {"BZh91AY", 7, "bzip2"},
        {"\xfd"
         "7zXZ\0",
         6, "xz"},
        {"\x28\xb5\x2f\xfd\x24", 5, "zstd"},
        {"7z\xbc\xaf\x27\x1c", 6, "7z"},
        {"\x80\4\x95\0\0", 5, "pickle"},
        {"\x80\2\x8a\n", 4, "torch.save of old"},
#ifdef GT_HAVE_JANSSON
        {"\x10\0\0\0\0\0\0\0{\"a\":1}", 15, "no safetensors file: its first 8 bytes say"},
#endif
        {"MATLAB 5.0 MAT-file", 19, "scipy.io.loadmat"},
        {"\x08\x08\x12\x07pytorch\x1a\x05", 13, "is an ONNX model"},
        {"x,y\n1,2\nn\xc3\xa9\n", 12, "is a text"},
        {"cut in a character \xc3", 20, "is a text"},
        {"\1\2\0\xff\xfe", 5, "is no .npz file"},
        {tar, sizeof tar, "tar"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        static zip_builder zip;
        zip.size = 0;
        put_bytes(&zip, files[i].bytes, files[i].size);
        expect_error(&zip, GT_ERROR_FORMAT, files[i].words);
    }
    gt_error error = {0};
    cr_assert_null(gt_archive_open(folder, &error));
    cr_expect_not_null(strstr(error.message, "it is a folder"), "%s", error.message);
}

Test(archive_kinds, a_file_of_pytorch)
{
    static zip_builder zip;
    zip_part part = {.name = "archive/data.pkl", .bytes = "\x80\2}q\0.", .size = 6};
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "torch.save");
}

#ifndef SANITIZED
/* 10 MB of zeros in 65 kB: what is not loaded takes no memory, and of what is, the lack is an error. */
Test(archive_kinds, what_is_not_loaded_takes_no_memory)
{
    enum { MATCHES = 38000, ZEROS = 1 + 258 * MATCHES };
    static zip_builder zip;
    static uint8_t packed[1 << 16], npy[256];
    char header[128];
    snprintf(header, sizeof header, HEADER("'|u1'", "False", "(%d,)"), ZEROS);
    uint32_t size = npy_build(npy, 1, header, "", 0);
    /* A block that is stored, not the last, and one of zeros. */
    packed[1] = (uint8_t)size;
    packed[3] = (uint8_t)~size;
    packed[4] = 0xff;
    memcpy(packed + 5, npy, size);
    uint32_t deflated = 5 + size + deflate_zeros(packed + 5 + size, MATCHES);
    zip_part part = {.name = "w.npy", .bytes = packed, .size = deflated, .method = 8};
    part.stated_size = size + ZEROS;
    zip_build(&zip, &part, 1);
    write_file(path_of("x.npz"), zip.bytes, zip.size);
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;
    if (file == NULL || fscanf(file, "%ld", &pages) != 1)
        cr_skip_test("no /proc/self/statm");
    fclose(file);
    limit_memory((rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + (3 << 20));
    gt_error error = {0};
    gt_archive *archive = gt_archive_open(path_of("x.npz"), &error);
    cr_assert_not_null(archive, "%s", error.message);
    cr_expect_eq(gt_archive_find(archive, "w").shape.size[0], ZEROS);
    cr_expect_eq(gt_archive_load(archive, "w", &error), GT_ERROR_MEMORY, "%s", error.message);
    gt_archive_free(archive);
}
#endif
