/* Archives built byte by byte, and what is expected of reading them. */
#ifndef GT_TESTS_HOSTILE_H
#define GT_TESTS_HOSTILE_H

#include "files.h"
#include "gradtape/archive.h"
#include "zip_builder.h"

#include <sys/resource.h>

#define HEADER(type, order, shape) "{'descr': " type ", 'fortran_order': " order ", 'shape': " shape ", }\n"

static const double two[2] = {1, 2};

/* Reads the file that was built; NULL with *error set is expected to be the usual answer. */
static inline gt_archive *read_built(const zip_builder *zip, gt_error *error)
{
    *error = (gt_error){GT_OK, ""};
    write_file(path_of("x.npz"), zip->bytes, zip->size);
    return gt_archive_read(path_of("x.npz"), error);
}

static inline void expect_error(const zip_builder *zip, gt_status status, const char *words)
{
    gt_error error;
    cr_assert_null(read_built(zip, &error), "read, but '%s' was expected", words);
    cr_assert_eq(error.status, status, "%s: %s", gt_status_name(error.status), error.message);
    cr_assert_not_null(strstr(error.message, words), "'%s' has no '%s'", error.message, words);
    cr_assert_not_null(strstr(error.message, "x.npz"), "%s", error.message);
    cr_assert_null(gt_archive_read(path_of("x.npz"), NULL));
}

/* An archive with one array "w" of this header and of the two entries 1.0 and 2.0. */
static inline void build_header(zip_builder *zip, int version, const char *header)
{
    static uint8_t npy[1 << 15];
    uint32_t size = npy_build(npy, version, header, two, sizeof two);
    zip_build(zip, &(zip_part){.name = "w.npy", .bytes = npy, .size = size}, 1);
}

static inline void expect_header_error(const char *header, gt_status status, const char *words)
{
    static zip_builder zip;
    build_header(&zip, 1, header);
    expect_error(&zip, status, words);
    gt_error error;
    read_built(&zip, &error);
    cr_assert_not_null(strstr(error.message, "array 'w'"), "%s", error.message);
}

static inline void expect_header_read(int version, const char *header)
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

/* A deflated run of zeros: one block with fixed codes, a literal 0, then matches of 258. */
static inline uint32_t deflate_zeros(uint8_t *out, int matches)
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

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifndef SANITIZED /* whose own memory is far beyond any limit */
static inline void limit_memory(rlim_t bytes)
{
    cr_assert_eq(setrlimit(RLIMIT_AS, &(struct rlimit){bytes, bytes}), 0);
}
#endif

#endif
