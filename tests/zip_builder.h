/*
 * Zip files byte by byte, so that a test can say in them what no program would
 * write. Offsets and signatures: PKWARE's APPNOTE 6.3.9, sections 4.3.7 to 4.3.16.
 */
#ifndef GT_TESTS_ZIP_BUILDER_H
#define GT_TESTS_ZIP_BUILDER_H

#include <stdint.h>
#include <string.h>

typedef struct zip_part {
    const char *name;
    const void *bytes;
    uint32_t size;
    uint16_t method;        /* 0: stored, 8: deflated (bytes are then deflated ones) */
    uint16_t flags;         /* 1: encrypted */
    uint32_t stated_size;   /* uncompressed, if not `size` */
    uint32_t stated_packed; /* compressed, if not `size` */
    uint32_t wrong_crc;     /* is XORed into the checksum */
    uint32_t crc;           /* of deflated members */
} zip_part;

typedef struct zip_builder {
    uint8_t bytes[1 << 16];
    size_t size;
} zip_builder;

static inline uint32_t crc_of(const void *bytes, size_t size)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= ((const uint8_t *)bytes)[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static inline void put(zip_builder *zip, uint64_t value, int size)
{
    for (int i = 0; i < size; i++)
        zip->bytes[zip->size++] = (uint8_t)(value >> (8 * i));
}

static inline void put_bytes(zip_builder *zip, const void *bytes, size_t size)
{
    memcpy(zip->bytes + zip->size, bytes, size);
    zip->size += size;
}

/* What the local and the central header have in common. */
static inline void put_description(zip_builder *zip, const zip_part *part)
{
    uint32_t crc = part->method == 0 ? crc_of(part->bytes, part->size) : part->crc;
    put(zip, 20, 2);
    put(zip, part->flags, 2);
    put(zip, part->method, 2);
    put(zip, 0x00210000, 4); /* 1 January 1980 */
    put(zip, crc ^ part->wrong_crc, 4);
    put(zip, part->stated_packed != 0 ? part->stated_packed : part->size, 4);
    put(zip, part->stated_size != 0 ? part->stated_size : part->size, 4);
    put(zip, strlen(part->name), 2);
    put(zip, 0, 2); /* no extra fields */
}

static inline void zip_build(zip_builder *zip, const zip_part *parts, uint32_t count)
{
    uint32_t offset[16];
    zip->size = 0;
    for (uint32_t i = 0; i < count; i++) {
        offset[i] = (uint32_t)zip->size;
        put(zip, 0x04034b50, 4);
        put_description(zip, &parts[i]);
        put_bytes(zip, parts[i].name, strlen(parts[i].name));
        put_bytes(zip, parts[i].bytes, parts[i].size);
    }
    size_t start = zip->size;
    for (uint32_t i = 0; i < count; i++) {
        put(zip, 0x02014b50, 4);
        put(zip, 20, 2);
        put_description(zip, &parts[i]);
        put(zip, 0, 2); /* no comment */
        put(zip, 0, 2); /* disk */
        put(zip, 0, 2); /* internal attributes */
        put(zip, 0, 4); /* external attributes */
        put(zip, offset[i], 4);
        put_bytes(zip, parts[i].name, strlen(parts[i].name));
    }
    size_t length = zip->size - start;
    put(zip, 0x06054b50, 4);
    put(zip, 0, 4);
    put(zip, count, 2);
    put(zip, count, 2);
    put(zip, length, 4);
    put(zip, start, 4);
    put(zip, 0, 2);
}

/* A .npy array: version 1 (or 2, 3) with this header and these entries. */
static inline uint32_t npy_build(uint8_t *out, int version, const char *header, const void *entries, size_t size)
{
    size_t length = strlen(header), prefix = version == 1 ? 10 : 12;
    memcpy(out, "\x93NUMPY", 6);
    out[6] = (uint8_t)version;
    out[7] = 0;
    for (size_t i = 8; i < prefix; i++)
        out[i] = (uint8_t)(length >> (8 * (i - 8)));
    memcpy(out + prefix, header, length);
    memcpy(out + prefix + length, entries, size);
    return (uint32_t)(prefix + length + size);
}

#endif
