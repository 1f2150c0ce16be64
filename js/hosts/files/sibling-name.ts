import { createHash } from 'node:crypto'
import path from 'node:path'
import { MOST_OF_A_NAME } from './limits.ts'

/** A hidden name in the same folder, which tells whose it is and is never too long. */
export function beside(file: string, ending: string): string {
  return path.join(path.dirname(file), `.${shortened(path.basename(file))}${ending}`)
}

/** The name itself, or its beginning and a hash of all of it. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= MOST_OF_A_NAME) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16)
  let beginning = ''
  for (const sign of name) {
    if (Buffer.byteLength(`${beginning}${sign}~${hash}`) > MOST_OF_A_NAME) break
    beginning += sign
  }
  return `${beginning}~${hash}`
}
