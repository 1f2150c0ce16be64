import { stat } from 'node:fs/promises'

/** What a file was, for telling later whether it still is. */
export type Seen = { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint; ctimeNs: bigint } | 'missing'

/** What is at a place now. */
export async function seenAt(name: string): Promise<Seen> {
  try {
    return await stat(name, { bigint: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing'
    throw error
  }
}

/** Whether it is the file it was, and nobody wrote to it as far as its time tells. */
export function isSame(before: Seen, after: Seen): boolean {
  if (before === 'missing' || after === 'missing') return before === after
  return (['dev', 'ino', 'size', 'mtimeNs'] as const).every((each) => before[each] === after[each])
}
