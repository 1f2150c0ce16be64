import type { Command } from 'commander'
import { definitions } from './definitions.ts'
import { dev } from './dev.ts'
import { generate } from './generate.ts'
import { preview } from './preview.ts'

/** Every command, in the order in which the help names them. */
export const commands: readonly ((dacc: Command) => void)[] = [
  preview,
  dev,
  generate,
  definitions,
]
