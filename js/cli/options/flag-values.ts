// Parses the values of flags.

import { isDay } from '../../generate/calendar.ts'
import { UsageError } from '../terminal/errors.ts'

/** A day of the calendar, `YYYY-MM-DD`. */
export function day(flag: string): (text: string) => string {
  return (text) => {
    if (isDay(text)) return text
    throw new UsageError(`${flag}: "${text}" is not a day; write YYYY-MM-DD, a day of the calendar`)
  }
}

/** A month, `YYYY-MM`, added to those before it. */
export function months(flag: string): (text: string, before?: string[]) => string[] {
  return (text, before = []) => {
    if (isDay(`${text}-01`)) return [...before, text]
    throw new UsageError(`${flag}: "${text}" is not a month; write YYYY-MM, as 2024-03`)
  }
}

/** A whole number between two, both included. */
export function wholeNumber(flag: string, [least, most]: readonly [number, number]): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= least && number <= most) return number
    throw new UsageError(`${flag}: "${text}" is not a whole number from ${least} to ${most}`)
  }
}

/** One of a few words, which a shell can complete. */
export function oneOf<Word extends string>(
  flag: string,
  words: readonly Word[],
): ((text: string) => Word) & { words: readonly Word[] } {
  const read = (text: string) => {
    const word = words.find((each) => each === text)
    if (word !== undefined) return word
    const others = words.slice(0, -1).join(', ')
    throw new UsageError(
      `${flag}: "${text}" is not known; write ${others === '' ? '' : `${others} or `}${words.at(-1)}`,
    )
  }
  return Object.assign(read, { words })
}
