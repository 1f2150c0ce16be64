// Tabs as the keyboard expects them: arrow keys go from one to the next.

import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'

export function Tabs<Name extends string>({
  label,
  names,
  chosen,
  show,
  onChoose,
}: {
  label: string
  names: readonly Name[]
  chosen: Name
  show: (name: Name) => ComponentChildren
  onChoose: (name: Name) => void
}) {
  const list = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent) => {
    const at = names.indexOf(chosen)
    const goals: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }
    const goal = goals[event.key]
    if (goal === undefined) return
    event.preventDefault()
    const to = (goal + names.length) % names.length
    const name = names[to]
    if (name !== undefined) onChoose(name)
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[to]?.focus()
  }
  return (
    <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
      {names.map((name) => (
        <button
          key={name}
          id={`tab-${name}`}
          type="button"
          role="tab"
          class="tab"
          aria-selected={name === chosen}
          aria-controls="tab-panel"
          tabIndex={name === chosen ? 0 : -1}
          onClick={() => onChoose(name)}
        >
          {show(name)}
        </button>
      ))}
    </div>
  )
}
