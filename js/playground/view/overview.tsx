// An overview of all events: how many are counted, and why the others are not.

import type { NotCountedReason } from '../protocol/protocol.ts'
import { showNumber, text } from '../state/settings.ts'
import { eventFilter, eventSummary } from '../state/state.ts'
import { isHarmless } from './event-list.tsx'
import { Icon } from './icons.tsx'

export function Overview() {
  const { glance: says, short, inspector } = text.value
  const { counted = 0, notCounted = {} } = eventSummary.value ?? {}
  const reasons = (Object.entries(notCounted) as [NotCountedReason, number][]).sort(([, a], [, b]) => b - a)
  const all = counted + reasons.reduce((sum, [, count]) => sum + count, 0)
  const most = Math.max(1, ...reasons.map(([, count]) => count))
  return (
    <section class="card inspector glance" aria-labelledby="glance-title" data-view="events">
      <h2 id="glance-title">{says.title}</h2>
      {all > 0 && (
        <>
          <p class="glance-figure">
            <span class="headline">{showNumber(counted)}</span> <span class="soft">{says.counted(all)}</span>
          </p>
          <div class="glance-bar" aria-hidden="true">
            <span style={{ width: `${(counted / all) * 100}%` }} />
          </div>
        </>
      )}
      {reasons.length > 0 && (
        <>
          <h3>{says.why}</h3>
          <ul class="whys">
            {reasons.map(([why, count]) => (
              <li key={why}>
                <button
                  type="button"
                  class={`why ${isHarmless(why) ? 'mute' : 'bad'}`}
                  aria-pressed={eventFilter.value === why}
                  onClick={() => {
                    eventFilter.value = eventFilter.value === why ? 'all' : why
                  }}
                >
                  <Icon name={isHarmless(why) ? 'dash' : 'cross'} />
                  <span class="why-name">{short[why]}</span>
                  <span class="share-bar">
                    <span style={{ width: `${(count / most) * 100}%` }} />
                  </span>
                  <span class="why-count">{showNumber(count)}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      <p class="soft small">{inspector.empty}</p>
    </section>
  )
}
