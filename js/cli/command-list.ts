// The list of commands.

import type { Command } from 'commander'
import { backup } from './commands/backup.ts'
import { check } from './commands/check.ts'
import { completion } from './commands/completion.ts'
import { definitions } from './commands/definitions.ts'
import { dev } from './commands/dev.ts'
import { explain } from './commands/explain.ts'
import { exportHome } from './commands/export.ts'
import { generate } from './commands/generate.ts'
import { help } from './commands/help.ts'
import { importHome } from './commands/import.ts'
import { manifest } from './commands/manifest.ts'
import { merge } from './commands/merge.ts'
import { preview } from './commands/preview.ts'
import { purge } from './commands/purge.ts'
import { receipts } from './commands/receipts.ts'
import { record } from './commands/record.ts'
import { recover } from './commands/recover.ts'
import { report } from './commands/report.ts'
import { run } from './commands/run.ts'
import { open, seal } from './commands/seal.ts'
import { send } from './commands/send.ts'
import { settings } from './commands/settings.ts'
import { status } from './commands/status.ts'

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
