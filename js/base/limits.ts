// Limits of what a host accepts from a server; they mirror `src/limits.rs`, and a test compares them.

/** The longest response body that is accepted. */
export const MAX_ANSWER_BYTES = 32 * 2 ** 20

/** Documents of a page: the stack gives no more at once. */
export const PAGE = 1_000

/** Pages of a doctype: no person has more. */
export const MAX_PAGES = 10_000
