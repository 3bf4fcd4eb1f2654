/* Headers of arrays in an archive: unusual ones are read, wrong ones are told what is wrong. */
#include "addresses.h"
#include "hostile.h"

TestSuite(archive_headers, .init = make_folder, .fini = remove_folder);

Test(archive_headers, unusual_but_right_headers)
{
    expect_header_read(1, HEADER("'<f8'", "False", "(2,)"));
    expect_header_read(1, HEADER("'f8'", "True", "(2, 1)"));
    expect_header_read(1, HEADER("'=f8'", "True", "(2, 1,)"));
    expect_header_read(1, HEADER("\"<f8\"", "False", "(2L, 1L)"));
    expect_header_read(1, "{'shape':(2,),'descr':'<f8','fortran_order':False}");
    expect_header_read(1, " {\t'shape' : ( 2 , ) , 'fortran_order' : True, 'descr' : '<f8' , } \n\n");
    expect_header_read(2, HEADER("'<f8'", "False", "(2,)"));
    expect_header_read(3, HEADER("'<f8'", "False", "(1, 2)"));
    expect_header_read(1, HEADER("'<f8'", "False", "(1, 1, 1, 2)"));
}

Test(archive_headers, element_types)
{
    const struct {
        const char *type, *words;
    } types[] = {
        {"'<i16'", "integers (NumPy's type '<i16')"},
        {"'<u16'", "unsigned integers"},
        {"'<V2'", "bfloat16"},
        {"'<B2'", "'<B2'"},
        {"'<b8'", "booleans"},
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
        snprintf(header, sizeof header, "{'descr': %s, 'fortran_order': False, 'shape': (2,), }\n", types[i].type);
        expect_header_error(header, GT_ERROR_TYPE, types[i].words);
        expect_header_error(header, GT_ERROR_TYPE, "real or whole numbers");
    }
}

/* Within the limit, but not there: unless no address could be given to it. */
static void expect_large(const char *header)
{
    if (FEW_ADDRESSES)
        expect_header_error(header, GT_ERROR_SIZE, "addresses");
    else
        expect_header_error(header, GT_ERROR_FORMAT, "16 bytes");
}

Test(archive_headers, shapes)
{
    expect_header_error(HEADER("'<f8'", "False", "(0,)"), GT_ERROR_SHAPE, "(0)");
    expect_header_error(HEADER("'<f8'", "False", "(3, 0)"), GT_ERROR_SHAPE, "(3, 0)");
    expect_header_error(HEADER("'<f8'", "False", "(1, 1, 1, 1, 2)"), GT_ERROR_SHAPE, "5 axes");
    expect_header_error(HEADER("'<f8'", "False", "(3,)"), GT_ERROR_FORMAT, "takes 24 bytes");
    expect_header_error(HEADER("'<f8'", "False", "(1,)"), GT_ERROR_FORMAT, "but 16 bytes follow");
    expect_header_error(HEADER("'<f8'", "False", "()"), GT_ERROR_FORMAT, "but 16 bytes follow");
    expect_large(HEADER("'<f8'", "False", "(100000000000,)"));
    expect_header_error(HEADER("'<f8'", "False", "(137438953473,)"), GT_ERROR_SIZE, "2^40");
    expect_header_error(HEADER("'<f8'", "False", "(4294967296, 4294967296)"), GT_ERROR_SIZE, "2^40");
    expect_header_error(HEADER("'<f8'", "False", "(9223372036854775807, 3)"), GT_ERROR_SIZE, "2^40");
    expect_header_error(HEADER("'<f8'", "False", "(9223372036854775808,)"), GT_ERROR_SIZE, "overflows");
    expect_header_error(HEADER("'<f8'", "False", "(18446744073709551618,)"), GT_ERROR_SIZE, "overflows");
    /* The bits of 1.0 as a whole number. */
    expect_header_error(HEADER("'<i8'", "False", "(2,)"), GT_ERROR_VALUE,
                        "the entry 4607182418800017408, which no double holds exactly");
}

Test(archive_headers, malformed_headers)
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
Test(archive_headers, array_cut_everywhere)
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

Test(archive_headers, magic_and_version)
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

#ifndef SANITIZED
/* Headers that claim up to 2^40 bytes take no memory at all. */
Test(archive_headers, claims_take_no_memory)
{
    limit_memory((rlim_t)1 << 30);
    expect_large(HEADER("'<f8'", "False", "(137438953472,)"));
    expect_large(HEADER("'<f4'", "False", "(1000000, 250000)"));
}
#endif
