// Turns the system's error codes into sentences for a person.

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such folder',
  EACCES: 'its permissions forbid it',
  EPERM: 'its permissions forbid it',
  EROFS: 'its disk can only be read',
  EISDIR: 'this is a directory; the name of a file is needed',
  ELOOP: 'its links lead nowhere',
  ENAMETOOLONG: 'its name is too long',
  ENXIO: 'this is a socket, which cannot be opened as a file',
  EPIPE: 'who reads it went away',
  EFBIG: 'it grew larger than files may become here (ulimit -f tells)',
  EIO: 'its disk is damaged, or went away',
  Z_DATA_ERROR: 'its compression is damaged',
  Z_BUF_ERROR: 'it is compressed, and cut',
}

/** Sentences about the disk: without and with the folder. */
const OF_DISKS: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['the disk is full', 'the disk that holds FOLDER is full'],
  EDQUOT: ["the disk's quota is used up", 'the quota of the disk that holds FOLDER is used up'],
}

/** An error whose message says why a file cannot be used; `folder` is where it was written. */
export function explainError(error: unknown, folder?: string): Error {
  const code = (error as NodeJS.ErrnoException).code
  const [alone, within] = OF_DISKS[code ?? ''] ?? []
  if (alone !== undefined && within !== undefined)
    return new Error(folder === undefined ? alone : within.replace('FOLDER', () => folder))
  return code === undefined && error instanceof Error
    ? error
    : new Error(REASONS[code ?? ''] ?? `it cannot be used (${code})`)
}

/** Waits for a file operation; a system error becomes a sentence. */
export async function withReason<T>(done: Promise<T>, folder?: string): Promise<T> {
  try {
    return await done
  } catch (error) {
    throw explainError(error, folder)
  }
}
