// Moves the keyboard focus when the focused part of the page disappears.

/** Moves the focus after the page has been updated. */
export function focusOn(selector: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus())
}
