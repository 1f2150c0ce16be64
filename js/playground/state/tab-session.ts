// Saves the workspace for a reload of the page. It is private data, so it is kept only as long as the tab
// is open.

import { effect } from '@preact/signals'
import type { Rules, SavedWorkspace } from '../protocol/protocol.ts'
import { openLive, stack } from './local-stack.ts'
import { messageOf, open, rules, workspace } from './state.ts'
import { ask } from './worker-client.ts'

const KEY = 'dacc-playground-open'

/** Waits for a pause in typing before it saves. */
const PAUSE_MILLIS = 300

interface TabSession {
  kept: SavedWorkspace
  rules: Rules
}

let timer = 0
/** Whether changes would be lost on a reload. */
let isAtRisk = false

function savedSession(): TabSession | undefined {
  try {
    const stored = sessionStorage.getItem(KEY)
    return stored === null ? undefined : (JSON.parse(stored) as TabSession)
  } catch {
    return undefined
  }
}

/** Stores a value; false if storage is forbidden or too small. */
function store(value: string | undefined): boolean {
  try {
    if (value === undefined) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, value)
    return true
  } catch {
    return false
  }
}

async function saveSession(): Promise<void> {
  const now = workspace.value
  if (now === undefined) {
    store(undefined)
    isAtRisk = false
    return
  }
  const kept = await ask('keep', undefined)
  if (workspace.value?.generation !== now.generation) return
  // An unchanged home of the local Cozy is read there again.
  const isThere = kept.isLive && kept.edits.length === 0
  const isKept = store(JSON.stringify({ kept: isThere ? { ...kept, packed: '' } : kept, rules: rules.value }))
  if (!isKept) store(undefined)
  isAtRisk = !isKept && now.changes > 0
}

/** Opens the workspace of before the reload, and saves it from then on. */
export async function restoreSession(): Promise<void> {
  const before = savedSession()
  if (before !== undefined) {
    const { kept, rules: by } = before
    if (kept.packed !== '') await open({ from: 'kept', kept, name: kept.name }, by)
    else if (stack.value !== undefined) await openLive(kept.name, by)
  }
  effect(() => {
    // Subscribes to both: each change saves again.
    void [workspace.value, rules.value]
    clearTimeout(timer)
    timer = window.setTimeout(
      () => void saveSession().catch((error: unknown) => console.warn(messageOf(error))),
      PAUSE_MILLIS,
    )
  })
  addEventListener('beforeunload', (event) => {
    if (isAtRisk) event.preventDefault()
  })
}
