// Cold processes: start, read a file, compute, end. And what they take of memory.

import { type InputFile, input } from './inputs.ts'
import { runProgram } from './programs.ts'
import { median, pairedRatio, shuffled } from './statistics.ts'

const PROGRAMS = ['bare', 'json-parse', 'ours'] as const
type Program = (typeof PROGRAMS)[number]

interface Ran {
  readonly millis: number
  readonly cpu: number
  readonly rss: number
}

export interface Cold {
  readonly events: number
  readonly rounds: number
  readonly programs: readonly {
    readonly name: Program
    readonly millis: number
    readonly cpu: number
    readonly rss: number
  }[]
  /** How often faster ours is than one that only does JSON.parse. */
  readonly ratio: number
  readonly cpuRatio: number
  /** What ours takes above bare Node, in bytes. */
  readonly rssAboveBare: number
}

export async function cold(events: number, rounds: number): Promise<Cold> {
  const made = input(events)
  const ran: Record<Program, Ran[]> = { bare: [], 'json-parse': [], ours: [] }
  for (let round = 0; round < rounds; round += 1) {
    for (const program of shuffled(PROGRAMS)) ran[program].push(await run(program, made))
  }
  const all = (program: Program, part: keyof Ran) => ran[program].map((one) => one[part])
  const middle = (program: Program, part: keyof Ran) => median(all(program, part))
  return {
    events,
    rounds,
    programs: PROGRAMS.map((name) => ({
      name,
      millis: middle(name, 'millis'),
      cpu: middle(name, 'cpu'),
      rss: middle(name, 'rss'),
    })),
    ratio: pairedRatio(all('json-parse', 'millis'), all('ours', 'millis')),
    cpuRatio: pairedRatio(all('json-parse', 'cpu'), all('ours', 'cpu')),
    rssAboveBare: middle('ours', 'rss') - middle('bare', 'rss'),
  }
}

async function run(program: Program, { file, options }: InputFile): Promise<Ran> {
  const { millis, printed } = await runProgram('cold', [program, file, JSON.stringify(options)])
  const { cpu, rss } = printed as Omit<Ran, 'millis'>
  return { millis, cpu, rss }
}
