// The limits of reading and writing files, each with its reason.

/** How much is read at once; each block has a hash. */
export const BLOCK_BYTES = 2 ** 18

/**
 * How much compressed or piped input one command copies to its scratch folder. No home is larger
 * (`preview` reads none that is), and a larger input can be unpacked to a file, which is read in place.
 */
export const MAX_SPOOLED_BYTES = 2 ** 30

/** Any compressed input may unpack to this size, whatever its ratio: the largest document there is. */
export const ALWAYS_UNPACKED_BYTES = 64 * 2 ** 20

/**
 * Beyond that size, an input may unpack to this many times its compressed size. An export compresses
 * ten times, a generated one fifty times; what compresses a thousand times was made to fill a disk.
 */
export const MAX_COMPRESSION_RATIO = 200

/**
 * The coarsest clock of a file system. A file that changed less than this before it was opened may
 * change again and keep the same time.
 */
export const CLOCK_TICK_NANOS = 2_000_000_000n

/**
 * How many bytes of a file's name a sibling name keeps. Systems allow names of 255 bytes, encrypted
 * folders 143, and an ending is added.
 */
export const MAX_NAME_BYTES = 100
