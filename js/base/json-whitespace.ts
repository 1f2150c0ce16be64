// Skips JSON's four whitespace characters between documents. JavaScript's `trim` accepts more, and would
// hide a mistake in the file.

const WHITESPACE = ' \t\r\n'

/** The position of the first character from `at` on that is no whitespace. */
export function skipWhitespace(text: string, at = 0): number {
  while (at < text.length && WHITESPACE.includes(text.charAt(at))) at += 1
  return at
}

/** The text without whitespace at both ends. */
export function trimWhitespace(text: string): string {
  const begin = skipWhitespace(text)
  let end = text.length
  while (end > begin && WHITESPACE.includes(text.charAt(end - 1))) end -= 1
  return text.slice(begin, end)
}
