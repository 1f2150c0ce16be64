// The demonstration: a DACC, twelve homes with a Cozy each, and the service as
// it is built, run in each of them as the stack would run it.

import { readPermissions, requireService } from './demo/built.ts'
import { faultsOf, faultsOfDacc, isConsenting } from './demo/checks.ts'
import { showDacc } from './demo/dacc-section.ts'
import { showHome } from './demo/home-section.ts'
import { beginHomes } from './demo/homes-section.ts'
import { HOMES, SHOWN } from './demo/homes.ts'
import { type Night, spendNight } from './demo/night.ts'
import { counted, Page } from './demo/page.ts'
import { load } from './index.node.ts'
import { type Dacc, startDacc } from './stand-in/dacc.ts'

/** The exit status that shells give to a process ended by Ctrl-C. */
const INTERRUPTED = 130

const DACC_TOKEN = 'token that the stack keeps from apps'

const page = new Page(process.stdout, process.env)
const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interruption.abort())
// Whoever reads has gone (`demo | head`): that ends it as well.
process.stdout.on('error', () => interruption.abort())

try {
  process.exitCode = conclude(await demonstrate())
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  process.exitCode = interruption.signal.aborted ? INTERRUPTED : 1
  process.stderr.write(interruption.signal.aborted ? '\nInterrupted; everything is stopped.\n' : `\n${message}\n`)
}

interface Shown {
  readonly nights: readonly Night[]
  readonly faults: readonly string[]
}

async function demonstrate(): Promise<Shown> {
  await requireService()
  const aggregator = await load()
  const definitions = aggregator.definitions()
  const dacc = await startDacc({ definitions, token: DACC_TOKEN, mode: 'strict' })
  try {
    const permissions = await readPermissions()
    const surroundings = { aggregator, dacc, daccToken: DACC_TOKEN, permissions, interruption: interruption.signal }
    const showNight = beginHomes(page)
    const nights: Night[] = []
    // One after the other, so that what the DACC stores meanwhile is this home's.
    for (const home of HOMES) {
      interruption.signal.throwIfAborted()
      const night = await spendNight(home, surroundings)
      showNight(night)
      nights.push(night)
    }
    const shown = nights.find(({ name }) => name === SHOWN)
    if (shown) showHome(page, shown, aggregator.catalog())
    await showDacc(page, dacc, definitions.definitions)
    return { nights, faults: await faultsIn(nights, dacc) }
  } finally {
    await dacc.close()
  }
}

async function faultsIn(nights: readonly Night[], dacc: Dacc): Promise<string[]> {
  return [...nights.flatMap(faultsOf), ...(await faultsOfDacc(dacc))]
}

/** The last words; gives the exit status. */
function conclude({ nights, faults }: Shown): number {
  const { green, red } = page.colors
  page.print()
  for (const fault of faults) page.paragraph(`✗ ${fault}`, red)
  if (faults.length > 0) return 1
  const sent = nights.reduce((total, { stored }) => total + stored.length, 0)
  const silent = nights.filter((night) => !isConsenting(night)).length
  page.paragraph(`✓ The DACC stored ${counted(sent, 'measure')}, byte for byte those that a preview of each home shows.`, green)
  page.paragraph(`✓ Of the ${counted(silent, 'home')} without consent nothing was read beyond the terms, and nothing was sent.`, green)
  page.paragraph('✓ All servers are closed and all temporary directories removed.', green)
  return 0
}
