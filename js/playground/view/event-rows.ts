// Loads the visible rows of the list of events from the worker.

import { useEffect, useRef, useState } from 'preact/hooks'
import type { EventRow, RowQuery } from '../protocol/protocol.ts'
import { fail, revision } from '../state/state.ts'
import { ask } from '../state/worker-client.ts'

/** Lines asked for at once. */
const PAGE = 100

export interface LoadedRows {
  total: number
  /** Whether an answer came at all. */
  isKnown: boolean
  at(position: number): EventRow | undefined
}

/** The lines from `first` to `last` of what fits a query. */
export function useRows(query: Omit<RowQuery, 'start' | 'count'>, first: number, last: number): LoadedRows {
  const now = revision.value
  const key = JSON.stringify(query)
  const [found, setFound] = useState<{ total: number; pages: Map<number, EventRow[]> } | undefined>(undefined)
  const fresh = useRef<{ key: string; revision: number; pages: Map<number, EventRow[]> }>({
    key: '',
    revision: -1,
    pages: new Map(),
  })

  const firstPage = Math.floor(first / PAGE)
  const lastPage = Math.floor(Math.max(first, last) / PAGE)
  useEffect(() => {
    if (now === 0) return
    if (fresh.current.key !== key || fresh.current.revision !== now)
      fresh.current = { key, revision: now, pages: new Map() }
    const mine = fresh.current
    for (let page = firstPage; page <= lastPage; page += 1) {
      if (mine.pages.has(page)) continue
      mine.pages.set(page, [])
      void ask('rows', { ...query, start: page * PAGE, count: PAGE })
        .then(({ total, rows }) => {
          if (fresh.current !== mine) return
          mine.pages.set(page, rows)
          setFound({ total, pages: new Map(mine.pages) })
        })
        .catch(fail('compute'))
    }
  }, [key, now, firstPage, lastPage])

  return {
    total: found?.total ?? 0,
    isKnown: found !== undefined,
    at: (position) => found?.pages.get(Math.floor(position / PAGE))?.[position % PAGE],
  }
}
