/* FNV-1a of 64 bits (Fowler, Noll and Vo): to tell things apart, not to resist attacks. */
#ifndef GT_BASE_FNV_H
#define GT_BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define GT_FNV_START 0xcbf29ce484222325u

static inline uint64_t gt_fnv_byte(uint64_t hash, unsigned char byte)
{
    return (hash ^ byte) * 0x100000001b3u;
}

static inline uint64_t gt_fnv_bytes(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = gt_fnv_byte(hash, ((const unsigned char *)bytes)[i]);
    return hash;
}

#endif
