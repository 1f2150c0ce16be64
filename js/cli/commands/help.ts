// `dacc help`: prints the help of a command.

import type { Command } from 'commander'
import { UsageError } from '../terminal/errors.ts'
import { didYouMean, suggestions } from '../terminal/suggestion.ts'

/** Adds `dacc help` to the program. */
export function help(dacc: Command): void {
  dacc
    .command('help')
    .summary('print the help of dacc, or of a command')
    .description('Prints the help of dacc, or of one of its commands, as --help does.')
    .argument('[command]', 'the command')
    .addHelpText(
      'after',
      `
Example:
  dacc help preview`,
    )
    .action((name: string | undefined) => {
      const { commands } = dacc
      const wanted = name === undefined ? dacc : commands.find((each) => each.name() === name)
      if (wanted === undefined) {
        throw new UsageError(
          `help: there is no command "${name}"${
            didYouMean(
              suggestions(
                name ?? '',
                commands.map((each) => each.name()),
              ),
            ) || '; dacc --help names them'
          }`,
        )
      }
      wanted.outputHelp()
    })
}
