// The demonstration: a DACC, twelve homes with a Cozy each, and the service as
// it is built, run in each of them as the stack would run it.

import { load } from '../api/index.node.ts'
import { type Dacc, startDacc } from '../stand-in/dacc/dacc.ts'
import { readPermissions, requireService } from './built-package.ts'
import { faultsOf, faultsOfDacc, isConsenting } from './checks.ts'
import { showDacc } from './dacc-section.ts'
import { type HomeRun, runHome } from './home-run.ts'
import { showHome } from './home-section.ts'
import { HOMES, SHOWN_HOME } from './homes.ts'
import { printHomes } from './homes-section.ts'
import { counted, TerminalPage } from './terminal-page.ts'

/** What ends it early, and the exit status that shells expect then. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

const DACC_TOKEN = 'token that the stack keeps from apps'

const page = new TerminalPage(process.stdout, process.env)
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
  readonly runs: readonly HomeRun[]
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
    const showRun = printHomes(page)
    const runs: HomeRun[] = []
    // One after the other, so that what the DACC stores meanwhile is this home's.
    for (const home of HOMES) {
      interruption.signal.throwIfAborted()
      const run = await runHome(home, surroundings)
      showRun(run)
      runs.push(run)
    }
    const shown = runs.find(({ name }) => name === SHOWN_HOME)
    if (shown) showHome(page, shown, aggregator.catalog())
    await showDacc(page, dacc, definitions.definitions)
    return { runs, faults: await faultsIn(runs, dacc) }
  } finally {
    await dacc.close()
  }
}

async function faultsIn(runs: readonly HomeRun[], dacc: Dacc): Promise<string[]> {
  return [...runs.flatMap(faultsOf), ...(await faultsOfDacc(dacc))]
}

/** The last words; gives the exit status. */
function conclude({ runs, faults }: Shown): number {
  const { green, red } = page.colors
  page.print()
  for (const fault of faults) page.paragraph(`✗ ${fault}`, red)
  if (faults.length > 0) return 1
  const sent = runs.reduce((total, { stored }) => total + stored.length, 0)
  const silent = runs.filter((run) => !isConsenting(run)).length
  page.paragraph(`✓ ${counted(sent, 'measure')} stored, byte for byte as a preview of each home shows them.`, green)
  page.paragraph(`✓ ${counted(silent, 'home')} without consent: nothing read beyond the terms, nothing sent.`, green)
  page.paragraph('✓ All servers are closed and all temporary directories removed.', green)
  return 0
}
