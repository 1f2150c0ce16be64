// Names for lock files and temporary files beside a file.

import { createHash } from 'node:crypto'
import path from 'node:path'
import { MAX_NAME_BYTES } from './limits.ts'

/** A hidden name in the same folder that begins like the file's name and is never too long. */
export function hiddenSibling(file: string, ending: string): string {
  return path.join(path.dirname(file), `.${shortened(path.basename(file))}${ending}`)
}

/** The name, or its beginning and a hash of the whole name where it is too long. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16)
  let beginning = ''
  for (const sign of name) {
    if (Buffer.byteLength(`${beginning}${sign}~${hash}`) > MAX_NAME_BYTES) break
    beginning += sign
  }
  return `${beginning}~${hash}`
}
