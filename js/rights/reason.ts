const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such folder',
  EACCES: 'its permissions forbid it',
  EPERM: 'its permissions forbid it',
  EROFS: 'its disk can only be read',
  EISDIR: 'this is a directory; the name of a file is needed',
  ELOOP: 'its links lead nowhere',
  EPIPE: 'who reads it went away',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  Z_DATA_ERROR: 'its compression is damaged',
  Z_BUF_ERROR: 'it is compressed, and cut',
}

/** Why a file cannot be used, in the person's words. */
export function reason(error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code
  return code === undefined && error instanceof Error ? error : new Error(REASONS[code ?? ''] ?? `it cannot be used (${code})`)
}

/** What it gives, or why it cannot be. */
export async function named<T>(done: Promise<T>): Promise<T> {
  try {
    return await done
  } catch (error) {
    throw reason(error)
  }
}
