// The catalog, to be changed: one definition at a time, or the whole.

import { useState } from 'preact/hooks'
import type { Catalog, Indicator, WholeCatalog } from '../../types/index.d.ts'
import { focusOn } from '../state/focus.ts'
import { text } from '../state/settings.ts'
import { catalogOpen, failure, indicator, outcome, rules, setCatalog } from '../state/state.ts'
import { JsonField, useDraft } from './json-field.tsx'

/** In place of which definition: all of them. */
const WHOLE = -1

function Definition({ catalog, at }: { catalog: WholeCatalog; at: number }) {
  const says = text.value.catalog
  const definition = catalog.indicators[at]
  const draft = useDraft(JSON.stringify(definition ?? catalog, null, 2), (draft) => {
    const written: unknown = JSON.parse(draft)
    if (definition === undefined) void setCatalog(written as Catalog)
    else void setCatalog({ ...catalog, indicators: catalog.indicators.with(at, written as Indicator) })
  })
  const label = definition === undefined ? says.whole : says.definition(definition.name)
  const refused = refusalOfCatalog()
  return (
    <>
      <JsonField label={label} {...draft} rows={13} />
      {/* The core's own words, where the page's language has no others. */}
      <p class="wrong refusal" role="status">
        {refused !== undefined && says.refused(refused)}
      </p>
    </>
  )
}

/** How the core begins where it refuses a catalog. */
const REFUSED = /^(?:options: )?(?:the )?catalog\b/

/** Why the catalog was refused, if that is what went wrong last. */
export function refusalOfCatalog(): string | undefined {
  const { what, why = '' } = failure.value ?? {}
  return what === 'compute' && rules.value.catalog !== undefined && REFUSED.test(why)
    ? why.replace(/^options: |^catalog: /, '')
    : undefined
}

export function CatalogEditor() {
  const says = text.value.catalog
  const catalog = rules.value.catalog ?? outcome.value?.catalog
  // A catalog that was refused is still the one to mend.
  const indicators = Array.isArray(catalog?.indicators) ? catalog.indicators : []
  const wanted = indicator.value ?? 'navigation-count-daily'
  const [chosen, setChosen] = useState(() => indicators.findIndex(({ name }) => name === wanted))
  if (catalog === undefined) return null
  return (
    <section class="card catalog" aria-labelledby="catalog-title">
      <div class="card-head">
        <h2 id="catalog-title">{says.title}</h2>
        <button
          class="button"
          type="button"
          onClick={() => {
            catalogOpen.value = false
            focusOn('.rules .button')
          }}
        >
          {says.close}
        </button>
      </div>
      <p class="soft">{says.about}</p>
      <div class="row">
        <label class="field">
          <span class="field-name">{says.choose}</span>
          <select class="input" value={chosen} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
            <option value={WHOLE}>{says.whole}</option>
            {indicators.map(({ name }, at) => (
              <option key={at} value={at}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {rules.value.catalog !== undefined && (
          <button class="button" type="button" onClick={() => void setCatalog(undefined)}>
            {says.restore}
          </button>
        )}
      </div>
      <Definition key={chosen} catalog={{ ...catalog, indicators }} at={chosen} />
    </section>
  )
}
