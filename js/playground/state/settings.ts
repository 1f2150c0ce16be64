// The preferences of a person, kept between visits.

import { computed, effect, signal } from '@preact/signals'
import { en, type Text } from '../text/en.ts'
import { fr } from '../text/fr.ts'

export const LANGUAGES = ['en', 'fr'] as const
export type Language = (typeof LANGUAGES)[number]

export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const TEXTS: Readonly<Record<Language, Text>> = { en, fr }

/** Storage may be forbidden; then nothing is kept. */
function kept<Value extends string>(key: string, values: readonly Value[], otherwise: Value): Value {
  try {
    const value = localStorage.getItem(`dacc-playground-${key}`)
    return values.find((known) => known === value) ?? otherwise
  } catch {
    return otherwise
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(`dacc-playground-${key}`, value)
  } catch {
    // It is asked again at the next visit.
  }
}

export const language = signal<Language>(kept('language', LANGUAGES, navigator.language.startsWith('fr') ? 'fr' : 'en'))
export const theme = signal<Theme>(kept('theme', THEMES, 'auto'))

/** Everything the page says, in the language chosen. */
export const text = computed<Text>(() => TEXTS[language.value])

effect(() => {
  document.documentElement.lang = language.value
  document.title = `${text.value.title} · dacc-aggregator`
  keep('language', language.value)
})

effect(() => {
  document.documentElement.dataset['theme'] = theme.value
  keep('theme', theme.value)
})

/** Days before months also in English: the app is European. */
const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', fr: 'fr-FR' }
const locale = computed(() => LOCALES[language.value])

const NUMBERS = computed(() => new Intl.NumberFormat(locale.value, { maximumFractionDigits: 2 }))
const DAYS = computed(
  () =>
    new Intl.DateTimeFormat(locale.value, {
      timeZone: 'UTC',
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      year: 'numeric',
    }),
)
const SHORT_DAYS = computed(
  () => new Intl.DateTimeFormat(locale.value, { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' }),
)
const MONTHS = computed(
  () => new Intl.DateTimeFormat(locale.value, { timeZone: 'UTC', month: 'long', year: 'numeric' }),
)

export const showNumber = (value: number) => NUMBERS.value.format(value)
export const showDay = (day: string) => DAYS.value.format(Date.parse(`${day}T00:00:00Z`))
export const showShortDay = (day: string) => SHORT_DAYS.value.format(Date.parse(`${day}T00:00:00Z`))
export const showMonth = (month: string) => MONTHS.value.format(Date.parse(`${month.slice(0, 7)}-01T00:00:00Z`))

/** Seconds as a person says them; the payload has the number. */
export function showDuration(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const
  const names =
    language.value === 'fr' ? { d: 'j', h: 'h', min: 'min', s: 's' } : { d: 'd', h: 'h', min: 'min', s: 's' }
  const first = units.findIndex(([length]) => seconds >= length)
  if (first === -1) return `${showNumber(seconds)} ${names.s}`
  let rest = Math.round(seconds)
  const parts: string[] = []
  for (const [length, unit] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / length)
    rest -= count * length
    if (count > 0) parts.push(`${showNumber(count)} ${names[unit]}`)
  }
  return parts.join(' ')
}
