import type { Command } from 'commander'
import { check } from './commands/check.ts'
import { completion } from './commands/completion.ts'
import { definitions } from './commands/definitions.ts'
import { dev } from './commands/dev.ts'
import { merge, purge } from './commands/erasure.ts'
import { explain } from './commands/explain.ts'
import { generate } from './commands/generate.ts'
import { help } from './commands/help.ts'
import { manifest } from './commands/manifest.ts'
import { backup, exportHome, importHome, recover } from './commands/portability.ts'
import { preview } from './commands/preview.ts'
import { run } from './commands/run.ts'
import { open, seal } from './commands/seal.ts'
import { send } from './commands/send.ts'
import { settings } from './commands/settings.ts'
import { receipts, record, report, status } from './commands/telling.ts'

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
