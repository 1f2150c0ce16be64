// Who goes on by keyboard after a part of the page has gone away.

/** Moves the focus once what was just decided is on the page. */
export function focusOn(selector: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus())
}
