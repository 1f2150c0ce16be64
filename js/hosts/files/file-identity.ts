// Tells whether a file is still the one that was seen before.

import { stat } from 'node:fs/promises'

/** What identifies a version of a file. */
export type FileIdentity = { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint; ctimeNs: bigint } | 'missing'

/** The identity of the file with this name now. */
export async function identityOf(name: string): Promise<FileIdentity> {
  try {
    return await stat(name, { bigint: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing'
    throw error
  }
}

/** Whether it is the same file, and its time and size say that nobody wrote to it. */
export function isSameIdentity(before: FileIdentity, after: FileIdentity): boolean {
  if (before === 'missing' || after === 'missing') return before === after
  return (['dev', 'ino', 'size', 'mtimeNs'] as const).every((each) => before[each] === after[each])
}
