/* Archives that are damaged, or made to do harm: an error that says what is wrong, and no crash. */
#include "files.h"
#include "gradtape/archive.h"
#include "zip_builder.h"

#include <sys/resource.h>
#include <sys/stat.h>

TestSuite(archive_hostile, .init = make_folder, .fini = remove_folder);

#define HEADER(type, order, shape)                                                                 \
    "{'descr': " type ", 'fortran_order': " order ", 'shape': " shape ", }\n"

static const double two[2] = {1, 2};

/* Reads the file that was built; NULL with *error set is expected to be the usual answer. */
static gt_archive *read_built(const zip_builder *zip, gt_error *error)
{
    *error = (gt_error){GT_OK, ""};
    write_file(path_of("x.npz"), zip->bytes, zip->size);
    return gt_archive_read(path_of("x.npz"), error);
}

static void expect_error(const zip_builder *zip, gt_status status, const char *words)
{
    gt_error error;
    cr_assert_null(read_built(zip, &error), "read, but '%s' was expected", words);
    cr_assert_eq(error.status, status, "%s: %s", gt_status_name(error.status), error.message);
    cr_assert_not_null(strstr(error.message, words), "'%s' has no '%s'", error.message, words);
    cr_assert_not_null(strstr(error.message, "x.npz"), "%s", error.message);
    cr_assert_null(gt_archive_read(path_of("x.npz"), NULL));
}

/* An archive with one array "w" of this header and of the two entries 1.0 and 2.0. */
static void build_header(zip_builder *zip, int version, const char *header)
{
    static uint8_t npy[1 << 15];
    uint32_t size = npy_build(npy, version, header, two, sizeof two);
    zip_build(zip, &(zip_part){.name = "w.npy", .bytes = npy, .size = size}, 1);
}

static void expect_header_error(const char *header, gt_status status, const char *words)
{
    static zip_builder zip;
    build_header(&zip, 1, header);
    expect_error(&zip, status, words);
    gt_error error;
    read_built(&zip, &error);
    cr_assert_not_null(strstr(error.message, "array 'w'"), "%s", error.message);
}

static void expect_header_read(int version, const char *header)
{
    static zip_builder zip;
    gt_error error;
    build_header(&zip, version, header);
    gt_archive *archive = read_built(&zip, &error);
    cr_assert_not_null(archive, "%s: %s", header, error.message);
    gt_array array = gt_archive_find(archive, "w");
    cr_assert_eq(memcmp(array.data, two, sizeof two), 0);
    gt_archive_free(archive);
}

/* ---- headers ------------------------------------------------------------------------------- */

Test(archive_hostile, unusual_but_right_headers)
{
    expect_header_read(1, HEADER("'<f8'", "False", "(2,)"));
    expect_header_read(1, HEADER("'f8'", "True", "(2, 1)"));
    expect_header_read(1, HEADER("'=f8'", "True", "(2, 1,)"));
    expect_header_read(1, HEADER("\"<f8\"", "False", "(2L, 1L)"));
    expect_header_read(1, "{'shape':(2,),'descr':'<f8','fortran_order':False}");
    expect_header_read(1,
                       " {\t'shape' : ( 2 , ) , 'fortran_order' : True, 'descr' : '<f8' , } \n\n");
    expect_header_read(2, HEADER("'<f8'", "False", "(2,)"));
    expect_header_read(3, HEADER("'<f8'", "False", "(1, 2)"));
    expect_header_read(1, HEADER("'<f8'", "False", "(1, 1, 1, 2)"));
}

Test(archive_hostile, element_types)
{
    const struct {
        const char *type, *words;
    } types[] = {
        {"'|b1'", "booleans"},
        {"'|u1'", "unsigned integers"},
        {"'<u8'", "'<u8'"},
        {"'|i1'", "integers"},
        {"'<i2'", "'<i2'"},
        {"'<f2'", "floating-point"},
        {"'<f16'", "'<f16'"},
        {"'<c16'", "complex numbers"},
        {"'|O'", "Python objects"},
        {"'|S3'", "byte strings"},
        {"'<U5'", "text"},
        {"'|V16'", "raw bytes"},
        {"'<M8[ns]'", "dates"},
        {"'<m8[s]'", "time spans"},
        {"'<q8'", "unknown type"},
        {"''", "unknown type"},
        {"[('x', '<f8'), ('y', '<i4')]", "structured type"},
        {"'f88'", "'f88'"},
        {"'<'", "unknown type"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char header[256];
        snprintf(header, sizeof header, "{'descr': %s, 'fortran_order': False, 'shape': (2,), }\n",
                 types[i].type);
        expect_header_error(header, GT_ERROR_TYPE, types[i].words);
        expect_header_error(header, GT_ERROR_TYPE, "f4, f8, i4 or i8 was expected");
    }
}

Test(archive_hostile, shapes)
{
    expect_header_error(HEADER("'<f8'", "False", "(0,)"), GT_ERROR_SHAPE, "(0)");
    expect_header_error(HEADER("'<f8'", "False", "(3, 0)"), GT_ERROR_SHAPE, "(3, 0)");
    expect_header_error(HEADER("'<f8'", "False", "(1, 1, 1, 1, 2)"), GT_ERROR_SHAPE, "5 axes");
    expect_header_error(HEADER("'<f8'", "False", "(3,)"), GT_ERROR_FORMAT, "takes 24 bytes");
    expect_header_error(HEADER("'<f8'", "False", "(1,)"), GT_ERROR_FORMAT, "but 16 bytes follow");
    expect_header_error(HEADER("'<f8'", "False", "()"), GT_ERROR_FORMAT, "but 16 bytes follow");
    expect_header_error(HEADER("'<f8'", "False", "(100000000000,)"), GT_ERROR_FORMAT, "16 bytes");
    expect_header_error(HEADER("'<f8'", "False", "(137438953473,)"), GT_ERROR_SIZE, "2^40");
    expect_header_error(HEADER("'<f8'", "False", "(4294967296, 4294967296)"), GT_ERROR_SIZE,
                        "2^40");
    expect_header_error(HEADER("'<f8'", "False", "(9223372036854775807, 3)"), GT_ERROR_SIZE,
                        "2^40");
    expect_header_error(HEADER("'<f8'", "False", "(9223372036854775808,)"), GT_ERROR_SIZE,
                        "overflows");
    expect_header_error(HEADER("'<f8'", "False", "(18446744073709551618,)"), GT_ERROR_SIZE,
                        "overflows");
    expect_header_error(HEADER("'<i8'", "False", "(2,)"), GT_ERROR_VALUE, "32-bit integers");
}

Test(archive_hostile, malformed_headers)
{
    const char *headers[] = {
        "",
        "\n",
        "{}",
        "{",
        "}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), } x",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), } {}",
        "{'descr': '<f8' 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '<f8', 'fortran_order': False, }",
        "{'descr': '<f8', 'shape': (2,), }",
        "{'fortran_order': False, 'shape': (2,), }",
        "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'more': 1}",
        "{'descr': '<f8', 'fortran_order': 0, 'shape': (2,), }",
        "{'descr': '<f8', 'fortran_order': Falsehood, 'shape': (2,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': 2, }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2 1), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-2,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2.0,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,, ), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,",
        "{'descr': '<f8",
        "{'descr': '<f\\x38', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '\033[31mred', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '0123456789012345678901234567890123456789', 'fortran_order': False, ",
        "{'a key that is much longer than any that is known': 1}",
        "{'descr': ('<f8', (2,)), 'fortran_order': False, 'shape': (2,), }",
        "{1: '<f8', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': , 'fortran_order': False, 'shape': (2,), }",
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        expect_header_error(headers[i], GT_ERROR_FORMAT, "malformed header");
}

/* A header in the middle of which the array ends, at every place. */
Test(archive_hostile, array_cut_everywhere)
{
    uint8_t npy[256];
    uint32_t size = npy_build(npy, 1, HEADER("'<f8'", "False", "(2,)"), two, sizeof two);
    for (uint32_t cut = 0; cut < size; cut++) {
        static zip_builder zip;
        zip_build(&zip, &(zip_part){.name = "w.npy", .bytes = npy, .size = cut}, 1);
        gt_error error;
        cr_assert_null(read_built(&zip, &error), "%u bytes", cut);
        cr_assert_eq(error.status, GT_ERROR_FORMAT, "%u bytes: %s", cut, error.message);
    }
}

Test(archive_hostile, magic_and_version)
{
    static zip_builder zip;
    build_header(&zip, 4, HEADER("'<f8'", "False", "(2,)"));
    expect_error(&zip, GT_ERROR_FORMAT, "version 4.0");
    build_header(&zip, 0, HEADER("'<f8'", "False", "(2,)"));
    expect_error(&zip, GT_ERROR_FORMAT, "version 0.0");
    zip_build(&zip, &(zip_part){.name = "w.npy", .bytes = "not an array", .size = 12}, 1);
    expect_error(&zip, GT_ERROR_FORMAT, ".npy format");
    /* A header of 4 GiB in an array of 24 bytes. */
    const char *huge = "\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr': '<";
    zip_build(&zip, &(zip_part){.name = "w.npy", .bytes = huge, .size = 24}, 1);
    expect_error(&zip, GT_ERROR_SIZE, "header of 4294967295 bytes");
}

/* ---- zip files ----------------------------------------------------------------------------- */

static zip_part good_part(const char *name)
{
    static uint8_t npy[256];
    uint32_t size = npy_build(npy, 1, HEADER("'<f8'", "False", "(2,)"), two, sizeof two);
    return (zip_part){.name = name, .bytes = npy, .size = size};
}

Test(archive_hostile, builder_builds_what_can_be_read)
{
    static zip_builder zip;
    gt_error error;
    zip_build(&zip, (zip_part[]){good_part("a.npy"), good_part("b/c.npy")}, 2);
    gt_archive *archive = read_built(&zip, &error);
    cr_assert_not_null(archive, "%s", error.message);
    cr_assert_eq(memcmp(gt_archive_find(archive, "b/c").data, two, sizeof two), 0);
    gt_archive_free(archive);
}

Test(archive_hostile, members)
{
    static zip_builder zip;
    zip_build(&zip, (zip_part[]){good_part("a.npy"), good_part("a.npy")}, 2);
    expect_error(&zip, GT_ERROR_FORMAT, "x.npz");
    zip_build(&zip, (zip_part[]){good_part(".npy")}, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "name of member 1");
    zip_build(&zip, (zip_part[]){good_part("")}, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "x.npz");
    zip_build(&zip, (zip_part[]){good_part("a.txt")}, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "member 'a.txt' is neither an array");

    zip_part part = good_part("\033[31m.npy");
    part.flags = 0x800; /* the name is UTF-8; without this it is in the code page of the IBM PC */
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "x.npz"); /* where the name is not printed */
    part = good_part("a.npy");
    part.flags = 1;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "encrypted");
    part = good_part("a.npy");
    part.wrong_crc = 1;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "CRC");
    part = good_part("a.npy");
    part.method = 12;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "method 12");
    part = good_part("a.npy");
    part.stated_size = part.size + 8;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "cannot hold");
    part = good_part("a.npy");
    part.stated_packed = part.stated_size = 1u << 30;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "x.npz");
}

/*
 * Two members that share their bytes, which is how a small zip file can hold a
 * great many large ones. Only as many bytes as the file has can be claimed.
 */
Test(archive_hostile, overlapping_members)
{
    static zip_builder zip;
    static const char filler[2048] = "a";
    zip_part text = {.name = "t", .bytes = filler, .size = sizeof filler};
    zip_build(&zip, (zip_part[]){text, good_part("a.npy"), good_part("b.npy")}, 3);
    /* The third entry of the directory becomes a copy of the first under the name "u". */
    uint8_t *local = zip.bytes, *directory = local;
    while (memcmp(directory, "PK\1\2", 4) != 0)
        directory++;
    size_t first = 46 + 1, second = 46 + 5;
    uint8_t *third = directory + first + second;
    zip.size = (size_t)(third - zip.bytes);
    size_t start = (size_t)(directory - zip.bytes);
    put_bytes(&zip, directory, first);
    zip.bytes[zip.size - 1] = 't'; /* the same local header, and so the same name */
    size_t length = zip.size - start;
    put(&zip, 0x06054b50, 4);
    put(&zip, 0, 4);
    put(&zip, 3, 2);
    put(&zip, 3, 2);
    put(&zip, length, 4);
    put(&zip, start, 4);
    put(&zip, 0, 2);
    gt_error error;
    cr_assert_null(read_built(&zip, &error));
    cr_assert_eq(error.status, GT_ERROR_FORMAT, "%s", error.message);
}

/* A deflated run of zeros: one block with fixed codes, a literal 0, then matches of 258. */
static uint32_t deflate_zeros(uint8_t *out, int matches)
{
    uint64_t bits = 3; /* last block, fixed codes */
    int count = 3;
    uint32_t size = 0;
    uint64_t code = 0x0c; /* literal 0: 00110000, most significant bit first */
    int length = 8;
    for (int i = 0; i <= matches + 1; i++) {
        bits |= code << count;
        count += length;
        while (count >= 8) {
            out[size++] = (uint8_t)bits;
            bits >>= 8;
            count -= 8;
        }
        /* Length code 285: 11000101, distance code 0: 00000; at the end code 256: 0000000. */
        code = i < matches ? 0xa3 : 0;
        length = i < matches ? 13 : 7;
    }
    if (count > 0)
        out[size++] = (uint8_t)bits;
    return size;
}

/* The deflated bytes hold more, or less, than the zip file says. */
Test(archive_hostile, deflated_text_of_another_size)
{
    static zip_builder zip;
    static uint8_t packed[4096];
    static const uint8_t zeros[1 + 258 * 1000];
    uint32_t size = deflate_zeros(packed, 1000), right = sizeof zeros;
    zip_part part = {.name = "a.npy", .bytes = packed, .size = size, .method = 8};
    part.crc = crc_of(zeros, right);
    part.stated_size = right;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, ".npy format"); /* inflated, and found to be zeros */
    part.name = "text";
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "neither an array"); /* inflated to its end */
    part.stated_size = right - 1;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "'text'");
    part.stated_size = right + 1;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "ends early");
    part.stated_size = size * 1032 + 1032;
    zip_build(&zip, &part, 1);
    expect_error(&zip, GT_ERROR_FORMAT, "cannot hold");
}

Test(archive_hostile, no_zip_file)
{
    static zip_builder zip;
    zip.size = 0;
    expect_error(&zip, GT_ERROR_FORMAT, "0 bytes");
    put_bytes(&zip, "PK", 2);
    expect_error(&zip, GT_ERROR_FORMAT, "2 bytes");
    zip.size = 5000;
    memset(zip.bytes, 'x', zip.size);
    expect_error(&zip, GT_ERROR_FORMAT, "x.npz");
    /* Nothing but ends of directories. */
    for (zip.size = 0; zip.size < 60000;)
        put_bytes(&zip, "PK\5\6", 4);
    expect_error(&zip, GT_ERROR_FORMAT, "x.npz");
}

Test(archive_hostile, no_file)
{
    gt_error error = {GT_OK, ""};
    cr_assert_null(gt_archive_read(path_of("none.npz"), &error));
    cr_assert_eq(error.status, GT_ERROR_FILE);
    cr_assert_not_null(strstr(error.message, "none.npz': No such file"), "%s", error.message);
    cr_assert_null(gt_archive_read(folder, &error));
    cr_assert_eq(error.status, GT_ERROR_FILE);
    cr_assert_eq(mkfifo(path_of("fifo"), 0600), 0);
    cr_assert_null(gt_archive_read(path_of("fifo"), &error)); /* would wait for ever */
    cr_assert_eq(error.status, GT_ERROR_FILE);
}

/* ---- memory -------------------------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifndef SANITIZED /* whose own memory is far beyond any limit */
static void limit_memory(rlim_t bytes)
{
    cr_assert_eq(setrlimit(RLIMIT_AS, &(struct rlimit){bytes, bytes}), 0);
}

/*
 * 5 MB of zeros in 33 kB, which the file's size justifies: with 3 MB of memory
 * it is an error, not a crash. The member is a text, since those are read whole.
 */
Test(archive_hostile, more_than_the_memory)
{
    static zip_builder zip;
    static uint8_t packed[1 << 15];
    uint32_t size = deflate_zeros(packed, 20000);
    zip_part part = {.name = "text", .bytes = packed, .size = size, .method = 8};
    part.stated_size = 1 + 258 * 20000;
    zip_build(&zip, &part, 1);
    write_file(path_of("x.npz"), zip.bytes, zip.size);
    gt_error error = {GT_OK, ""};
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;
    if (file == NULL || fscanf(file, "%ld", &pages) != 1)
        cr_skip_test("no /proc/self/statm");
    fclose(file);
    limit_memory((rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + (3 << 20));
    cr_assert_null(gt_archive_read(path_of("x.npz"), &error));
    cr_assert_eq(error.status, GT_ERROR_MEMORY, "%s", error.message);
}

/* Headers that claim up to 2^40 bytes take no memory at all. */
Test(archive_hostile, claims_take_no_memory)
{
    limit_memory((rlim_t)1 << 30);
    expect_header_error(HEADER("'<f8'", "False", "(137438953472,)"), GT_ERROR_FORMAT, "16 bytes");
    expect_header_error(HEADER("'<f4'", "False", "(1000000, 250000)"), GT_ERROR_FORMAT, "16 bytes");
}
#endif
