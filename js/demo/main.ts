// The demonstration: a DACC, twelve homes with a Cozy each, and the service as
// it is built, run in each of them as the stack would run it.

import { load } from '../api/index.node.ts'
import { type Dacc, startDacc } from '../stand-in/dacc/dacc.ts'
import { readPermissions, requireService } from './built.ts'
import { faultsOf, faultsOfDacc, isConsenting } from './checks.ts'
import { showDacc } from './dacc-section.ts'
import { showHome } from './home-section.ts'
import { HOMES, SHOWN } from './homes.ts'
import { beginHomes } from './homes-section.ts'
import { type Night, spendNight } from './night.ts'
import { counted, Page } from './page.ts'

/** What ends it early, and the exit status that shells expect then. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

const DACC_TOKEN = 'token that the stack keeps from apps'

const page = new Page(process.stdout, process.env)
const interruption = new AbortController()
for (const [signal, status] of Object.entries(SIGNALS)) process.once(signal, () => interruption.abort(status))
// Whoever reads has gone (`demo | head`): that ends it as well.
process.stdout.on('error', () => interruption.abort(1))

try {
  process.exitCode = conclude(await demonstrate())
} catch (error) {
  const { aborted, reason } = interruption.signal
  const message = error instanceof Error ? error.message : String(error)
  process.exitCode = aborted ? Number(reason) : 1
  process.stderr.write(aborted ? '\nInterrupted; everything is stopped.\n' : `\n${message}\n`)
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
  page.paragraph(`✓ ${counted(sent, 'measure')} stored, byte for byte as a preview of each home shows them.`, green)
  page.paragraph(`✓ ${counted(silent, 'home')} without consent: nothing read beyond the terms, nothing sent.`, green)
  page.paragraph('✓ All servers are closed and all temporary directories removed.', green)
  return 0
}
