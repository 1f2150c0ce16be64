import type { Command } from 'commander'
import { check } from './check.ts'
import { completion } from './completion.ts'
import { definitions } from './definitions.ts'
import { dev } from './dev.ts'
import { explain } from './explain.ts'
import { generate } from './generate.ts'
import { help } from './help.ts'
import { manifest } from './manifest.ts'
import { preview } from './preview.ts'
import { merge, purge } from './rights/erasure.ts'
import { backup, exportHome, importHome, recover } from './rights/portability.ts'
import { open, seal } from './rights/seal.ts'
import { settings } from './rights/settings.ts'
import { receipts, record, report, status } from './rights/telling.ts'
import { run } from './run.ts'
import { send } from './send.ts'

/** Every command, in the order in which the help names them. */
export const commands: readonly ((dacc: Command) => void)[] = [
  preview,
  explain,
  run,
  dev,
  check,
  send,
  generate,
  definitions,
  manifest,
  status,
  receipts,
  report,
  settings,
  exportHome,
  importHome,
  backup,
  recover,
  purge,
  merge,
  seal,
  open,
  record,
  completion,
  help,
]
