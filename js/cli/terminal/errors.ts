// The errors of the command line, their exit codes and messages.

import { CommanderError } from 'commander'
import { hasWasm, NO_WASM } from '../../service/address-space.ts'

/** An error that the caller can correct; the message is one sentence. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** The command worked and the answer is no: a fault was found, or something was not found or not sent. */
export class NegativeAnswer extends Error {
  override name = 'NegativeAnswer'
}

/** A server could not be reached, or refused access. */
export class ServerError extends Error {
  override name = 'ServerError'
}

/** Ctrl-C was pressed, and the work has stopped. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

/** The exit codes, as `dacc --help` and docs/cli.md list them. */
export const EXIT = { done: 0, unexpected: 1, badUsage: 2, no: 3, server: 4, interrupted: 130 } as const

/** Prints one line about an error to stderr; returns the exit code. */
export function reportError(error: unknown): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done
  const [code] = classify(error)
  process.stderr.write(`dacc: ${sentenceOf(error)}\n`)
  return code
}

/** The message for a person. */
export function sentenceOf(error: unknown): string {
  return printable(classify(error)[1])
}

function classify(error: unknown): [number, string] {
  if (error instanceof UsageError) return [EXIT.badUsage, error.message]
  if (error instanceof NegativeAnswer) return [EXIT.no, error.message]
  if (error instanceof ServerError) return [EXIT.server, error.message]
  if (error instanceof Interrupted) return [EXIT.interrupted, `interrupted; ${error.message}`]
  if (error instanceof CommanderError) return [EXIT.badUsage, ofCommander(error)]
  if (!hasWasm()) return [EXIT.badUsage, NO_WASM]
  const what = error instanceof Error ? `${error.name}: ${error.message}` : 'no error was given'
  return [EXIT.unexpected, `something unexpected happened (${what}); this is a defect of dacc, not of its input`]
}

function ofCommander(error: CommanderError): string {
  if (error.code === 'commander.help') return 'a command is needed; dacc --help names them'
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[.\s]+$/, '')
  const command = process.argv[2]
  const isKnown = error.code !== 'commander.unknownCommand' && command !== undefined && !command.startsWith('-')
  return `${message}; see dacc ${isKnown ? `${command} ` : ''}--help`
}

/** Makes any text safe for a terminal: one line, without control and direction characters. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, '\ufffd')
}

/**
 * Whether an error is the module's own answer to what it was given: a message
 * for a person, as opposed to a trap, or to a bug here.
 */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.name === 'Error'
}
