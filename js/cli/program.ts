// Creates the program `dacc` with its commands.

import { Command } from 'commander'
import { commands } from './command-list.ts'
import { version } from './version.ts'

/** What precedes every command: its name, what all commands share. */
export function program(): Command {
  const dacc = new Command('dacc')
    .description('Anonymous usage measures, computed from a home file on this machine.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText(
      'after',
      `
Example:
  dacc preview home.json

Exit codes:
  0    done
  1    something unexpected happened: a defect of dacc
  2    bad usage, or an input that cannot be read
  3    the answer is no: a fault, nothing found, or something that was not sent
  4    a server could not be reached, or did not let us in
  130  interrupted by Ctrl-C`,
    )
    // main.ts reports errors; the library would print and exit by itself.
    .exitOverride()
    .configureOutput({ outputError: () => {}, writeErr: () => {} })
  for (const define of commands) define(dacc)
  return dacc
}
