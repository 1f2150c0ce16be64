// Opens files and stdin for reading.

import { type FileHandle, open } from 'node:fs/promises'
import { explainError } from '../../hosts/files/file-error.ts'
import { isStdin } from '../../hosts/files/resolve-path.ts'
import { FileChanged, readStable } from '../../hosts/files/stable-file.ts'
import { printable, UsageError } from '../terminal/errors.ts'

/** Bytes from a file or from stdin. */
export interface Input {
  /** How messages call it. */
  name: string
  /** Undefined where nobody knows it before the end. */
  size: number | undefined
  chunks: AsyncIterable<Uint8Array>
}

const CHUNK_BYTES = 1 << 20

/** Opens a file, or stdin for `-`. */
export async function openInput(file: string): Promise<Input> {
  if (isStdin(file)) {
    return { name: 'stdin', size: undefined, chunks: refusing('stdin', process.stdin) }
  }
  const handle = await open(file).catch((error: unknown) => refuse(file, error))
  const stat = await handle.stat()
  if (stat.isDirectory()) {
    await handle.close()
    throw new UsageError(`${file}: this is a directory; the name of a file is needed, or - for stdin`)
  }
  return { name: printable(file), size: stat.isFile() ? stat.size : undefined, chunks: refusing(file, read(handle)) }
}

/** A whole small file. */
export async function readWhole(file: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  const { chunks } = await openInput(file)
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

async function* read(handle: FileHandle): AsyncGenerator<Uint8Array> {
  try {
    yield* readStable(handle, CHUNK_BYTES)
  } finally {
    await handle.close()
  }
}

async function* refusing(name: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch (error) {
    refuse(name, error)
  }
}

function refuse(name: string, error: unknown): never {
  if ((error as NodeJS.ErrnoException).code === undefined && !(error instanceof FileChanged)) throw error
  throw new UsageError(`${name}: ${explainError(error).message}`)
}
