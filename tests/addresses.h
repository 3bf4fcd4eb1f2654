/* What is right may depend on it: whether addresses have 32 bits, so that no array takes 2^31 bytes. */
#ifndef GT_TESTS_ADDRESSES_H
#define GT_TESTS_ADDRESSES_H

#include <stdint.h>

enum { FEW_ADDRESSES = SIZE_MAX <= UINT32_MAX };

#endif
