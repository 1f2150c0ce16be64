// The controls of the rules: consent, clock, zone, now, catalog.

import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ConsentRule, Rules } from '../protocol/protocol.ts'
import { text } from '../state/settings.ts'
import {
  catalogOpen,
  failure,
  outcome,
  resetRules,
  rules,
  rulesAreDefault,
  setRules,
  workspace,
} from '../state/state.ts'

const ZONES: string[] = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : []

function Field({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
    <label class="field">
      <span class="field-name">{label}</span>
      {children}
    </label>
  )
}

/** Buttons of which one is pressed. */
function Choice<Value extends string>({
  label,
  about,
  value,
  options,
  onChoose,
}: {
  label: string
  about: string
  value: Value
  options: readonly [Value, string][]
  onChoose: (value: Value) => void
}) {
  return (
    <div class="field choice" role="radiogroup" aria-label={label} aria-description={about} title={about}>
      <span class="field-name" aria-hidden="true">
        {label}
      </span>
      <span class="segments">
        {options.map(([option, name]) => (
          <label key={option} class="segment">
            <input
              type="radio"
              name={label}
              value={option}
              checked={option === value}
              onChange={() => onChoose(option)}
            />
            <span>{name}</span>
          </label>
        ))}
      </span>
    </div>
  )
}

/** A text that counts once it is whole: at Enter, or when it is left. */
function Settled({
  value,
  onSettle,
  ...others
}: {
  value: string
  onSettle: (value: string) => void
  id?: string
  list?: string
  placeholder?: string
  'aria-invalid'?: boolean
  'aria-describedby'?: string | undefined
}) {
  const [draft, setDraft] = useState(value)
  useEffect(() => setDraft(value), [value])
  const settle = () => {
    if (draft !== value) onSettle(draft)
  }
  return (
    <input
      {...others}
      class="input"
      type="text"
      autocomplete="off"
      spellcheck={false}
      value={draft}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onChange={settle}
      onKeyDown={(event) => {
        if (event.key === 'Enter') settle()
      }}
    />
  )
}

/** What the core says of an option, which begins with the option's name. */
function wrongWith(option: 'now' | 'zone'): string | undefined {
  return failure.value?.what === 'compute' && failure.value.why.startsWith(`${option}:`) ? failure.value.why : undefined
}

/** How the field of an option refers to what is wrong with it. */
function reference(option: 'now' | 'zone') {
  const isWrong = wrongWith(option) !== undefined
  return { id: option, 'aria-invalid': isWrong, 'aria-describedby': isWrong ? `${option}-wrong` : undefined }
}

function Wrong({ option }: { option: 'now' | 'zone' }) {
  const wrong = wrongWith(option)
  return wrong === undefined ? null : (
    <p id={`${option}-wrong`} class="wrong">
      {wrong}
    </p>
  )
}

function Zone() {
  return (
    <div class="field">
      <label class="field-name" for="zone">
        {text.value.rules.zone}
      </label>
      <Settled
        {...reference('zone')}
        list="zones"
        value={rules.value.zone}
        onSettle={(value) => void setRules({ zone: value.trim() })}
      />
      <datalist id="zones">
        {ZONES.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Wrong option="zone" />
    </div>
  )
}

function Now() {
  const { rules: says } = text.value
  const [real, setReal] = useState(false)
  const now = rules.value.now
  const mode = now === '' ? 'auto' : real ? 'real' : 'given'
  return (
    <div class="field">
      <label class="field-name" for="now">
        {says.now}
      </label>
      <span class="joined">
        <Settled
          {...reference('now')}
          value={now === '' ? (outcome.value?.now ?? '') : now}
          onSettle={(value) => {
            setReal(false)
            void setRules({ now: value.trim() })
          }}
        />
        <select
          aria-label={`${says.now}: ${says.nowAuto}, ${says.nowReal}`}
          value={mode}
          onChange={(event) => {
            const wanted = event.currentTarget.value
            if (wanted === 'given') return
            setReal(wanted === 'real')
            void setRules({ now: wanted === 'real' ? new Date().toISOString() : '' })
          }}
        >
          <option value="auto">{says.nowAuto}</option>
          <option value="real">{says.nowReal}</option>
          {mode === 'given' && <option value="given">{says.nowGiven}</option>}
        </select>
      </span>
      <Wrong option="now" />
    </div>
  )
}

export function RuleBar() {
  const { rules: says } = text.value
  const { consent, consentFrom, consentTo, clock, catalog } = rules.value
  const consents: [ConsentRule, string][] = [
    ['terms', says.terms],
    ['always', says.always],
    ['never', says.never],
    ['days', says.days],
  ]
  const offered = consents.filter(([rule]) => rule !== 'terms' || workspace.value?.kind === 'home')
  const clocks: [Rules['clock'], string][] = [
    ['wall', says.wall],
    ['instant', says.instant],
  ]
  return (
    <section class="rules card" aria-labelledby="rules-title" data-view="rules">
      <h2 id="rules-title" class="unseen">
        {says.title}
      </h2>
      <Field label={says.consent}>
        <select
          class="input"
          value={consent}
          onChange={(event) => void setRules({ consent: event.currentTarget.value as ConsentRule })}
        >
          {offered.map(([rule, name]) => (
            <option key={rule} value={rule}>
              {name}
            </option>
          ))}
        </select>
      </Field>
      {consent === 'days' && (
        <>
          <Field label={says.from}>
            <input
              class="input"
              type="date"
              value={consentFrom}
              onChange={(event) => void setRules({ consentFrom: event.currentTarget.value })}
            />
          </Field>
          <Field label={says.to}>
            <input
              class="input"
              type="date"
              value={consentTo}
              onChange={(event) => void setRules({ consentTo: event.currentTarget.value })}
            />
          </Field>
        </>
      )}
      <Choice
        label={says.clock}
        about={says.clockAbout}
        value={clock}
        options={clocks}
        onChoose={(chosen) => void setRules({ clock: chosen })}
      />
      <Zone />
      <Now />
      <div class="field">
        <span class="field-name">{says.catalog}</span>
        <button
          class="button"
          type="button"
          aria-expanded={catalogOpen.value}
          onClick={() => {
            catalogOpen.value = !catalogOpen.value
          }}
        >
          {says.editCatalog}
          <span class="tag">{catalog === undefined ? says.builtIn : says.edited}</span>
        </button>
      </div>
      {!rulesAreDefault.value && (
        <button class="link" type="button" onClick={() => void resetRules()}>
          {says.reset}
        </button>
      )}
    </section>
  )
}
