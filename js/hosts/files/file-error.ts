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

/** What is said of a disk, with the folder in it where that is known. */
const OF_DISKS: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['the disk is full', 'the disk that holds FOLDER is full'],
  EDQUOT: ["the disk's quota is used up", 'the quota of the disk that holds FOLDER is used up'],
}

/** Why a file cannot be used, in the person's words; `folder` is where it was written. */
export function reason(error: unknown, folder?: string): Error {
  const code = (error as NodeJS.ErrnoException).code
  const [alone, within] = OF_DISKS[code ?? ''] ?? []
  if (alone !== undefined && within !== undefined)
    return new Error(folder === undefined ? alone : within.replace('FOLDER', () => folder))
  return code === undefined && error instanceof Error
    ? error
    : new Error(REASONS[code ?? ''] ?? `it cannot be used (${code})`)
}

/** What it gives, or why it cannot be. */
export async function named<T>(done: Promise<T>, folder?: string): Promise<T> {
  try {
    return await done
  } catch (error) {
    throw reason(error, folder)
  }
}
