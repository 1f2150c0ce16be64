// Publishes what happens in a local stack, for the page.

/** An event of the stream `/dev/events`. */
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

/** How many past requests a new subscriber gets. */
const MAX_REPLAYED_REQUESTS = 200

type Listener = (event: DevEvent) => void

/** Passes events to subscribers. */
export class EventBus {
  readonly #listeners = new Set<Listener>()
  #requests: DevEvent[] = []

  publish(event: DevEvent): void {
    if (event.kind === 'request') this.#requests = [...this.#requests.slice(1 - MAX_REPLAYED_REQUESTS), event]
    for (const listener of this.#listeners) listener(event)
  }

  /** Passes the last requests at once, then every event until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.#requests.forEach(listener)
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
