// The measures as they leave the home, byte for byte.

import { useState } from 'preact/hooks'
import type { Measure } from '../../types/index.d.ts'
import { text } from '../state/settings.ts'
import { shownMeasures } from '../state/state.ts'

const SOME = 100

export function Payload({ measure }: { measure: Measure }) {
  const says = text.value.results
  const [copied, setCopied] = useState(false)
  const payload = JSON.stringify(measure)
  return (
    <div class="payload">
      <code>{payload}</code>
      <button
        class="button small-button"
        type="button"
        aria-live="polite"
        onClick={() => void navigator.clipboard.writeText(payload).then(() => setCopied(true))}
      >
        {copied ? says.copied : says.copy}
      </button>
    </div>
  )
}

export function Payloads() {
  const says = text.value.results
  const [count, setCount] = useState(SOME)
  const measures = shownMeasures.value
  if (measures.length === 0) return <p class="empty">{says.nothing}</p>
  return (
    <>
      <p class="soft small">{says.payloadAbout}</p>
      <ol class="payloads">
        {measures.slice(0, count).map((measure) => {
          const payload = JSON.stringify(measure)
          return (
            <li key={payload}>
              <code>{payload}</code>
            </li>
          )
        })}
      </ol>
      {measures.length > count && (
        <button class="button" type="button" onClick={() => setCount(count + SOME)}>
          {says.showMore(Math.min(SOME, measures.length - count))}
        </button>
      )}
    </>
  )
}
