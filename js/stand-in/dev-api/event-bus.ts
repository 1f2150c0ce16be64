/** What happens in a local stack, for whoever listens. */

/** What the stream of events tells. */
export type DevEvent =
  | {
      readonly kind: 'request'
      readonly server: 'cozy' | 'dacc'
      readonly method: string
      readonly path: string
      readonly status: number | null
      readonly millis: number
      readonly at: string
    }
  | { readonly kind: 'change'; readonly doctypes: readonly string[] }
  | { readonly kind: 'measure'; readonly status: number; readonly measureName?: string; readonly sentence: string }
  | { readonly kind: 'neighbours'; readonly count: number; readonly measures: number }
  | { readonly kind: 'faults'; readonly faults: object }

/** Requests that somebody who begins to listen later is still told of. */
const MAX_REQUESTS = 200

type Listener = (event: DevEvent) => void

/** Tells events to its listeners. */
export class News {
  readonly #listeners = new Set<Listener>()
  #requests: DevEvent[] = []

  tell(event: DevEvent): void {
    if (event.kind === 'request') this.#requests = [...this.#requests.slice(1 - MAX_REQUESTS), event]
    for (const listener of this.#listeners) listener(event)
  }

  /** Tells the last requests at once, then everything that happens until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#requests.forEach(listener)
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
