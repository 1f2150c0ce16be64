import { classifyAnswer, classifyNoAnswer, type Delivery } from '../../../pkg/wasm/dacc_aggregator.js'
import type { HttpResponse, NoResponse } from '../../hosts/http-client.ts'

/** What became of a measure that was sent by hand: one that did not arrive stops all others, whatever the cause. */
export type Told = Exclude<Delivery['outcome'], 'not-yet' | 'not-now'> | 'not-sent'

/** What the module says of an outcome, and why: the server's own sentence where it has one, or what only this host saw. */
export function deliveryOf(outcome: HttpResponse | NoResponse): { told: Told; reason: string } {
  const delivery =
    'status' in outcome
      ? classifyAnswer(outcome.status, outcome.contentType, outcome.body)
      : classifyNoAnswer(outcome.written, outcome.why)
  const own = 'status' in outcome ? undefined : outcome.sentence
  const { outcome: known, said } = delivery
  const told = known === 'not-yet' || known === 'not-now' ? 'not-sent' : known
  return { told, reason: own ?? (told === 'refused' || told === 'held' ? said : undefined) ?? delivery.reason }
}
