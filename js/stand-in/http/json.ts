// Reads JSON bodies.

/** The deepest nesting; no real document has it, and deeper ones would exhaust the stack. */
const MAX_DEPTH = 1_024

/** The body as JSON; `undefined` if it is no JSON or nested too deep. */
export function jsonBody(body: Uint8Array): unknown {
  try {
    if (depthOf(body) > MAX_DEPTH) return undefined
    return JSON.parse(Buffer.from(body).toString())
  } catch {
    return undefined
  }
}

/** Whether a JSON value is an object (not null, not an array). */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The nesting depth of a JSON text. */
function depthOf(body: Uint8Array): number {
  let [depth, deepest, isText] = [0, 0, false]
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at]
    if (byte === 0x22) isText = !isText
    else if (isText) at += Number(byte === 0x5c)
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1
      deepest = Math.max(deepest, depth)
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1
  }
  return deepest
}
