// Checks what must be true of each run.

import type { Dacc } from '../stand-in/dacc/dacc.ts'
import type { HomeRun } from './home-run.ts'

/** What a run may read without consent: the terms, the memory and the ledger, to cancel what waits in it. */
const WITHOUT_CONSENT: ReadonlySet<string> = new Set([
  'com.grandlyon.ecolyo.term',
  'com.grandlyon.ecolyo.dacc.memory',
  'com.grandlyon.ecolyo.dacc.measures',
])

/** Log lines of these types report a failure. */
const ERROR_TYPES: ReadonlySet<string> = new Set(['error', 'critical'])

/** The faults of one run, a sentence each. */
export function faultsOf(run: HomeRun): string[] {
  return [...faultsOfProcess(run), ...faultsOfMeasures(run), ...faultsOfConsent(run)]
}

/** What the DACC refused or cannot aggregate, a sentence each. */
export async function faultsOfDacc(dacc: Dacc): Promise<string[]> {
  const { blocked } = await dacc.aggregate()
  return [
    ...dacc.refused().map(({ error, sent }) => `The DACC refused a measure: ${error} It was ${sent}`),
    ...Object.entries(blocked).map(([name, why]) => `The DACC cannot aggregate ${name}: ${why}.`),
  ]
}

/** Whether the home's measures may leave it. */
export function isConsenting({ options }: HomeRun): boolean {
  return options.consent === 'given'
}

function faultsOfProcess({ name, ended }: HomeRun): string[] {
  const faults = ended.noise.map((line) => `${name}: the service wrote something beside its log: ${line}`)
  for (const { type, message } of ended.log) {
    if (ERROR_TYPES.has(type)) faults.push(`${name}: the service logged (${type}): ${message}.`)
  }
  if (ended.exit !== 0) faults.push(`${name}: the service ended with ${ended.exit} where 0 was due.`)
  return faults
}

function faultsOfMeasures({ name, stored, previewed }: HomeRun): string[] {
  const expected = previewed.map((measure) => JSON.stringify(measure))
  const at = expected.findIndex((measure, place) => stored[place] !== measure)
  if (at >= 0)
    return [`${name}: measure ${at + 1} of the preview is ${expected[at]} but the DACC stored ${stored[at] ?? 'none'}.`]
  const surplus = stored.length - expected.length
  return surplus > 0 ? [`${name}: the DACC stored ${surplus} measures that the preview does not show.`] : []
}

function faultsOfConsent(run: HomeRun): string[] {
  const { name, stored, doctypes } = run
  if (isConsenting(run)) return stored.length > 0 ? [] : [`${name} consents, but nothing of it reached the DACC.`]
  const tooMuch = [...doctypes].filter((doctype) => !WITHOUT_CONSENT.has(doctype))
  return [
    ...(stored.length > 0 ? [`${name} does not consent, but ${stored.length} measures of it reached the DACC.`] : []),
    ...tooMuch.map((doctype) => `${name} does not consent, but the service asked for ${doctype}.`),
  ]
}
