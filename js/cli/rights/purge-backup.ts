// The file to which `purge` and `merge` write what they delete, and the flags about it.

import { UsageError } from '../terminal/errors.ts'
import type { HomeFlags, RightsCommand } from './command.ts'

export interface PurgeFlags extends HomeFlags {
  before?: string
  state?: boolean
  undated?: boolean
  dryRun?: boolean
  backup?: string | false
  json?: boolean
}

export const BACKUP = 'where what is deleted is written first (default: dacc-backup-DAY.json in this folder)'

export const LINKS = 'also where a home file has other names (hard links), which keep what it was'

/** The backup file. Without a name from the person it gets one that no file has. */
export class Backup {
  name: string
  readonly isNamed: boolean
  readonly #day: string
  #count = 1

  private constructor(name: string | undefined, day: string) {
    this.#day = day
    this.isNamed = name !== undefined
    this.name = name ?? `dacc-backup-${day}.json`
  }

  /** Creates it from the flags; undefined if no backup is wanted. */
  static of({ backup, now }: PurgeFlags): Backup | undefined {
    if (backup === false) return undefined
    if (backup === '-') throw new UsageError('--backup: a file is needed, which can be read again')
    return new Backup(backup, (now ?? new Date().toISOString()).slice(0, 10))
  }

  /** The next name for the same day. */
  another(): string {
    this.#count += 1
    this.name = `dacc-backup-${this.#day}-${this.#count}.json`
    return this.name
  }
}

export function filesOf(backup: Backup | undefined): Pick<RightsCommand, 'files' | 'another'> {
  if (backup === undefined) return {}
  const files = { backup: backup.name }
  return backup.isNamed ? { files } : { files, another: { backup: () => backup.another() } }
}
