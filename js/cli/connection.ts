import type { Command } from 'commander'
import { type Environment, EnvironmentError, readEnvironment } from '../service/environment.ts'
import { UsageError } from './errors.ts'

/** Where a Cozy is, as flags or as the stack tells a service. */
export interface ConnectionFlags {
  cozyUrl?: string
  credentials?: string
}

/** Adds the flags of a Cozy to a command. */
export function withConnection(command: Command): Command {
  return command
    .option('--cozy-url <address>', 'the address of the Cozy (default: COZY_URL)')
    .option('--credentials <token>', 'the app\'s token (default: COZY_CREDENTIALS, which other users of the machine cannot see)')
}

/** An address as it may be told: without the password that it may hold, or a token in its query. */
export function addressOf({ origin, pathname }: URL): string {
  return `${origin}${pathname === '/' ? '' : pathname}`
}

/** The Cozy, from the flags and the environment that a service has. */
export function readConnection({ cozyUrl, credentials }: ConnectionFlags): Environment {
  try {
    const environment = readEnvironment({
      ...process.env,
      ...(cozyUrl !== undefined && { COZY_URL: cozyUrl }),
      ...(credentials !== undefined && { COZY_CREDENTIALS: credentials }),
    })
    if (!/^https?:$/.test(environment.cozyUrl.protocol)) throw new EnvironmentError('COZY_URL: the address of a Cozy is needed')
    return environment
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    const { message } = error
    throw new UsageError(message.startsWith('COZY_URL')
      ? '--cozy-url: the address of a Cozy is needed, as https://name.mycozy.cloud; or set COZY_URL'
      : message === 'COZY_CREDENTIALS: a token is needed'
        ? '--credentials: the app\'s token is needed; or set COZY_CREDENTIALS'
        : credentials === undefined ? message : message.replace(/^COZY_CREDENTIALS/, '--credentials'))
  }
}
