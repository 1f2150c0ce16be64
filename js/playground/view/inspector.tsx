// One event: what became of it and why, and the event itself, to be changed.

import { useEffect, useState } from 'preact/hooks'
import type { DiagnosticCode, Measure, Reason } from '../../types/index.d.ts'
import type { IndicatorOutcome } from '../protocol/protocol.ts'
import { focusOn } from '../state/focus.ts'
import { parse, pretty } from '../state/json-text.ts'
import { text } from '../state/settings.ts'
import {
  choose,
  chosenEvent,
  edit,
  eventOutcome,
  fail,
  indicator,
  measure,
  remove,
  revision,
  summaryFailure,
  tab,
  view,
} from '../state/state.ts'
import { ask } from '../state/worker-client.ts'
import { Icon } from './icons.tsx'
import { JsonField, useDraft } from './json-field.tsx'
import { Overview } from './overview.tsx'
import { titleOf, Value } from './value.tsx'

const TYPES = [
  'ConnectionEvent',
  'NavigationEvent',
  'KonnectorConnectEvent',
  'KonnectorRefreshEvent',
  'KonnectorAttemptEvent',
  'ConsumptionCompareEvent',
  'ConsumptionChangeTimeStepEvent',
  'ChallengeLaunchEvent',
  'ChallengeEndEvent',
  'DuelLaunchEvent',
  'DuelEndEvent',
  'QuizEndEvent',
  'ExplorationEndEvent',
  'ActionChangeEvent',
  'ActionEndEvent',
  'ProfileSetEvent',
  'ReportFromEvent',
]

const FIELDS = ['type', 'target', 'context', 'result', 'eventDate', 'startDate'] as const

/** A date with its milliseconds wants a whole line. */
const isLong = (name: string) => name.endsWith('Date')

function sentenceOf(reason: Reason): string {
  const { diagnostics, reasons } = text.value
  return reason in diagnostics ? diagnostics[reason as DiagnosticCode] : reasons[reason as keyof typeof reasons]
}

/** Between a phone and a wide screen the inspector is above the results, and stays in view over them. */
export const ONE_BESIDE = '(min-width: 1021px) and (max-width: 1499px)'

/** The results are wanted: what lies over them goes. */
export function closeInspectorOver(): void {
  if (matchMedia(ONE_BESIDE).matches) void choose(undefined)
}

function lookAt(found: Measure): void {
  closeInspectorOver()
  indicator.value = found.measureName
  measure.value = found
  tab.value = 'indicators'
  view.value = 'results'
  focusOn('.detail h3')
}

function Counted({ part }: { part: IndicatorOutcome }) {
  return (
    <li class="reading">
      <span class="reading-name">
        <Icon name="check" />
        {titleOf(part.measureName)}
      </span>
      {part.measures.map((measure) => (
        <button key={JSON.stringify(measure)} class="measure-link" type="button" onClick={() => lookAt(measure)}>
          <Value measure={measure} />
        </button>
      ))}
      {part.noticed.map((code) => (
        <span key={code} class="soft small">
          {sentenceOf(code)}
        </span>
      ))}
    </li>
  )
}

function LeftOut({ part }: { part: IndicatorOutcome }) {
  return (
    <li class="reading">
      <span class="reading-name">
        <Icon name="cross" />
        {titleOf(part.measureName)}
      </span>
      {part.reason !== undefined && <span class="small">{sentenceOf(part.reason)}</span>}
    </li>
  )
}

function StoryOf() {
  const says = text.value.verdict
  const outcome = eventOutcome.value
  if (outcome === undefined)
    return (
      <p class="soft" role="status">
        {summaryFailure.value === undefined ? says.looking : says.untold}
      </p>
    )
  const counted = outcome.parts.filter(({ measures }) => measures.length > 0)
  const leftOut = outcome.parts.filter(({ measures }) => measures.length === 0)
  const isCounted = outcome.verdict === 'counted'
  const isWhole = outcome.verdict !== 'counted' && outcome.verdict !== 'not-counted'
  return (
    <div class="story" role="status">
      <p class={`verdict-long ${isCounted ? 'good' : 'bad'}`}>
        <Icon name={isCounted ? 'check' : 'cross'} />
        {isCounted ? says.countedLong : says.notCountedLong}
      </p>
      {isWhole && <p class="because">{sentenceOf(outcome.verdict as DiagnosticCode)}</p>}
      {!isWhole && outcome.parts.length === 0 && <p class="because">{says.unread}</p>}
      {counted.length > 0 && (
        <>
          <h3>{says.into}</h3>
          <ul class="readings good">
            {counted.map((part) => (
              <Counted key={part.measureName} part={part} />
            ))}
          </ul>
        </>
      )}
      {leftOut.length > 0 && (
        <>
          <h3>{isCounted ? says.elsewhere : says.because}</h3>
          <ul class="readings">
            {leftOut.map((part) => (
              <LeftOut key={part.measureName} part={part} />
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

/** A field as a person types it; numbers are numbers. */
function typed(written: string): string | number | null {
  if (written === '') return null
  return /^-?\d+(\.\d+)?$/.test(written) ? Number(written) : written
}

function Editor({ index, document }: { index: number; document: string }) {
  const says = text.value.inspector
  const { draft, write, settle } = useDraft(document, (draft) => void edit(index, draft))
  const parsed = parse(draft)
  const fields =
    'value' in parsed && typeof parsed.value === 'object' && parsed.value !== null && !Array.isArray(parsed.value)
      ? (parsed.value as Record<string, unknown>)
      : undefined
  return (
    <>
      {fields !== undefined && (
        <fieldset class="fields">
          <legend class="unseen">{says.fields}</legend>
          {FIELDS.map((name) => {
            const value = fields[name]
            const shown =
              value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
            return (
              <label key={name} class={`field${isLong(name) ? ' long' : ''}`}>
                <span class="field-name code-name">{name}</span>
                <input
                  class="input"
                  name={name}
                  autocomplete="off"
                  spellcheck={false}
                  value={shown}
                  placeholder={says.absent}
                  list={name === 'type' ? 'event-types' : undefined}
                  onBlur={settle}
                  onInput={(event) => {
                    const written = event.currentTarget.value
                    const field = name === 'result' ? typed(written) : written === '' ? null : written
                    write(JSON.stringify({ ...fields, [name]: field }, null, 2))
                  }}
                />
              </label>
            )
          })}
          <datalist id="event-types">
            {TYPES.map((type) => (
              <option key={type} value={type} />
            ))}
          </datalist>
        </fieldset>
      )}
      <JsonField label={says.json} draft={draft} write={write} settle={settle} rows={12} />
    </>
  )
}

export function Inspector() {
  const says = text.value.inspector
  const index = chosenEvent.value
  const now = revision.value
  const [loaded, setLoaded] = useState<{ index: number; text: string } | undefined>(undefined)
  useEffect(() => {
    if (index === undefined) return
    void ask('text', { index })
      .then((text) => setLoaded({ index, text: pretty(text) }))
      .catch(fail('compute'))
  }, [index, now])
  if (index === undefined) return <Overview />
  return (
    // biome-ignore lint/a11y/noNoninteractiveElementInteractions: Escape anywhere within it closes it
    <section
      class="card inspector"
      aria-labelledby="inspector-title"
      data-view="events"
      onKeyDown={(event) => {
        if (event.key === 'Escape') void choose(undefined).then(() => focusOn('.lines'))
      }}
    >
      <div class="card-head">
        <h2 id="inspector-title" tabIndex={-1}>
          {says.title}
        </h2>
        <button class="button" type="button" onClick={() => void choose(undefined).then(() => focusOn('.lines'))}>
          {says.close}
        </button>
      </div>
      <StoryOf />
      {loaded?.index === index && (
        <>
          <Editor key={index} index={index} document={loaded.text} />
          <button class="link danger" type="button" onClick={() => void remove(index).then(() => focusOn('.lines'))}>
            {says.remove}
          </button>
        </>
      )}
    </section>
  )
}
