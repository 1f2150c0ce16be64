// What may stand between documents: JSON knows four characters that mean
// nothing. Whatever else is there is a mistake, and somebody has to hear of it.

const BLANK = ' \t\r\n'

/** Where the text from `at` on is no longer blank. */
export function skipBlank(text: string, at = 0): number {
  while (at < text.length && BLANK.includes(text.charAt(at))) at += 1
  return at
}

/** A text without what is blank around it. */
export function trimmed(text: string): string {
  const begin = skipBlank(text)
  let end = text.length
  while (end > begin && BLANK.includes(text.charAt(end - 1))) end -= 1
  return text.slice(begin, end)
}
