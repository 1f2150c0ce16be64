// Bounds of what a host takes from a server.

/**
 * The longest answer that is held or handed on: `MAX_ANSWER_BYTES` of
 * `src/limits.rs`, where its reason is.
 */
export const MAX_ANSWER_BYTES = 32 * 2 ** 20

/** Of a page; `PAGE` of `src/limits.rs`: the stack gives no more at once. */
export const PAGE = 1_000

/** Of a doctype; `MAX_PAGES` of `src/limits.rs`: no person has so many. */
export const MAX_PAGES = 10_000
