// Every bound on what a command of the person's rights does with files, with
// its reason.

/** What is read at once, and remembered by its hash. */
export const BLOCK = 2 ** 18

/**
 * What one command writes to scratch of inputs that are compressed or come
 * through a pipe. A home has no more (`preview` reads none that is larger), and
 * whatever has can be unpacked to a file, which is read where it is.
 */
export const MOST_SPOOLED = 2 ** 30

/** So much may come of anything compressed: the largest document there is. */
export const ALWAYS_UNPACKED = 64 * 2 ** 20

/**
 * What is beyond that may be so many times its compressed size. An export packs
 * to a tenth, made-up ones to a fiftieth; what packs to a thousandth was made to
 * fill a disk.
 */
export const MOST_TIMES_PACKED = 200

/**
 * A file that was changed later than this before it was opened may be changed
 * again without its time showing it: clocks of files tick, on some disks every
 * two seconds.
 */
export const TICK_NANOS = 2_000_000_000n

/**
 * The bytes of a file's name that names beside it keep: systems take names of
 * 255 bytes, encrypted folders of 143.
 */
export const MOST_OF_A_NAME = 100
