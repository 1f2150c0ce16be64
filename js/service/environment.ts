// Reads the environment variables that the stack sets for a service.

import type { Options } from '../../pkg/wasm/dacc_aggregator.js'
import { isToken, NOT_A_TOKEN } from '../base/token.ts'

export interface Environment {
  /** The address of the person's Cozy. */
  cozyUrl: URL
  /** The app's token. */
  token: string
  /** The configuration in `COZY_FIELDS`. */
  fields: Options
  /** The job and its time limit in seconds; the developers' tool sets neither. */
  job: string | undefined
  timeLimit: number | undefined
}

/** A variable is missing or unusable. */
export class EnvironmentError extends Error {}

/** Reads the environment; throws an error that names a missing or unusable variable. */
export function readEnvironment(variables: Record<string, string | undefined>): Environment {
  const cozyUrl = variables['COZY_URL'] ?? ''
  if (!URL.canParse(cozyUrl)) throw new EnvironmentError('COZY_URL: the address of a Cozy is needed')
  return {
    cozyUrl: new URL(cozyUrl),
    token: readToken(variables['COZY_CREDENTIALS'] ?? ''),
    fields: readFields(variables['COZY_FIELDS'] ?? ''),
    job: variables['COZY_JOB_ID'] || undefined,
    timeLimit: readTimeLimit(variables['COZY_TIME_LIMIT']),
  }
}

/** Reads the token: plain, or inside JSON as the developers' tool writes it. */
function readToken(credentials: string): string {
  let token: unknown = credentials.trim()
  if (credentials.trimStart().startsWith('{')) {
    token = parseObject('COZY_CREDENTIALS', credentials)['token']
    if (isObject(token)) token = token['accessToken']
  }
  if (typeof token !== 'string' || token === '') throw new EnvironmentError('COZY_CREDENTIALS: a token is needed')
  if (!isToken(token)) throw new EnvironmentError(`COZY_CREDENTIALS: ${NOT_A_TOKEN}`)
  return token
}

function readFields(fields: string): Options {
  const text = fields.trim()
  return text === '' || text === 'null' ? {} : parseObject('COZY_FIELDS', text)
}

function readTimeLimit(seconds: string | undefined): number | undefined {
  const limit = Math.floor(Number(seconds))
  return Number.isSafeInteger(limit) && limit > 0 ? limit : undefined
}

function parseObject(name: string, text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's message would quote the text, which may hold a token.
    value = undefined
  }
  if (isObject(value)) return value
  throw new EnvironmentError(`${name}: a JSON object is needed`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
