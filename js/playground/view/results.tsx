// What would leave the home, seen from several sides.

import { showDay, showNumber, text } from '../state/settings.ts'
import { changes, day, outcome, shownMeasures, summaryFailure, TABS, type Tab, tab } from '../state/state.ts'
import { Indicators } from './indicators.tsx'
import { Notices } from './notices.tsx'
import { Payloads } from './payloads.tsx'
import { Server } from './server.tsx'
import { Tabs } from './tabs.tsx'

const PANELS: Readonly<Record<Tab, () => preact.JSX.Element | null>> = {
  indicators: Indicators,
  payloads: Payloads,
  notices: Notices,
  server: Server,
}

export function Results() {
  const says = text.value.results
  if (outcome.value === undefined) {
    return (
      <section
        class="card results"
        data-view="results"
        aria-busy={summaryFailure.value === undefined}
        aria-label={says.title}
      >
        {summaryFailure.value !== undefined && <p class="empty">{text.value.verdict.untold}</p>}
      </section>
    )
  }
  const notices = Object.values(outcome.value.diagnostics).reduce((sum, count) => sum + count, 0)
  const counts: Readonly<Record<Tab, number | undefined>> = {
    indicators: undefined,
    payloads: shownMeasures.value.length,
    notices,
    server: undefined,
  }
  const Panel = PANELS[tab.value]
  return (
    <section class="card results" aria-labelledby="results-title" data-view="results">
      <div class="card-head">
        <h2 id="results-title">{says.title}</h2>
        <p class="soft small">
          {day.value !== undefined && `${says.onDay(showDay(day.value))} · `}
          {says.measures(shownMeasures.value.length)}
        </p>
      </div>
      <Tabs
        label={says.title}
        names={TABS}
        chosen={tab.value}
        onChoose={(name) => {
          tab.value = name
        }}
        show={(name) => (
          <>
            {says[name]}
            {counts[name] !== undefined && <span class="count">{showNumber(counts[name])}</span>}
            {name === 'indicators' && (changes.value?.length ?? 0) > 0 && <span class="news" aria-hidden="true" />}
          </>
        )}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the ARIA pattern of tabs has the panel in the tab order */}
      <div id="tab-panel" class="panel" role="tabpanel" aria-labelledby={`tab-${tab.value}`} tabIndex={0}>
        <Panel />
      </div>
    </section>
  )
}
