// The twelve homes of the demonstration, and its calendar.

import type { HomeOptions } from '../generate/home.ts'
import type { Options } from '../types/index.d.ts'

/** One seed for all: each run of the demonstration shows the same. */
const SEED = 4

/** Events of two months; what happened in the first is context for the second. */
const DAYS = { from: '2026-01-01', to: '2026-03-02' } as const

/** The month that is computed, and the days since. */
export const MONTH = {
  name: 'February 2026',
  span: '1 February to 2 March',
  first: '2026-02-01',
  last: DAYS.to,
} as const

/** The date of the run: the month is due, and 30 days back is its first day. */
export const RUN_DATE = '3 March 2026'

/** What the service is configured with: the change-over from an older service, so that one run computes the whole month. */
export const RUN_OPTIONS: Options = { now: '2026-03-03T03:12:00', firstDay: MONTH.first }

/** The home that is shown in full. */
export const SHOWN_HOME = 'Croix-Rousse'

const TRAITS: readonly Omit<HomeOptions, 'seed' | 'from' | 'to'>[] = [
  { name: SHOWN_HOME, habit: 'devoted', consent: 'given', joined: '2026-02-03' },
  { name: 'Bellecour', habit: 'devoted', consent: 'given', joined: '2024-11-16' },
  { name: 'Confluence', habit: 'mobile', consent: 'given', joined: '2025-09-08' },
  { name: 'Monplaisir', habit: 'mobile', consent: 'given', joined: '2025-12-02' },
  { name: 'Gerland', habit: 'evening', consent: 'given', joined: '2025-03-21' },
  { name: 'Vaise', habit: 'mobile', consent: 'given', joined: '2026-02-10' },
  { name: 'Perrache', habit: 'weekly', consent: 'given', joined: '2023-10-05' },
  { name: 'Ainay', habit: 'weekend', consent: 'given', joined: '2025-06-14' },
  { name: 'Fourvière', habit: 'report', consent: 'given', joined: '2024-02-27' },
  { name: 'Mermoz', habit: 'lapsed', consent: 'given', joined: '2026-01-29' },
  { name: 'Guillotière', habit: 'devoted', consent: 'withdrawn', joined: '2025-01-11' },
  { name: 'Part-Dieu', habit: 'evening', consent: 'refused', joined: '2025-11-24' },
]

/** What each home is made of. */
export const HOMES: readonly HomeOptions[] = TRAITS.map((traits) => ({ seed: SEED, ...DAYS, ...traits }))
