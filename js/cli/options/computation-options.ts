// The flags of a computation, and the options that they and a file give.

import type { Command } from 'commander'
import type { Dacc, Options, Rule } from '../../types/index.d.ts'
import { readApp } from '../input/app-file.ts'
import { UsageError } from '../terminal/errors.ts'
import { optionsError, readConfig } from './config-file.ts'
import { day, months, oneOf } from './flag-values.ts'

/** The values of these flags. */
export interface ComputationFlags {
  from?: string
  to?: string
  month?: string[]
  now?: string
  clock?: 'wall' | 'instant'
  zone?: string
  config?: string
  /** Of `preview` and `explain` alone: the file of an app's description. */
  app?: string
  /** Of `preview` and `explain` alone: a real run never makes consent up. */
  consentSince?: string
}

/** Adds the flags of a computation to a command. */
export function addComputationFlags(command: Command): Command {
  return addClockFlags(
    command
      .option(
        '--from <day>',
        'the first day, instead of those a run would choose; alone, up to yesterday',
        day('--from'),
      )
      .option('--to <day>', 'the last day, included; alone, only this day', day('--to'))
      .option('--month <month>', 'a month, as 2024-03; repeatable; without days, months alone', months('--month')),
  )
}

/** Adds the flags of clock, zone and configuration file, without those of days and months. */
export function addClockFlags(command: Command): Command {
  return command
    .option('--now <time>', 'the time of the run, as 2024-03-10T02:00:00, with an offset or in the zone')
    .option(
      '--clock <clock>',
      'wall: times as their digits are written; instant: offsets count',
      oneOf('--clock', ['wall', 'instant']),
    )
    .option('--zone <zone>', "the users' time zone, as Europe/Paris")
    .option('--config <file>', 'options as a JSON object; flags win over it')
}

/** The checked options of a computation: flags override the file, which overrides `base`. */
export async function readOptions(flags: ComputationFlags, dacc: Dacc, base: Options = {}): Promise<Options> {
  const { from, to, month, now, clock, zone, consentSince } = flags
  if (from !== undefined && to !== undefined && to < from) {
    throw new UsageError(`--from: ${from} is after --to (${to}); the first day comes first`)
  }
  const given: Options = {}
  if (now !== undefined) given.now = now
  if (clock !== undefined) given.clock = clock
  // Offsets of the file are those of the file's zone.
  if (zone !== undefined) Object.assign(given, { zone, transitions: undefined })
  if (consentSince !== undefined) given.consent = [{ from: consentSince }]
  // The period is one thing: flags never mix with one half of the file's.
  if (from !== undefined || to !== undefined || month !== undefined) Object.assign(given, { from, to, months: month })
  // The flags by themselves first: what is refused then is theirs.
  checkFlags(given, dacc)
  if (flags.app !== undefined) given.app = await readApp(flags.app, dacc)
  const config = flags.config === undefined ? {} : await readConfig(flags.config, dacc)
  const options = { now: new Date().toISOString(), ...base, ...config, ...given }
  const refusal = optionsError(dacc, options)
  if (refusal !== undefined) throw new UsageError(`${flags.config ?? 'the options'}: ${refusal}`)
  return options
}

/** The rules of the indicators that these options compute, whatever app or catalog they name. */
export function rulesOf(dacc: Dacc, options: Options): readonly Rule[] {
  return dacc.explain('[]', options).rules
}

/** Adds the flag of an app that is not built in to a command. */
export function addAppFlag(command: Command): Command {
  return command.option('--app <file>', 'the description of an app that is not built in, for its events alone')
}

/** Refuses the flag of an app where a Cozy is read. */
export function refuseAppOfCozy({ app }: ComputationFlags): void {
  if (app === undefined) return
  throw new UsageError('--app: it goes with events alone; a Cozy is read for the built-in app so far')
}

function checkFlags(given: Options, dacc: Dacc): void {
  const refusal = optionsError(dacc, { now: '2024-03-10T02:00:00', ...given })
  if (refusal === undefined) return
  throw new UsageError(
    refusal.startsWith('zone: ') ? `--${refusal}; write an IANA name, as Europe/Paris` : `--${refusal}`,
  )
}
