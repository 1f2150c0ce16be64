// What has to be true of each home's night.

import type { Dacc } from '../stand-in/dacc/dacc.ts'
import type { Night } from './night.ts'

/** What is read without consent: the terms, and the ledger, to cancel what waits in it. */
const WITHOUT_CONSENT: ReadonlySet<string> = new Set([
  'com.grandlyon.ecolyo.term',
  'com.grandlyon.ecolyo.dacc.memory',
  'com.grandlyon.ecolyo.dacc.measures',
])

/** Log lines of these types tell of something that went wrong. */
const BAD_NEWS: ReadonlySet<string> = new Set(['error', 'critical'])

/** What is not as it should be in one home: a sentence each. */
export function faultsOf(night: Night): string[] {
  return [...faultsOfProcess(night), ...faultsOfMeasures(night), ...faultsOfConsent(night)]
}

/** What the DACC refused or cannot aggregate: a sentence each. */
export async function faultsOfDacc(dacc: Dacc): Promise<string[]> {
  const { blocked } = await dacc.aggregate()
  return [
    ...dacc.refused().map(({ error, sent }) => `The DACC refused a measure: ${error} It was ${sent}`),
    ...Object.entries(blocked).map(([name, why]) => `The DACC cannot aggregate ${name}: ${why}.`),
  ]
}

/** Whether the home's measures may leave it. */
export function isConsenting({ options }: Night): boolean {
  return options.consent === 'given'
}

function faultsOfProcess({ name, ended }: Night): string[] {
  const faults = ended.noise.map((line) => `${name}: the service wrote something beside its log: ${line}`)
  for (const { type, message } of ended.log) {
    if (BAD_NEWS.has(type)) faults.push(`${name}: the service logged (${type}): ${message}.`)
  }
  if (ended.exit !== 0) faults.push(`${name}: the service ended with ${ended.exit} where 0 was due.`)
  return faults
}

function faultsOfMeasures({ name, stored, previewed }: Night): string[] {
  const expected = previewed.map((measure) => JSON.stringify(measure))
  const at = expected.findIndex((measure, place) => stored[place] !== measure)
  if (at >= 0)
    return [`${name}: measure ${at + 1} of the preview is ${expected[at]} but the DACC stored ${stored[at] ?? 'none'}.`]
  const surplus = stored.length - expected.length
  return surplus > 0 ? [`${name}: the DACC stored ${surplus} measures that the preview does not show.`] : []
}

function faultsOfConsent(night: Night): string[] {
  const { name, stored, doctypes } = night
  if (isConsenting(night)) return stored.length > 0 ? [] : [`${name} consents, but nothing of it reached the DACC.`]
  const tooMuch = [...doctypes].filter((doctype) => !WITHOUT_CONSENT.has(doctype))
  return [
    ...(stored.length > 0 ? [`${name} does not consent, but ${stored.length} measures of it reached the DACC.`] : []),
    ...tooMuch.map((doctype) => `${name} does not consent, but the service asked for ${doctype}.`),
  ]
}
