// A text field for JSON; its value is used as soon as it is valid.

import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { parse, pretty } from '../state/json-text.ts'
import { text } from '../state/settings.ts'

/** After the last letter, before it counts. */
const PAUSE_MILLIS = 250

interface Draft {
  draft: string
  write: (draft: string) => void
  /** For whoever goes elsewhere: what was written counts now. */
  settle: () => void
}

/**
 * Calls `onSettle` with what was written once the writing pauses. What comes
 * from outside stands, unless it is only what was written here.
 */
export function useDraft(value: string, onSettle: (draft: string) => void): Draft {
  const [draft, setDraft] = useState(value)
  // What stands, and what was handed on since and has not come back.
  const own = useRef([pretty(value)])
  const waiting = useRef<string | undefined>(undefined)
  const timer = useRef(0)
  const forget = () => {
    clearTimeout(timer.current)
    waiting.current = undefined
  }
  const settle = () => {
    const written = waiting.current
    forget()
    if (written === undefined || 'wrong' in parse(written)) return
    own.current.push(pretty(written))
    onSettle(written)
  }
  const latest = useRef(settle)
  latest.current = settle
  useEffect(() => {
    const back = own.current.indexOf(pretty(value))
    own.current = back < 0 ? [pretty(value)] : own.current.slice(back)
    if (back >= 0) return
    forget()
    setDraft(value)
  }, [value])
  useEffect(() => forget, [])
  const write = (written: string) => {
    setDraft(written)
    forget()
    waiting.current = written
    timer.current = window.setTimeout(() => latest.current(), PAUSE_MILLIS)
  }
  return { draft, write, settle }
}

export function JsonField({ label, draft, write, settle, rows }: Draft & { label: string; rows: number }) {
  const id = useId()
  const says = text.value.inspector
  const parsed = parse(draft)
  const where = 'wrong' in parsed && parsed.wrong !== undefined ? says.at(parsed.wrong.line, parsed.wrong.column) : ''
  return (
    <div class="json">
      <label class="field-name" for={id}>
        {label}
      </label>
      <textarea
        id={id}
        class="code"
        rows={rows}
        spellcheck={false}
        value={draft}
        aria-invalid={'wrong' in parsed}
        aria-describedby={`${id}-wrong`}
        onInput={(event) => write(event.currentTarget.value)}
        onBlur={settle}
      />
      <p id={`${id}-wrong`} class="wrong" role="status">
        {'wrong' in parsed ? says.notJson(where) : ''}
      </p>
    </div>
  )
}
