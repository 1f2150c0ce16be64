// The suppliers that a home can connect.

import type { Fluid } from '../types/index.d.ts'
import type { Weighted } from './random.ts'

export interface Supply {
  readonly fluid: Fluid
  /** The konnector's slug, and the `account_type` of its accounts. */
  readonly slug: string
  /** A month's load on average, in the fluid's unit. */
  readonly load: number
  /** How a month's load compares with the year's average, from January. */
  readonly seasons: readonly number[]
}

/** Kilowatt hours, litres, kilowatt hours. */
export const SUPPLIES: Readonly<Record<Fluid, Supply>> = {
  electricity: {
    fluid: 'electricity',
    slug: 'enedisgrandlyon',
    load: 310,
    seasons: [1.4, 1.3, 1.15, 0.95, 0.8, 0.75, 0.75, 0.7, 0.8, 0.95, 1.15, 1.35],
  },
  water: {
    fluid: 'water',
    slug: 'eglgrandlyon',
    load: 8_400,
    seasons: [1, 0.95, 1, 1, 1.05, 1.1, 1.05, 0.8, 1, 1.05, 1, 1],
  },
  gas: {
    fluid: 'gas',
    slug: 'grdfgrandlyon',
    load: 780,
    seasons: [2.2, 1.9, 1.5, 0.9, 0.4, 0.2, 0.15, 0.15, 0.3, 0.8, 1.5, 2],
  },
}

/** What homes connect, in the order in which they do. */
export const CONNECTIONS: Weighted<readonly Fluid[]> = [
  [['electricity', 'water', 'gas'], 4],
  [['electricity', 'water'], 3],
  [['electricity'], 3],
  [['electricity', 'gas'], 2],
  [['water'], 1],
]

/** How likely a konnector does what it is asked for. */
export const KONNECTOR_SUCCESS = { connect: 0.8, refresh: 0.95 } as const
