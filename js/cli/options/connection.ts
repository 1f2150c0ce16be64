// The flags and variables that say which Cozy to use.

import type { Command } from 'commander'
import { isUnencrypted } from '../../base/token.ts'
import { type Environment, EnvironmentError, readEnvironment } from '../../service/environment.ts'
import { UsageError } from '../terminal/errors.ts'

/** The flags of a Cozy. */
export interface ConnectionFlags {
  cozyUrl?: string
  credentials?: string
  insecure?: boolean
}

/** Adds the flags of a Cozy to a command. */
export function addConnectionFlags(command: Command): Command {
  return command
    .option('--cozy-url <address>', 'the address of the Cozy (default: COZY_URL)')
    .option(
      '--credentials <token>',
      "the app's token (default: COZY_CREDENTIALS, which other users of the machine cannot see)",
    )
    .option(...INSECURE)
}

/** The flag that allows to send a token over plain http. */
export const INSECURE = ['--insecure', 'let the token go over plain http, where it can be read on the way'] as const

/** Refuses to send a token unencrypted, unless the flag allows it. */
export function requireEncryption(name: string, url: URL, insecure: boolean | undefined): void {
  if (insecure === true || !isUnencrypted(url)) return
  throw new UsageError(
    `${name}: over plain http the token can be read on the way to ${url.host}; write https://, or --insecure where nobody else is on the way`,
  )
}

/** Whether an argument is the address of a Cozy and not a file. */
export function isAddress(home: string): boolean {
  // It may hold a password, so that even a wrong one is not told as a file's name.
  if (/^(?!https?:)[a-z][a-z0-9+.-]*:\/\//i.test(home))
    throw new UsageError('the address of a Cozy begins with https:// or http://')
  return /^https?:\/\//i.test(home)
}

/** Adds the flags of a home that may be a file or a Cozy. */
export function addTokenFlags(command: Command): Command {
  return command
    .option(
      '--credentials <token>',
      'the token for a Cozy (default: COZY_CREDENTIALS, which other users of the machine cannot see)',
    )
    .option(...INSECURE)
}

/** An address for messages: without the password and the query, which may hold a token. */
export function printableAddress({ origin, pathname }: URL): string {
  return `${origin}${pathname === '/' ? '' : pathname}`
}

/** Reads address and token from the flags, or from the variables that a service has. */
export function readConnection({ cozyUrl, credentials, insecure }: ConnectionFlags): Environment {
  try {
    const environment = readEnvironment({
      ...process.env,
      ...(cozyUrl !== undefined && { COZY_URL: cozyUrl }),
      ...(credentials !== undefined && { COZY_CREDENTIALS: credentials }),
    })
    if (!/^https?:$/.test(environment.cozyUrl.protocol))
      throw new EnvironmentError('COZY_URL: the address of a Cozy is needed')
    requireEncryption(cozyUrl === undefined ? 'COZY_URL' : 'the Cozy', environment.cozyUrl, insecure)
    return environment
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    const { message } = error
    throw new UsageError(
      message.startsWith('COZY_URL')
        ? '--cozy-url: the address of a Cozy is needed, as https://name.mycozy.cloud; or set COZY_URL'
        : message === 'COZY_CREDENTIALS: a token is needed'
          ? "--credentials: the app's token is needed; or set COZY_CREDENTIALS"
          : credentials === undefined
            ? message
            : message.replace(/^COZY_CREDENTIALS/, '--credentials'),
    )
  }
}
