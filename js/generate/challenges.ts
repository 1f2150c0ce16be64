// The challenges of the app: each has a quiz, an exploration, a choice of actions and a duel.

import type { IntegerRange, Weighted } from './random.ts'

export interface Challenge {
  readonly id: string
  readonly quiz: string
  readonly exploration: string
  readonly actions: readonly [string, ...string[]]
  readonly duel: string
}

export const CHALLENGES: readonly Challenge[] = [
  {
    id: 'CHALLENGE0001',
    quiz: 'QUIZ001',
    exploration: 'EXPLORATION001',
    actions: ['ECOGESTURE0007', 'ECOGESTURE0012', 'ECOGESTURE0021'],
    duel: 'DUEL001',
  },
  {
    id: 'CHALLENGE0002',
    quiz: 'QUIZ002',
    exploration: 'EXPLORATION002',
    actions: ['ECOGESTURE0003', 'ECOGESTURE0019', 'ECOGESTURE0033'],
    duel: 'DUEL002',
  },
  {
    id: 'CHALLENGE0003',
    quiz: 'QUIZ003',
    exploration: 'EXPLORATION003',
    actions: ['ECOGESTURE0005', 'ECOGESTURE0027', 'ECOGESTURE0041'],
    duel: 'DUEL003',
  },
  {
    id: 'CHALLENGE0004',
    quiz: 'QUIZ004',
    exploration: 'EXPLORATION004',
    actions: ['ECOGESTURE0009', 'ECOGESTURE0014', 'ECOGESTURE0038'],
    duel: 'DUEL004',
  },
]

/** The stars of a quiz. */
export const STARS: Weighted<number> = [
  [0, 1],
  [1, 2],
  [2, 4],
  [3, 7],
  [4, 8],
  [5, 5],
]

/** Days from the choice of an action to its end. */
export const ACTION_DAYS: IntegerRange = [2, 6]

/** How many days a duel lasts. */
export const DUEL_DAYS = 7

export const DUEL_WON = 0.55
