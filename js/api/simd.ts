// Detects 128-bit vectors: the aggregation module is built with and without them.

/**
 * The smallest module that uses a vector, in bytes:
 * `(module (func (result v128) i32.const 0 i8x16.splat))`.
 */
// biome-ignore format: a line is a section of the module
const PROBE = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // a module, version 1
  0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, // types: one, () → v128
  0x03, 0x02, 0x01, 0x00, // functions: one, of that type
  0x0a, 0x08, 0x01, 0x06, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x0b, // its code
)

/** Whether this engine, on this processor, takes vectors. */
export function hasVectors(): boolean {
  return WebAssembly.validate(PROBE)
}
