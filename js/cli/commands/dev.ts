// `dacc dev`: starts a local Cozy and DACC.

import { once } from 'node:events'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { load } from '../../api/index.node.ts'
import { addDays } from '../../generate/calendar.ts'
import { generateHome } from '../../generate/home.ts'
import type { Permissions, Stack, StackOptions } from '../../stand-in/stack.ts'
import type { Dacc, Definitions } from '../../types/index.d.ts'
import { readHomes, withHomeLabel } from '../input/home-reader.ts'
import { openInput } from '../input/input.ts'
import { readObject } from '../input/json-object.ts'
import { oneOf } from '../options/flag-values.ts'
import { printable, ServerError, UsageError } from '../terminal/errors.ts'
import { coloursOf } from '../terminal/output.ts'

/** The default port; if it is taken, a free one is used. */
const PORT = 7373

/** How many days a generated home goes back: enough for a complete month. */
const GENERATED_DAYS = 62

/** How many days back a run computes open days. */
const OPEN_DAYS = 30

/** Adds `dacc dev` to the program. */
export function dev(dacc: Command): void {
  dacc
    .command('dev')
    .summary('start a Cozy, a DACC and the playground on this machine')
    .description(
      'Starts a Cozy and a DACC on this machine, with a page to play in, until Ctrl-C.\n'
        + 'Nothing leaves the machine.',
    )
    .argument('[HOME.json]', 'the home that the Cozy starts with, or - for stdin; without it one is made up')
    .option('--port <port>', `where to listen; 0 takes a free one (default: ${PORT}, or a free one)`, port)
    .option('--host <address>', 'also listen to other machines, on this address, as 0.0.0.0')
    .option('--folder <folder>', 'keep everything there, also for the next start; without it in memory')
    .option(
      '--mode <mode>',
      'strict: the DACC refuses what the real one would lose; faithful: it loses it too',
      oneOf('--mode', ['strict', 'faithful']),
      'strict',
    )
    .option('--manifest <file>', 'permissions of this manifest; without it everything is allowed')
    .option('--definitions <file>', "what the DACC imports, instead of the built-in catalog's")
    .option('--token <text>', 'the token of the app, instead of one made up')
    .option('--token-file <file>', 'write the token there as cozy-konnector-dev reads it; see below')
    .option('--latency <ms>', 'how long the Cozy waits before each answer', milliseconds)
    .option('--fault <fault>', 'what goes wrong: 429, 500, html-502 or drop-after-accept; see below', collect)
    .option('--json', 'print the addresses as one line of JSON')
    .addHelpText(
      'after',
      `
A fault is KIND[:COUNT or :PERCENT%][@PLACE], repeatable; the place is dacc (the
default), remote or data: the DACC, or the Cozy's way to it, or its documents.
  --fault 429:3                 the DACC answers three requests with 429
  --fault html-502:20%@remote   every fifth send ends in a gateway's page
  --fault drop-after-accept     the DACC stores each measure and never answers

Cozy's own tools get in as well: cozy-konnector-dev runs a service with the
.token.json that --token-file writes, and the address as COZY_URL in its
konnector-dev-config.json. ACH imports home files, but for their triggers, which
no Cozy takes as documents.

The DACC's tables are in this program, or in the PostgreSQL server that
DATABASE_URL names. Ctrl-C and SIGTERM end everything, with 0.

Example:
  dacc dev home.json --latency 200 --fault 500:1`,
    )
    .action((file: string | undefined, flags: DevFlags) => run(file, flags))
}

interface DevFlags {
  port?: number
  host?: string
  folder?: string
  mode: 'strict' | 'faithful'
  manifest?: string
  definitions?: string
  token?: string
  tokenFile?: string
  latency?: number
  fault?: string[]
  json?: boolean
}

async function run(file: string | undefined, flags: DevFlags): Promise<void> {
  const dacc = await load()
  const options = await stackOptions(file, flags, dacc)
  // Creating a database for the first time takes some seconds.
  const isTerminal = process.stderr.isTTY
  if (isTerminal) process.stderr.write('Starting …')
  const stack = await start(options, flags).finally(() => {
    if (isTerminal) process.stderr.write('\r\x1b[K')
  })
  if (flags.tokenFile !== undefined) await writeToken(flags.tokenFile, stack)
  const ended = interruption()
  if (flags.json) process.stdout.write(`${JSON.stringify(summary(stack, flags))}\n`)
  else tell(stack, file, flags)
  await ended
  await stack.close()
}

async function stackOptions(file: string | undefined, flags: DevFlags, aggregator: Dacc): Promise<StackOptions> {
  const { readFault } = await import('../../stand-in/stack.ts')
  const { host, mode, token, latency = 0 } = flags
  return {
    aggregator,
    home: file === undefined ? madeUp() : await readHome(file, aggregator),
    mode,
    page: fileURLToPath(new URL('../playground', import.meta.url)),
    faults: { latency, rules: (flags.fault ?? []).map((fault) => refusing('--fault', () => readFault(fault))) },
    storage: { folder: flags.folder, server: process.env['DATABASE_URL'] || undefined },
    ...(host !== undefined && { host }),
    ...(token !== undefined && { token }),
    ...(flags.manifest !== undefined && { permissions: await permissionsOf(flags.manifest) }),
    ...(flags.definitions !== undefined && {
      definitions: (await readObject(flags.definitions)) as unknown as Definitions,
    }),
  }
}

async function start(options: StackOptions, { port, definitions }: DevFlags): Promise<Stack> {
  const { startStack } = await import('../../stand-in/stack.ts')
  try {
    return await startStack({ ...options, port: port ?? PORT, anyPort: port === undefined })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EINVAL') {
      throw new UsageError(`--host: ${options.host} is not an address of this machine`)
    }
    if (code === 'EACCES') throw new UsageError(`--port: ${port} may not be used by this user; choose one above 1023`)
    // The bundles do not share classes, so the name is compared.
    if (error.name === 'PortTaken')
      throw new UsageError(`--port: ${port} is taken; choose another, or 0 for a free one`)
    if (error.name === 'DatabaseError') throw new UsageError(error.message)
    if (error.name === 'UnreachableError') throw new ServerError(error.message)
    if (error.name === 'DefinitionsError' && definitions !== undefined)
      throw new UsageError(`${definitions}: ${withoutStop(error.message)}`)
    throw error
  }
}

/** The name in a token file of this command; only such files are overwritten. */
const CLIENT = 'dacc dev'

/** The file in which Cozy's developer tools keep a login; with it they do not ask again. */
async function writeToken(file: string, stack: Stack): Promise<void> {
  const credentials = {
    oauthOptions: { uri: stack.url, clientName: CLIENT, scopes: [] },
    token: { tokenType: 'bearer', accessToken: stack.token },
  }
  const content = `${JSON.stringify(credentials)}\n`
  try {
    const isNew = await writeFile(file, content, { mode: 0o600, flag: 'wx' }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false
        throw error
      },
    )
    if (isNew) return
    if (!(await isOwnToken(file)))
      throw new UsageError(
        `--token-file: ${file} is there and was not written by dacc dev; name another, or take it away`,
      )
    await writeFile(file, content)
    // An existing file keeps its mode, so it is set again.
    await chmod(file, 0o600)
  } catch (error) {
    await stack.close()
    if (error instanceof UsageError) throw error
    throw new UsageError(`--token-file: ${file} cannot be written (${(error as NodeJS.ErrnoException).code})`)
  }
}

/** Whether this command wrote the file; any other may hold credentials for a real Cozy. */
async function isOwnToken(file: string): Promise<boolean> {
  const found = await stat(file)
  if (!found.isFile() || found.size > MAX_TOKEN_BYTES) return false
  try {
    const content = JSON.parse(await readFile(file, 'utf8')) as { oauthOptions?: { clientName?: unknown } } | null
    return content?.oauthOptions?.clientName === CLIENT
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

/** Larger than any file of credentials. */
const MAX_TOKEN_BYTES = 65_536

/** Generates a home that ends yesterday. */
function madeUp(): unknown {
  return generateHome({
    seed: 'dacc dev',
    name: 'made-up',
    from: addDays(today(), -GENERATED_DAYS),
    to: addDays(today(), -1),
    habit: 'devoted',
    consent: 'given',
    joined: addDays(today(), -2 * GENERATED_DAYS),
  })
}

async function readHome(file: string, aggregator: Dacc): Promise<unknown> {
  const input = await openInput(file)
  const homes: Record<string, unknown>[] = []
  for await (const home of readHomes(input, () => false)) {
    if (homes.length > 0) throw new UsageError(`${file}: it holds several homes; a Cozy is that of one`)
    // The module's error has line and column, and no text of the file.
    withHomeLabel(input, home, (bytes) => aggregator.homeName(bytes))
    const { home: _, ...documents } = JSON.parse(new TextDecoder().decode(home.bytes)) as Record<string, unknown>
    homes.push(documents)
  }
  return homes[0]
}

async function permissionsOf(file: string): Promise<Permissions> {
  const { permissions } = await readObject(file)
  if (typeof permissions === 'object' && permissions !== null) return permissions as Permissions
  throw new UsageError(`${file}: it has no "permissions"; a manifest.webapp is needed`)
}

function tell(stack: Stack, file: string | undefined, flags: DevFlags): void {
  const { bold, cyan, dim, yellow } = coloursOf(process.stdout)
  const { host, port, mode } = flags
  const lines = [
    `A Cozy and a DACC are running on this machine; ${bold('Ctrl-C')} ends them.`,
    '',
    `  page   ${cyan(`${stack.url}/`)}`,
    `  Cozy   ${cyan(stack.url)}  ${dim('token')} ${stack.token}`,
    `  DACC   ${cyan(stack.dacc.url)}  ${dim('token')} ${stack.dacc.token}  ${dim(mode)}`,
    `  home   ${homeLine(stack, file, flags)}`,
    `  kept   ${keptLine(flags)}`,
    '',
    'To run the service against it:',
    '',
    `  ${Object.entries(environment(stack))
      .map(([name, value]) => `${name}=${shellWord(value)}`)
      .join(' ')} \\`,
    `    node ${shellWord(service())}`,
    '',
  ]
  if (port === undefined && new URL(stack.url).port !== String(PORT)) {
    lines.push(yellow(`Port ${PORT} is taken; this is a free one.`), '')
  }
  if (host !== undefined) {
    lines.push(yellow(`Warning: other machines may read and change everything here (--host ${host}).`), '')
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

function homeLine({ loaded, restored }: Stack, file: string | undefined, { folder }: DevFlags): string {
  if (loaded === undefined) {
    const ignored = file === undefined ? '' : `; ${printable(file)} was not loaded (remove the folder to begin anew)`
    return `${restored} documents of ${printable(folder ?? '')}${ignored}`
  }
  const { documents, malformed, duplicates } = loaded
  const left = malformed + duplicates
  const told = left > 0 ? `; ${left} left out, malformed or with an _id that was there` : ''
  return `${printable(file ?? 'made up')}, ${documents} documents${told}`
}

function keptLine({ folder }: DevFlags): string {
  const server = process.env['DATABASE_URL'] || undefined
  const documents = folder === undefined ? 'in memory' : `in ${printable(folder)}`
  return server === undefined ? documents : `${documents}; measures in the PostgreSQL server of DATABASE_URL`
}

function summary(stack: Stack, { mode }: DevFlags): object {
  return {
    page: `${stack.url}/`,
    cozy: { url: stack.url, token: stack.token },
    dacc: { ...stack.dacc, mode },
    home: { restored: stack.restored, ...stack.loaded },
    environment: environment(stack),
  }
}

/** The variables that a real stack sets for a service. The first run computes as many days as possible. */
function environment({ url, token }: Stack): Record<string, string> {
  return {
    COZY_URL: url,
    COZY_CREDENTIALS: token,
    COZY_LOCALE: 'fr',
    COZY_TIME_LIMIT: '305',
    COZY_FIELDS: JSON.stringify({ firstDay: addDays(today(), -OPEN_DAYS) }),
  }
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}

function service(): string {
  return path.relative('', fileURLToPath(new URL('../service/index.js', import.meta.url)))
}

function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process. */
async function interruption(): Promise<void> {
  await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)))
}

/** Adds the name of the flag to an error about its value. */
function refusing<T>(flag: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'FaultError') throw error
    throw new UsageError(`${flag}: ${withoutStop(error.message)}`)
  }
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '')
}

function port(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= 65_535) return number
  throw new UsageError(`--port: "${text}" is not a port; write a number from 0 to 65535`)
}

function milliseconds(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= 60_000) return number
  throw new UsageError(`--latency: "${text}" is not a number of milliseconds from 0 to 60000`)
}

function collect(text: string, before: string[] = []): string[] {
  return [...before, text]
}
