// Executes a rights command for the command line: homes, files, requests and messages.

import { setTimeout } from 'node:timers/promises'
import type { Command } from 'commander'
import type { RightsTask } from '../../../pkg/wasm/dacc_aggregator.js'
import { load } from '../../api/index.node.ts'
import { NodeFiles, type Paths, type Uses } from '../../hosts/files/node-files.ts'
import { FileError } from '../../hosts/files/resolve-path.ts'
import { HttpClient } from '../../hosts/http-client.ts'
import { executeCommand, RightsError } from '../../hosts/rights.ts'
import type { CozyAccess } from '../../hosts/run.ts'
import { performRequest } from '../../hosts/run.ts'
import type { Options } from '../../types/index.d.ts'
import { kindOfFile, whyNoHome } from '../input/file-kind.ts'
import { addClockFlags, type ComputationFlags, readOptions } from '../options/computation-options.ts'
import { addTokenFlags, isAddress, printableAddress, readConnection } from '../options/connection.ts'
import { NegativeAnswer, ServerError, UsageError } from '../terminal/errors.ts'
import { continueWithoutReader } from '../terminal/output.ts'

/** The help text of the argument HOME. */
export const HOME_ARGUMENT = 'a home file, or the address of a Cozy'

/** The flags of every rights command. */
export interface HomeFlags extends ComputationFlags {
  credentials?: string
  leaveLinks?: boolean
  formerCredentials?: string
  insecure?: boolean
}

/** Adds the flags of a Cozy and of the clock. */
export function addHomeFlags(command: Command): Command {
  return addClockFlags(addTokenFlags(command))
}

/** A rights command with its homes and files. */
export interface RightsCommand {
  command: RightsTask['command']
  home: string
  former?: string
  /** The other files, by the names that the core uses. */
  files?: Paths
  /** Whether a missing home file counts as an empty home. */
  mayMiss?: boolean
  /** Whether the command changes its homes. */
  rewrites?: boolean
  /** The home from which data are erased. */
  erases?: 'home' | 'former'
  zips?: string[]
  overwrites?: Uses['overwrites']
  /** Gives other names for files whose name is taken. */
  another?: Uses['another']
  /** Called if hard links of a home file keep its old content. */
  onLinks?: (home: 'home' | 'former', count: number) => void
}

/** Executes a rights command; resolves to its outcome. */
export async function executeRightsCommand<Outcome>(given: RightsCommand, flags: HomeFlags): Promise<Outcome> {
  const dacc = await load()
  const options: Options = await readOptions(flags, dacc)
  const { command, files = {}, zips = [] } = given
  const homes: Partial<Record<'home' | 'former', string>> = {
    home: given.home,
    ...(given.former !== undefined && { former: given.former }),
  }
  const cozies: Partial<Record<'home' | 'former', CozyAccess>> = {}
  const paths: Paths = { ...files }
  for (const [name, home] of Object.entries(homes) as ['home' | 'former', string][]) {
    if (isAddress(home)) cozies[name] = connection(name, home, flags)
    else {
      const instead = whyNoHome(await kindOfFile(home), home)
      if (instead !== undefined) throw new UsageError(`${home}: ${instead}`)
      paths[name] = home
    }
  }
  const place = (name: 'home' | 'former') => (cozies[name] === undefined ? 'file' : 'cozy')
  const task: RightsTask = {
    command,
    home: place('home'),
    ...(given.former !== undefined && { former: place('former') }),
  }
  const nodeFiles = new NodeFiles(paths, {
    zips,
    mayMiss: given.mayMiss ? ['home'] : [],
    rewrites: given.rewrites ? ['home', 'former'].filter((name) => paths[name] !== undefined) : [],
    erases: given.erases === undefined ? [] : [given.erases],
    leavesLinks: flags.leaveLinks ?? false,
    overwrites: given.overwrites ?? 'never',
    another: given.another ?? {},
  })
  if (given.rewrites) continueWithoutReader()
  const client = new HttpClient()
  // One refusal is enough: later requests of the clean-up may succeed again.
  const isShut: Partial<Record<'home' | 'former', boolean>> = {}
  const isUnreached: Partial<Record<'home' | 'former', boolean>> = {}
  try {
    await nodeFiles.take()
    const outcome = (await executeCommand(task, options, {
      files: nodeFiles,
      wait: (millis) => setTimeout(millis),
      request: async (name, { method, url, body }) => {
        const cozy = cozies[name]
        if (cozy === undefined) throw new Error('a request without a Cozy')
        const request = {
          effect: 'request' as const,
          method: method as 'GET',
          url,
          ...(body !== undefined && { body }),
        }
        const answer = await performRequest(client, request, cozy)
        isShut[name] ||= 'status' in answer && (answer.status === 401 || answer.status === 403)
        isUnreached[name] = !('status' in answer)
        if ('status' in answer) return answer
        if (answer.why === 'certificate') throw new ServerError(answer.sentence ?? answer.why)
        return answer.why === undefined ? undefined : { unusable: answer.why }
      },
    })) as Outcome
    await nodeFiles.unchanged()
    const { configuredOtherwise = [] } = outcome as { configuredOtherwise?: string[] }
    if (configuredOtherwise.length > 0) {
      process.stderr.write(
        `the home lives under other settings than are configured, and these were taken: ${configuredOtherwise.join(', ')}\n`,
      )
    }
    for (const home of ['home', 'former'] as const) {
      const links = nodeFiles.links(home)
      if (links > 0) given.onLinks?.(home, links)
    }
    return outcome
  } catch (error) {
    if (error instanceof FileError) throw new UsageError(namePaths(error.message, paths))
    if (!(error instanceof RightsError)) throw error
    const message = namePaths(error.message, paths)
    const isAtFault = (name: 'home' | 'former') => isShut[name] || isUnreached[name]
    const shut = isAtFault('home') ? cozies.home : isAtFault('former') ? cozies.former : undefined
    if (shut !== undefined) throw new ServerError(`${printableAddress(shut.cozyUrl)}: ${message}`)
    throw isOfInput(error.message) ? new UsageError(message) : new NegativeAnswer(message)
  } finally {
    client.close()
    await nodeFiles.close()
  }
}

/** Reads the access to a Cozy. The token of the home is never sent to the former one. */
function connection(
  name: 'home' | 'former',
  address: string,
  { credentials, formerCredentials, insecure = false }: HomeFlags,
): CozyAccess {
  if (name === 'home')
    return readConnection({ cozyUrl: address, insecure, ...(credentials !== undefined && { credentials }) })
  try {
    return readConnection({
      cozyUrl: address,
      insecure,
      credentials: formerCredentials ?? process.env['FORMER_COZY_CREDENTIALS'] ?? '',
    })
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(
      error.message
        .replace('COZY_CREDENTIALS', 'FORMER_COZY_CREDENTIALS')
        .replace('--credentials', '--former-credentials'),
    )
  }
}

/** Replaces the core's name of a file in a message by its path. */
export function namePaths(message: string, paths: Paths): string {
  const known = /^(home|former|output|backup|file|input:\d+): /.exec(message)?.[1]
  // The name of a scratch file would mean nothing to a person.
  if (message.startsWith('scratch:')) return message.replace(/^scratch:.*?: (?=the )/, '')
  const path = known === undefined ? undefined : paths[known]
  if (path === undefined) return message
  return `${path !== '-' ? path : known === 'output' ? 'stdout' : 'stdin'}${message.slice(known?.length)}`
}

/** Whether a message is about a file or flag of the call. */
function isOfInput(message: string): boolean {
  return /^(home|former|input:\d+|output|backup|scratch:.*|collections|to): /.test(message)
}
