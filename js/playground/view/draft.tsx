// A piece of JSON that is written by hand, and counts as soon as it is JSON.

import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { parse, pretty } from '../json.ts'
import { text } from '../settings.ts'

/** After the last letter, before it counts. */
const PAUSE_MILLIS = 250

/**
 * Calls `onSettle` with what was written once the writing pauses. What comes
 * from outside stands, unless it is only what was written here.
 */
export function useDraft(value: string, onSettle: (draft: string) => void): [string, (draft: string) => void] {
  const [draft, setDraft] = useState(value)
  const settled = useRef(value)
  const timer = useRef(0)
  const settle = useRef(onSettle)
  settle.current = onSettle
  useEffect(() => {
    // Written otherwise, and yet the same: the writing goes on undisturbed.
    if (pretty(value) === pretty(settled.current)) return
    settled.current = value
    setDraft(value)
  }, [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  const write = (written: string) => {
    setDraft(written)
    clearTimeout(timer.current)
    timer.current = window.setTimeout(() => {
      if ('wrong' in parse(written)) return
      settled.current = written
      settle.current(written)
    }, PAUSE_MILLIS)
  }
  return [draft, write]
}

export function JsonField({ label, draft, write, rows }: {
  label: string
  draft: string
  write: (draft: string) => void
  rows: number
}) {
  const id = useId()
  const says = text.value.inspector
  const parsed = parse(draft)
  const where = 'wrong' in parsed && parsed.wrong !== undefined ? says.at(parsed.wrong.line, parsed.wrong.column) : ''
  return (
    <div class="json">
      <label class="field-name" for={id}>{label}</label>
      <textarea id={id} class="code" rows={rows} spellcheck={false} value={draft}
        aria-invalid={'wrong' in parsed} aria-describedby={`${id}-wrong`}
        onInput={(event) => write(event.currentTarget.value)} />
      <p id={`${id}-wrong`} class="wrong" role="status">{'wrong' in parsed ? says.notJson(where) : ''}</p>
    </div>
  )
}
