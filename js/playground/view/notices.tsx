// Counts of the diagnostics.

import type { DiagnosticCode } from '../../types/index.d.ts'
import { text } from '../state/settings.ts'
import { outcome } from '../state/state.ts'

export function Notices() {
  const { results, diagnostics } = text.value
  const found = Object.entries(outcome.value?.diagnostics ?? {}) as [DiagnosticCode, number][]
  if (found.length === 0) return <p class="empty">{results.noNotice}</p>
  const most = Math.max(...found.map(([, count]) => count))
  return (
    <ul class="notices">
      {found
        .sort(([, a], [, b]) => b - a)
        .map(([code, count]) => (
          <li key={code}>
            <span class="notice-count">{results.times(count)}</span>
            <span class="share-bar">
              <span style={{ width: `${(count / most) * 100}%` }} />
            </span>
            <span class="notice-text">
              {diagnostics[code]} <code>{code}</code>
            </span>
          </li>
        ))}
    </ul>
  )
}
