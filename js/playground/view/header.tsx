// The header of the page, with its preferences.

import { LANGUAGES, type Language, language, THEMES, type Theme, text, theme } from '../state/settings.ts'
import { close, workspace } from '../state/state.ts'

const NAMES: Readonly<Record<Language, string>> = { en: 'English', fr: 'Français' }

export function Header() {
  const { title, page } = text.value
  const themes: Readonly<Record<Theme, string>> = { auto: page.auto, light: page.light, dark: page.dark }
  return (
    <header class="top">
      {/* biome-ignore lint/a11y/useValidAnchor: it leads to the content; with a home open, to the page without one */}
      <a
        class="brand"
        href="#content"
        onClick={(event) => {
          event.preventDefault()
          if (workspace.value !== undefined) close()
        }}
      >
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
          <path class="logo-roof" d="M5 15L16 5l11 10" />
          <rect x="8" y="17" width="4" height="9" rx="1.5" />
          <rect x="14" y="13" width="4" height="13" rx="1.5" />
          <rect x="20" y="19" width="4" height="7" rx="1.5" />
        </svg>
        <span class="brand-name">dacc-aggregator</span>
        <span class="brand-page">{title}</span>
      </a>
      <div class="preferences">
        <label class="quiet-select">
          <span class="unseen">{page.theme}</span>
          <select
            value={theme.value}
            onChange={(event) => {
              theme.value = event.currentTarget.value as Theme
            }}
          >
            {THEMES.map((name) => (
              <option key={name} value={name}>
                {themes[name]}
              </option>
            ))}
          </select>
        </label>
        <label class="quiet-select">
          <span class="unseen">{page.language}</span>
          <select
            value={language.value}
            onChange={(event) => {
              language.value = event.currentTarget.value as Language
            }}
          >
            {LANGUAGES.map((name) => (
              <option key={name} value={name} lang={name}>
                {NAMES[name]}
              </option>
            ))}
          </select>
        </label>
      </div>
    </header>
  )
}
