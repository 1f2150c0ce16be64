// Suggests what a person may have meant.

import { distance } from 'fastest-levenshtein'

const MAX_SUGGESTIONS = 3

/** A text is similar to another if at most every third letter differs. */
const FAR = 3

/** The known texts that are similar to `wanted`, the most similar first. */
export function suggestions(wanted: string, known: Iterable<string>): string[] {
  const found: { text: string; distance: number }[] = []
  for (const text of new Set(known)) {
    const isPart = text.startsWith(wanted) || wanted.startsWith(text)
    const far = isPart ? 1 : distance(wanted, text)
    if (far <= Math.max(1, wanted.length / FAR)) found.push({ text, distance: far })
  }
  return found
    .sort((one, other) => one.distance - other.distance || (one.text < other.text ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ text }) => text)
}

/** `; did you mean a, b or c?`, or an empty text. */
export function didYouMean(texts: readonly string[]): string {
  if (texts.length === 0) return ''
  const [last, ...others] = [...texts].reverse()
  return `; did you mean ${others.length === 0 ? '' : `${others.reverse().join(', ')} or `}${last}?`
}
