// `dacc seal` and `dacc open`: encrypt and decrypt a file.

import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { explainError } from '../../hosts/files/file-error.ts'
import { NodeFiles } from '../../hosts/files/node-files.ts'
import { FileError, resolvePath } from '../../hosts/files/resolve-path.ts'
import { type OpeningKey, SealError, type SealingKey, seal as sealed, unseal } from '../../hosts/seal.ts'
import { openInput } from '../input/input.ts'
import { namePaths } from '../rights/command.ts'
import { NegativeAnswer, UsageError } from '../terminal/errors.ts'

interface SealFlags {
  output: string
  force?: boolean
  passphraseFile?: string
  recipient?: string[]
}

interface OpenFlags {
  output: string
  force?: boolean
  passphraseFile?: string
  identity?: string
}

const added = (text: string, before: string[] = []) => [...before, text]
const FORCE = 'also over a file that is there already'
const PASSPHRASE = 'the first line of this file is the passphrase (default: DACC_PASSPHRASE)'

/** Adds `dacc seal` to the program. */
export function seal(dacc: Command): void {
  dacc
    .command('seal')
    .summary('encrypt an export, to a passphrase or to public keys (age)')
    .description('Encrypts a file in the age format, to a passphrase or to public keys.')
    .argument('<FILE>', 'an export, or any file, or - for stdin')
    .requiredOption('-o, --output <file>', 'where to')
    .option('--force', FORCE)
    .option('--recipient <key>', 'a public key, age1…; repeatable', added)
    .option('--passphrase-file <file>', PASSPHRASE)
    .addHelpText(
      'after',
      `
Example:
  dacc seal export.json -o export.json.age --recipient age1…`,
    )
    .action(async (file: string, flags: SealFlags) => {
      if (flags.recipient !== undefined && flags.passphraseFile !== undefined) throw oneOnly('--recipient')
      const lock: SealingKey =
        flags.recipient === undefined
          ? { passphrase: await passphrase(flags.passphraseFile) }
          : { recipients: flags.recipient }
      await through(file, flags, (bytes) => sealed(bytes, lock))
    })
}

/** Adds `dacc open` to the program. */
export function open(dacc: Command): void {
  dacc
    .command('open')
    .summary('decrypt what was sealed')
    .description(
      'Decrypts a file in the age format. With a wrong key, or where the file is cut or '
        + 'changed, nothing is written.',
    )
    .argument('<FILE>', 'what was sealed, here or by any program of age, or - for stdin')
    .requiredOption('-o, --output <file>', 'where to')
    .option('--force', FORCE)
    .option('--identity <file>', 'a file with secret keys, AGE-SECRET-KEY-…, one a line')
    .option('--passphrase-file <file>', PASSPHRASE)
    .addHelpText(
      'after',
      `
Example:
  dacc open export.json.age -o export.json --identity key.txt`,
    )
    .action(async (file: string, flags: OpenFlags) => {
      if (flags.identity !== undefined && flags.passphraseFile !== undefined) throw oneOnly('--identity')
      const key: OpeningKey =
        flags.identity === undefined
          ? { passphrase: await passphrase(flags.passphraseFile) }
          : { identities: await identities(flags.identity) }
      await through(file, flags, (bytes) => unseal(bytes, key))
    })
}

function oneOnly(flag: string): UsageError {
  return new UsageError(`${flag}: it does not go with --passphrase-file; a file has a passphrase or keys, never both`)
}

/** Writes the transformed bytes of a file; no output stays after an error. */
async function through(
  from: string,
  { output: to, force }: { output: string; force?: boolean },
  become: (bytes: ReadableStream<Uint8Array>) => Promise<ReadableStream<Uint8Array>>,
): Promise<void> {
  if (to === '-') throw new UsageError('--output: a file is needed; to stdout, half of it could be taken for the whole')
  const paths = { file: from, output: to }
  const files = new NodeFiles(paths, { overwrites: force ? 'asked for' : 'not asked for' })
  try {
    await files.take()
    await writable(to)
    // Read once and in order: the plain bytes are never copied to the disk.
    const { chunks } = await openInput(from)
    const bytes = await become(streamOf(chunks))
    for await (const chunk of bytes) await written(to, files.append('output', chunk))
    await written(to, files.append('output', new Uint8Array()))
    await written(to, files.commit('output'))
  } catch (error) {
    if (error instanceof UsageError) throw error
    if (error instanceof FileError) throw new UsageError(namePaths(error.message, paths))
    if (error instanceof SealError) throw new UsageError(error.message)
    if (error instanceof RangeError || error instanceof ReferenceError) throw error
    throw new NegativeAnswer(
      `${from === '-' ? 'stdin' : from}: it does not open: the key is wrong, or the file was cut or changed; nothing was written`,
    )
  } finally {
    await files.close()
  }
}

/** Refuses a device or a pipe, which would get bytes before the end is authenticated. */
async function writable(to: string): Promise<void> {
  const { isReplaceable } = await written(to, resolvePath(to))
  if (!isReplaceable)
    throw new UsageError(`${to}: this is no regular file; one is needed, as half of it could be taken for the whole`)
}

/** Waits for a write; its error is about the output and not about the key. */
async function written<T>(to: string, done: Promise<T>): Promise<T> {
  try {
    return await done
  } catch (error) {
    throw new UsageError(`${to}: ${explainError(error).message}`)
  }
}

function streamOf(all: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = all[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await chunks.return?.()
    },
  })
}

async function passphrase(file: string | undefined): Promise<string> {
  const text = file === undefined ? process.env['DACC_PASSPHRASE'] : (await lines(file))[0]
  if (text === undefined || text === '') {
    throw new UsageError('a passphrase or a key is needed; --passphrase-file or DACC_PASSPHRASE gives one')
  }
  return text
}

async function identities(file: string): Promise<string[]> {
  return (await lines(file)).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
}

async function lines(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split(/\r?\n/)
  } catch {
    throw new UsageError(`${file}: it cannot be read`)
  }
}
