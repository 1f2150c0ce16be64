// What lies open, kept for when the page is loaded again. It is somebody's life: it is kept as long
// as the tab is open, and not a moment longer.

import { effect } from '@preact/signals'
import type { Kept, Rules } from '../protocol/protocol.ts'
import { openLive, stack } from './local-stack.ts'
import { book, messageOf, open, rules } from './state.ts'
import { ask } from './worker-client.ts'

const KEY = 'dacc-playground-open'

/** Letters that are typed one after the other are kept together. */
const PAUSE_MILLIS = 300

interface Left {
  kept: Kept
  rules: Rules
}

let timer = 0
/** Changes that would be lost. */
let isAtRisk = false

function left(): Left | undefined {
  try {
    const stored = sessionStorage.getItem(KEY)
    return stored === null ? undefined : (JSON.parse(stored) as Left)
  } catch {
    return undefined
  }
}

/** Storage may be forbidden, or too small for the file. */
function store(value: string | undefined): boolean {
  try {
    if (value === undefined) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, value)
    return true
  } catch {
    return false
  }
}

async function keep(): Promise<void> {
  const now = book.value
  if (now === undefined) {
    store(undefined)
    isAtRisk = false
    return
  }
  const kept = await ask('keep', undefined)
  if (book.value?.generation !== now.generation) return
  // What the local Cozy holds is read there again.
  const isThere = kept.isLive && kept.edits.length === 0
  const isKept = store(JSON.stringify({ kept: isThere ? { ...kept, packed: '' } : kept, rules: rules.value }))
  if (!isKept) store(undefined)
  isAtRisk = !isKept && now.changes > 0
}

/** Opens what lay open when the page was left, and keeps from then on what lies open. */
export async function goOn(): Promise<void> {
  const before = left()
  if (before !== undefined) {
    const { kept, rules: by } = before
    if (kept.packed !== '') await open({ from: 'kept', kept, name: kept.name }, by)
    else if (stack.value !== undefined) await openLive(kept.name, by)
  }
  effect(() => {
    // Each of them is a reason to keep it anew.
    void [book.value, rules.value]
    clearTimeout(timer)
    timer = window.setTimeout(() => void keep().catch((error: unknown) => console.warn(messageOf(error))), PAUSE_MILLIS)
  })
  addEventListener('beforeunload', (event) => {
    if (isAtRisk) event.preventDefault()
  })
}
